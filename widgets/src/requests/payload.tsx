import type { VNode } from "preact";
import { useMemo } from "preact/hooks";

import { bytes } from "../format";
import type { Body } from "../messages";
import { JsonTree } from "./json_tree";

/** Images that a browser only draws: nothing in them can run. */
const DRAWN = /^image\/(png|jpeg|gif|webp|bmp|avif)$/;
const BASE64 = /^[A-Za-z0-9+/=\s]*$/;

/** A body of a request or an answer. Whatever it holds is shown as text, never as markup. */
export function Payload({ title, body }: { title: string; body: Body | null }): VNode {
  return (
    <figure class="ks-payload" aria-label={title}>
      <figcaption>
        {title}
        {body && <span class="ks-muted"> {body.content_type} {bytes(body.size)}{body.cut ? ", the beginning" : ""}</span>}
      </figcaption>
      {body ? <Content body={body} /> : <p class="ks-muted">not recorded</p>}
    </figure>
  );
}

function Content({ body }: { body: Body }): VNode {
  if (body.form === "json") return <Json text={body.text} />;
  const type = body.content_type.split(";")[0]?.trim().toLowerCase() ?? "";
  if (body.form === "image" && DRAWN.test(type) && BASE64.test(body.data)) {
    return <img class="ks-image" src={`data:${type};base64,${body.data}`} alt={`image, ${bytes(body.size)}`} />;
  }
  if (body.form === "array") return <p class="ks-mono ks-note">▦ {body.text}</p>;
  if (body.form === "text") return <pre class="ks-text" tabIndex={0}>{body.text || "(empty)"}</pre>;
  return <p class="ks-mono ks-note">{body.text || `binary, ${bytes(body.size)}`}</p>;
}

function Json({ text }: { text: string }): VNode {
  const parsed = useMemo(() => parse(text), [text]);
  return parsed ? <JsonTree value={parsed.value} /> : <pre class="ks-text" tabIndex={0}>{text}</pre>;
}

/** Nothing if it is not JSON as a whole, such as when it was cut. */
function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}
