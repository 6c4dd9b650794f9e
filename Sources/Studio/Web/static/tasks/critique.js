// Mark what is wrong with an answer: a passage, how bad it is, what should stand there.
import { $, h } from "../studio.js";

const scalars = (text) => [...text].length;
const severities = [[0.25, "a trifle"], [0.5, "a fault"], [0.75, "serious"], [1, "grave"]];

export function critique({ root, assignment, draft, changed, promptPanel }) {
  const text = assignment.responses[0];
  const characters = [...text];
  const passages = (draft.passages ?? []).map((passage) => ({ ...passage }));
  let now = null;
  const marked = h("div", { class: "markable", tabindex: "0", role: "textbox", "aria-readonly": "true", "aria-multiline": "true", "aria-label": "The answer: select a passage, then press m" });
  const list = h("ul", { class: "faults", "aria-label": "Marked passages" });
  const comment = h("textarea", { rows: "3", oninput: changed }, draft.comment ?? "");
  const refinement = h("textarea", { rows: "6", oninput: changed }, draft.refinement ?? "");
  const button = h("button", { type: "button", class: "small", onclick: mark }, "Mark the selection ", h("kbd", {}, "m"));
  root.append(promptPanel(assignment.prompt), h("div", { class: "two" },
    h("section", { class: "panel", "aria-label": "Answer" }, h("h2", {}, "Answer", button), marked),
    h("section", { class: "panel", "aria-label": "What is wrong" }, h("h2", {}, "What is wrong"), list,
      h("label", {}, "About the whole", comment, h("small", {}, "If it has no fault, say so here.")),
      h("details", draft.refinement ? { open: true } : {}, h("summary", {}, "Write the answer as it should have been"), h("label", {}, h("span", { class: "hidden" }, "The answer as it should have been"), refinement), h("button", { type: "button", class: "small", onclick: () => { refinement.value = text; changed(); } }, "Begin with the answer")))));
  draw();

  /** Where a place of the selection lies in the text, in Unicode scalars. */
  function offset(node, within) {
    const range = document.createRange();
    range.selectNodeContents(marked);
    range.setEnd(node, within);
    return scalars(range.toString());
  }
  function mark() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed || !marked.contains(selection.anchorNode) || !marked.contains(selection.focusNode)) { $("#hint").textContent = "Select a passage of the answer first"; return; }
    const range = selection.getRangeAt(0);
    const start = offset(range.startContainer, range.startOffset);
    const end = offset(range.endContainer, range.endOffset);
    if (start >= end) return;
    const passage = { start, end, text: characters.slice(start, end).join(""), comment: "", severity: 0.5 };
    passages.push(passage);
    passages.sort((a, b) => a.start - b.start);
    now = passage;
    selection.removeAllRanges();
    draw();
    list.querySelector(".now textarea").focus();
    changed();
  }
  function draw() {
    // Passages may overlap: a scalar is marked where any of them has it.
    const edges = [...new Set([0, characters.length, ...passages.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
    marked.replaceChildren(...edges.slice(1).map((end, i) => {
      const start = edges[i];
      const piece = characters.slice(start, end).join("");
      const over = passages.filter((passage) => passage.start <= start && passage.end >= end);
      return over.length ? h("mark", { class: over.includes(now) ? "now" : "", title: over.map((passage) => passage.comment).join("; ") }, piece) : document.createTextNode(piece);
    }));
    list.replaceChildren(...passages.map((passage, i) => h("li", { class: passage === now ? "fault now" : "fault", onfocusin: () => { if (now !== passage) { now = passage; highlight(); } } },
      h("q", {}, passage.text.length > 120 ? `${passage.text.slice(0, 120)}…` : passage.text),
      h("label", {}, "What is wrong?", h("textarea", { rows: "2", oninput: (event) => { passage.comment = event.target.value; changed(); } }, passage.comment)),
      h("fieldset", {}, h("legend", {}, "How bad is it?"), h("div", { class: "binary severity" }, severities.map(([value, label]) => h("label", {}, h("input", { type: "radio", name: `severity-${i}`, "aria-label": label, checked: passage.severity === value, onchange: () => { passage.severity = value; changed(); } }), h("span", { "aria-hidden": "true" }, label))))),
      h("label", {}, "What should stand there?", h("textarea", { rows: "1", oninput: (event) => { if (event.target.value) passage.suggestion = event.target.value; else delete passage.suggestion; changed(); } }, passage.suggestion ?? "")),
      h("button", { type: "button", class: "quiet small", "aria-label": `Remove the mark on “${passage.text.slice(0, 40)}”`, onclick: () => { passages.splice(i, 1); now = null; draw(); marked.focus(); changed(); } }, "Remove the mark"))));
  }
  function highlight() {
    [...list.children].forEach((item, i) => item.classList.toggle("now", passages[i] === now));
  }
  return {
    answer: () => ({
      passages, ...(comment.value.trim() ? { comment: comment.value } : {}), ...(refinement.value.trim() ? { refinement: refinement.value } : {}),
    }),
    problem: () => {
      const empty = passages.find((passage) => !passage.comment.trim() && !passage.suggestion);
      if (empty) return `Say what is wrong with “${empty.text.slice(0, 30)}”`;
      return passages.length || comment.value.trim() || refinement.value.trim() ? null : "Mark a passage, or say something about the whole";
    },
    focus: () => marked.focus({ preventScroll: true }),
    keys: [["m", "mark the selected passage"], ["Shift →", "select by the keyboard (caret browsing: F7)"], ["w", "write about the whole"], ["Escape", "leave a field"]],
    key({ key }) {
      if (key === "m") mark();
      else if (key === "w") comment.focus();
      else return false;
      return true;
    },
  };
}
critique.tell = ({ passages, comment }) => [...(passages ?? []).map((passage) => `“${passage.text}”: ${passage.comment}`), comment].filter(Boolean).join("; ");
