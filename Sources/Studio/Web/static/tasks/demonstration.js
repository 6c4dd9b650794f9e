// Write the answer; the model's own samples stream in beside it on request and can be taken over and edited.
import { $, h, say } from "../studio.js";
import { prose } from "../markdown.js";
import { messagesOf, stream } from "../stream.js";

export function demonstration({ root, assignment, draft, changed, data, promptPanel }) {
  let model = draft.model ?? null;
  let stopping = null;
  const text = h("textarea", { rows: "12", placeholder: "Write the answer as you would wish to read it. Markdown is fine.", oninput: () => { shown.replaceChildren(prose(text.value)); changed(); } }, draft.text ?? "");
  const shown = h("div", {}, prose(draft.text ?? ""));
  const samples = h("div", { class: "samples", "aria-live": "polite" });
  const asking = h("button", { type: "button", onclick: draw }, "Show what the model writes ", h("kbd", {}, "d"));
  root.append(h("div", { class: "two" },
    h("div", {}, promptPanel(assignment.prompt), data.model ? h("div", {}, asking, samples) : ""),
    h("section", { class: "panel", "aria-label": "Your answer" }, h("h2", {}, "Your answer"), h("label", {}, h("span", { class: "hidden" }, "Your answer"), text),
      h("details", {}, h("summary", {}, "As it will be read"), shown))));

  async function draw() {
    stopping?.abort();
    const mine = (stopping = new AbortController());
    const blocks = [0, 1].map((i) => {
      const words = h("div", { class: "prose" });
      return { words, box: h("div", { class: "sample" }, words, h("p", {}, h("button", { type: "button", class: "small", onclick: () => take(words.textContent) }, `Begin with sample ${i + 1}`))) };
    });
    samples.replaceChildren(...blocks.map(({ box }) => box));
    try {
      await stream({ model: data.model, messages: messagesOf(assignment.prompt), n: 2, temperature: 0.8, max_tokens: 400 },
        (i, piece) => blocks[i].words.append(piece), mine.signal);
    } catch (error) { if (!mine.signal.aborted) say(error.message, true); }
  }
  function take(words) {
    if (text.value.trim() && text.value !== words && !confirm("Replace what you have written?")) return;
    text.value = words;
    model = data.model;
    shown.replaceChildren(prose(words));
    text.focus();
    changed();
  }
  return {
    answer: () => ({ text: text.value, ...(model ? { model } : {}) }),
    problem: () => (text.value.trim() ? null : "Write an answer"),
    focus: () => text.focus({ preventScroll: true }),
    keys: [["Ctrl Enter", "submit while writing"], ["Escape", "leave the text"], ...(data.model ? [["d", "draw the model's samples"], ["1 2", "begin with that sample"]] : []), ["w", "write"]],
    key({ key }) {
      if (key === "w") text.focus();
      else if (key === "d" && data.model) draw();
      else if (/^[12]$/.test(key) && samples.children[key - 1]) take($(".prose", samples.children[key - 1]).textContent);
      else return false;
      return true;
    },
  };
}
demonstration.tell = ({ text }) => text;
