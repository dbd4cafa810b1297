/** Plays a view without a kernel: `demo.html?view=graph&nodes=3&theme=dark&state=lost`. */
import widget from "../src/index";
import { FakeModel } from "./model";
import { Scenario } from "./scenario";

const wanted = new URLSearchParams(location.search);
const view = wanted.get("view") ?? "graph";
const dark = wanted.get("theme") === "dark";
document.body.dataset["jpThemeLight"] = String(!dark);
document.body.classList.toggle("dark-page", dark);

const scenario = new Scenario(Number(wanted.get("nodes") ?? 3), wanted.get("state") ?? "");
const model = new FakeModel(view, scenario);
const element = document.getElementById("view");
if (element) widget.render({ model, el: element });
model.play(Number(wanted.get("every") ?? 500));
