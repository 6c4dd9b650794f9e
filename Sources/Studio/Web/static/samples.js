// Models that answer: one prompt across a run's checkpoints side by side, or prompts whose answers become tasks.
import { $, ask, h } from "./studio.js";
import { prose } from "./markdown.js";

const short = (path) => path.split("/").slice(-3).filter((part) => part !== "checkpoints").join(", ");

for (const form of document.querySelectorAll("form.sampling")) {
  const said = $(".said", form);
  const button = $("button", form);
  const drawn = form.parentElement.querySelector(".drawn");
  const tell = (text, isBad = false) => { said.textContent = text; said.classList.toggle("problem", isBad); };

  /** Asks how far it is until it has ended. */
  async function follow() {
    const state = await ask("GET", form.getAttribute("action"), undefined, form.dataset.csrf);
    if (state.state === "none") return;
    const line = (state.words ?? "").trim().split("\n").at(-1);
    if (state.state === "running") {
      button.disabled = true;
      tell(line || "The models are being read …");
      setTimeout(() => follow().catch(fail), 700);
      return;
    }
    button.disabled = false;
    if (state.state === "failed") return tell(line, true);
    tell("");
    if (drawn) {
      drawn.replaceChildren(...(state.records ?? []).flatMap(({ responses }) => responses.map(({ text, model }) =>
        h("section", { class: "panel", "aria-label": short(model) }, h("h2", {}, short(model)), prose(text)))));
    } else if (wasBegun) location.reload();
  }
  let wasBegun = false;
  const fail = (error) => { button.disabled = false; tell(error.message, true); };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    const body = { tokens: Number(fields.get("tokens")), temperature: Number(fields.get("temperature")) };
    if (fields.has("prompt")) body.prompt = fields.get("prompt");
    else Object.assign(body, { prompts: fields.get("prompts"), models: fields.getAll("models") });
    try {
      button.disabled = true;
      tell("The models are being read …");
      await ask("POST", form.getAttribute("action"), body, form.dataset.csrf);
      wasBegun = true;
      await follow();
    } catch (error) { fail(error); }
  });
  follow().catch(() => {});
}
