// The questions of a form about one answer.
import { h } from "../studio.js";
import { prose } from "../markdown.js";

export function rating({ root, assignment, draft, changed, data, promptPanel }) {
  const values = { ...draft.values };
  const words = { ...draft.words };
  let at = 0;
  const questions = data.form.map((question, i) => {
    const { name, kind } = question;
    const block = h("fieldset", { class: "question" }, h("legend", {}, question.text, question.required ? "" : h("small", {}, " (if you like)")));
    if (question.help) block.append(h("small", {}, question.help));
    const radio = (value, label) => h("input", {
      type: "radio", name, value: `${value}`, checked: values[name] === value, "aria-label": label,
      onchange: () => set(i, value), onfocus: () => go(i, true),
    });
    if (kind === "text") {
      block.append(h("textarea", { rows: "2", "aria-label": question.text, onfocus: () => go(i, true), oninput: (event) => { words[name] = event.target.value; changed(); } }, words[name] ?? ""));
    } else if (kind === "yes-no") {
      block.append(h("div", { class: "binary" }, [[1, "Yes"], [0, "No"]].map(([value, label]) => h("label", {}, radio(value, label), h("span", { "aria-hidden": "true" }, label)))));
    } else {
      const [low, high] = question.scale;
      block.append(h("div", { class: "scale" }, Array.from({ length: high - low + 1 }, (_, k) => h("label", {}, radio(low + k, `${low + k}`), h("span", { "aria-hidden": "true" }, `${low + k}`)))),
        h("div", { class: "ends" }, h("span", {}, question.low ?? ""), h("span", {}, question.high ?? "")));
    }
    return block;
  });
  root.append(h("div", { class: "two" },
    h("div", {}, promptPanel(assignment.prompt), h("section", { class: "panel", "aria-label": "Answer" }, h("h2", {}, "Answer"), prose(assignment.responses[0]))),
    h("div", { class: "panel questions" }, questions)));
  go(0, true);

  function go(i, isQuiet) {
    at = Math.max(0, Math.min(questions.length - 1, i));
    questions.forEach((block, k) => block.classList.toggle("current", k === at));
    if (isQuiet) return;
    const field = questions[at].querySelector("input:checked, input, textarea");
    field.focus({ preventScroll: true });
    questions[at].scrollIntoView({ block: "nearest" });
  }
  // Words are for who wants to write some: keys don't lead there by themselves.
  function on() { if (at + 1 < questions.length && data.form[at + 1].kind !== "text") go(at + 1); }
  function set(i, value) {
    values[data.form[i].name] = value;
    for (const input of questions[i].querySelectorAll("input")) input.checked = Number(input.value) === value;
    changed();
  }
  const missing = () => data.form.find(({ name, kind, required }) => required && (kind === "text" ? !words[name]?.trim() : values[name] === undefined));
  return {
    answer: () => ({ values, ...(Object.keys(words).length ? { words } : {}) }),
    problem: () => { const left = missing(); return left ? `“${left.text}” wants an answer` : null; },
    focus: () => go(0),
    keys: [["↑ ↓", "the question before or after"], ["0 … 9", "a point of the scale, and on"], ["y n", "yes or no, and on"]],
    key({ key }) {
      const question = data.form[at];
      if (key === "ArrowDown" || key === "ArrowUp") go(at + (key === "ArrowDown" ? 1 : -1));
      else if (question.kind === "yes-no" && /^[yn]$/.test(key)) { set(at, key === "y" ? 1 : 0); on(); }
      else if (question.kind === "scale" && /^\d$/.test(key) && Number(key) >= question.scale[0] && Number(key) <= question.scale[1]) { set(at, Number(key)); on(); }
      else return false;
      return true;
    },
  };
}
rating.tell = ({ values }) => Object.entries(values ?? {}).map(([name, value]) => `${name} ${value}`).join(", ");
