// Order several answers from best to worst; an answer may share the rank of the one above it.
import { h } from "../studio.js";
import { prose } from "../markdown.js";

export function ranking({ root, assignment, draft, changed, promptPanel, letter }) {
  const count = assignment.responses.length;
  let order = [...Array(count).keys()];
  let tied = new Set(); // answers that share the rank of the one above
  let isOrdered = Boolean(draft.ranks);
  if (draft.ranks) {
    order.sort((a, b) => draft.ranks[a] - draft.ranks[b]);
    order.forEach((item, i) => { if (i && draft.ranks[item] === draft.ranks[order[i - 1]]) tied.add(item); });
  }
  let current = order[0];
  const list = h("ol", { class: "ranks", "aria-label": "Answers, the best first" });
  const said = h("p", { class: "hidden", role: "status" });
  const items = assignment.responses.map((text, i) => {
    const button = (label, sign, act) => h("button", { type: "button", class: "quiet small", "aria-label": `${label}: ${letter(i)}`, onclick: () => { current = i; act(); } }, sign);
    const item = h("li", { class: "panel", draggable: true, tabindex: "0", "aria-label": letter(i) },
      h("span", { class: "rank" }), h("div", {}, h("b", {}, letter(i)), prose(text)),
      h("span", { class: "moves" }, button("Better", "↑", () => move(-1)), button("Worse", "↓", () => move(1)), button("As good as the one above", "=", tie)));
    item.addEventListener("focus", () => { current = i; mark(); });
    item.addEventListener("dragstart", (event) => { event.dataTransfer.setData("text/plain", `${i}`); item.classList.add("dragged"); });
    item.addEventListener("dragend", () => item.classList.remove("dragged"));
    item.addEventListener("dragover", (event) => event.preventDefault());
    item.addEventListener("drop", (event) => {
      event.preventDefault();
      const moved = Number(event.dataTransfer.getData("text/plain"));
      if (moved !== i) put(moved, order.indexOf(i));
    });
    return item;
  });
  root.append(promptPanel(assignment.prompt), h("p", { class: "muted" }, "Drag the best answer to the top, or use the arrows."), list, said);
  draw();

  function ranks() {
    const result = [];
    order.forEach((item, i) => { result[item] = i && tied.has(item) ? result[order[i - 1]] : i + 1; });
    return result;
  }
  function mark() { items.forEach((item, i) => item.classList.toggle("current", i === current && document.activeElement === item)); }
  function draw() {
    const shown = ranks();
    const hadFocus = list.contains(document.activeElement) ? document.activeElement : null;
    list.replaceChildren(...order.map((i) => items[i]));
    items.forEach((item, i) => {
      item.classList.toggle("tied", tied.has(i));
      item.querySelector(".rank").replaceChildren(`${shown[i]}`, ...(tied.has(i) ? [h("small", {}, "tie")] : []));
    });
    hadFocus?.focus({ preventScroll: true });
    mark();
  }
  function change() {
    isOrdered = true;
    tied.delete(order[0]);
    draw();
    said.textContent = `${letter(current)} has rank ${ranks()[current]}`;
    changed();
  }
  function put(item, to) {
    order = order.filter((other) => other !== item);
    order.splice(to, 0, item);
    tied.delete(item);
    current = item;
    change();
  }
  function move(by) {
    const to = order.indexOf(current) + by;
    if (to >= 0 && to < count) put(current, to);
  }
  function tie() {
    if (order[0] === current) return;
    if (tied.has(current)) tied.delete(current); else tied.add(current);
    change();
  }
  return {
    answer: () => (isOrdered ? { ranks: ranks() } : {}),
    problem: () => (isOrdered ? null : "Put the answers in order; press c if they stand right as they are"),
    focus: () => items[order[0]].focus({ preventScroll: true }),
    keys: [["↑ ↓", "go to the next answer"], ["Shift ↑ ↓", "move the answer"], ["1 … 9", "give the answer that place"], ["=", "as good as the one above"], ["c", "the order is right as it stands"]],
    key(event) {
      const { key } = event;
      if (key === "ArrowUp" || key === "ArrowDown") {
        const by = key === "ArrowUp" ? -1 : 1;
        if (event.shiftKey) { move(by); items[current].focus(); } else items[order[Math.max(0, Math.min(count - 1, order.indexOf(current) + by))]].focus();
      } else if (/^[1-9]$/.test(key) && Number(key) <= count) put(current, Number(key) - 1);
      else if (key === "=") tie();
      else if (key === "c") change();
      else return false;
      return true;
    },
  };
}
ranking.tell = ({ ranks }, letter) => ranks.map((rank, i) => `${letter(i)}: ${rank}`).join(", ");
