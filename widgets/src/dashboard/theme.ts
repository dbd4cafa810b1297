/** Colours that a canvas needs as values; read from the style sheet, which knows the theme. */
export interface Colours {
  line: (name: string) => string;
  text: string;
  grid: string;
}

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const value = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  return {
    line: (name) => value(`--ks-line-${name}`, "#0072b2"),
    text: style.color || "#333",
    grid: value("--ks-grid", "#8883"),
  };
}

/** Calls `onChange` when the theme may have changed; the returned function ends it. */
export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, {
      attributes: true,
      attributeFilter: ["class", "style", "data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-kind"],
    });
  }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", onChange);
  return () => {
    observer.disconnect();
    dark.removeEventListener("change", onChange);
  };
}
