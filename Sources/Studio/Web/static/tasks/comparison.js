// Which of two answers is better, on nine points.
import { h } from "../studio.js";
import { prose } from "../markdown.js";

const words = ["equally good", "slightly better", "better", "clearly better", "much better"];

export function comparison({ root, assignment, draft, changed, promptPanel, letter }) {
  let score = draft.score ?? null;
  const panels = assignment.responses.map((text, i) => h("section", { class: "panel", "aria-label": letter(i) }, h("h2", {}, letter(i)), prose(text)));
  const inputs = [];
  const scale = h("fieldset", {}, h("legend", { class: "hidden" }, "Which answer is better?"), h("div", { class: "scale" },
    Array.from({ length: 9 }, (_, i) => {
      const value = i - 4;
      const meaning = value === 0 ? words[0] : `${letter(value < 0 ? 0 : 1)} ${words[Math.abs(value)]}`;
      const input = h("input", { type: "radio", name: "score", value: `${value}`, "aria-label": meaning, onchange: () => choose(value) });
      inputs.push(input);
      return h("label", { title: meaning }, input, h("span", { "aria-hidden": "true" }, `${Math.abs(value) || "="}`));
    })));
  const said = h("p", { class: "ends" }, h("span", {}, `← ${letter(0)} is better`), h("span", { role: "status" }, ""), h("span", {}, `${letter(1)} is better →`));
  root.append(promptPanel(assignment.prompt), h("div", { class: "answers" }, panels), h("div", { class: "dock" }, scale, said));

  function choose(value, isQuiet) {
    score = Math.max(-4, Math.min(4, value));
    for (const input of inputs) input.checked = Number(input.value) === score;
    panels[0].classList.toggle("better", score < 0);
    panels[1].classList.toggle("better", score > 0);
    said.children[1].textContent = score === 0 ? "Equally good" : `${letter(score < 0 ? 0 : 1)} is ${words[Math.abs(score)]}`;
    if (!isQuiet) changed();
  }
  if (score !== null) choose(score, true);

  return {
    answer: () => (score === null ? {} : { score }),
    problem: () => (score === null ? "Choose one of the nine points" : null),
    focus: () => (inputs.find((input) => input.checked) ?? inputs[4]).focus({ preventScroll: true }),
    keys: [["1 2 3 4", "A is much … slightly better"], ["5", "equally good"], ["6 7 8 9", "B is slightly … much better"], ["← →", "a point to the left or right"]],
    key({ key }) {
      if (/^[1-9]$/.test(key)) choose(Number(key) - 5);
      else if (key === "ArrowLeft" || key === "ArrowRight") choose((score ?? 0) + (key === "ArrowLeft" ? -1 : 1));
      else return false;
      inputs.find((input) => input.checked).focus({ preventScroll: true });
      return true;
    },
  };
}
comparison.tell = ({ score }, letter) => (score === 0 ? "equally good" : `${letter(score < 0 ? 0 : 1)} is ${words[Math.abs(score)]}`);
