/** Tells whether `element` is on the screen, in a tab that is shown; the returned function ends it. */
export function watchVisibility(element: Element, onChange: (visible: boolean) => void): () => void {
  let intersects = typeof IntersectionObserver === "undefined";
  let told: boolean | undefined;
  const tell = (): void => {
    const visible = intersects && !document.hidden;
    if (visible !== told) {
      told = visible;
      onChange(visible);
    }
  };
  const observer = intersects
    ? undefined
    : new IntersectionObserver((entries) => {
        intersects = entries.at(-1)?.isIntersecting ?? intersects;
        tell();
      });
  observer?.observe(element);
  document.addEventListener("visibilitychange", tell);
  if (!observer) tell();
  return () => {
    observer?.disconnect();
    document.removeEventListener("visibilitychange", tell);
  };
}
