import { h, render as draw } from "preact";

import { Client } from "./client";
import type { Model } from "./model";
import { Root } from "./root";
import { measured } from "./measure";
import "./style/base.css";
import "./style/graph.css";
import "./style/panel.css";
import "./style/dashboard.css";
import "./style/requests.css";

/** Shows the view of `model` in `el`; the returned function takes it away with all that it holds. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const host = el.ownerDocument.createElement("div");
  host.className = "kernelserve";
  el.append(host);
  let client: Client | undefined;
  const update = (): void => {
    const now = client;
    if (now) measured(() => draw(h(Root, { client: now, model, shown: now.shown }), host));
  };
  client = new Client(model, host, update);
  update();
  return () => {
    client?.close();
    client = undefined;
    draw(null, host);
    host.remove();
  };
}

export default { render };
