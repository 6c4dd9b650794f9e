// Talk to the model: two replies to each message, and the conversation goes on from the better one.
import { h, say } from "../studio.js";
import { prose } from "../markdown.js";
import { messagesOf, stream } from "../stream.js";

export function conversation({ root, assignment, draft, changed, data, promptPanel, letter }) {
  const turns = structuredClone(draft.turns ?? []);
  let open = null; // { user, replies, done }
  const said = h("div", { class: "dialogue", role: "log" });
  const field = h("textarea", { rows: "2", placeholder: "Say something to the model.", "aria-label": "Your message" });
  const send = h("button", { type: "button", onclick: speak }, "Send");
  const given = typeof assignment.prompt === "string" ? assignment.prompt : "";
  root.append(given || typeof assignment.prompt !== "string" ? promptPanel(assignment.prompt, "What the conversation is to be about") : "", said,
    data.model ? h("div", { class: "composer" }, field, send) : h("p", { class: "problem" }, "No model is served: start the studio with --model."));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) { event.preventDefault(); event.stopPropagation(); speak(); }
  });
  draw();

  const chosen = (turn) => turn.replies[turn.score > 0 ? 1 : 0];
  function history() {
    const before = typeof assignment.prompt === "string" ? (given ? [{ role: "system", content: given }] : []) : messagesOf(assignment.prompt);
    return [...before, ...turns.flatMap((turn) => [{ role: "user", content: turn.user }, { role: "assistant", content: chosen(turn) }])];
  }
  function draw() {
    said.replaceChildren(...turns.flatMap((turn, i) => [h("div", { class: "bubble user" }, prose(turn.user)),
      h("div", { class: "bubble" }, prose(chosen(turn)), i === turns.length - 1 && !open ? h("button", { type: "button", class: "quiet small", onclick: () => { open = { user: turn.user, replies: turn.replies, done: true }; turns.pop(); draw(); changed(); } }, "Choose again") : "")]));
    if (open) {
      said.append(h("div", { class: "bubble user" }, prose(open.user)), h("div", { class: "answers" }, open.replies.map((reply, i) => {
        open.words ??= [];
        open.words[i] = h("div", { class: "prose" }, reply);
        return h("section", { class: "panel", "aria-label": letter(i) }, h("h2", {}, letter(i)), open.words[i]);
      })));
      if (open.done) {
        for (const [i, words] of open.words.entries()) words.replaceChildren(prose(open.replies[i]));
        said.append(h("div", { class: "scale", role: "group", "aria-label": "Which reply is better?" }, Array.from({ length: 9 }, (_, i) => h("label", { title: i === 4 ? "equally good" : "" }, h("input", { type: "radio", name: "score", "aria-label": i === 4 ? "equally good" : `${letter(i < 4 ? 0 : 1)} better by ${Math.abs(i - 4)}`, onclick: () => choose(i - 4) }), h("span", { "aria-hidden": "true" }, `${Math.abs(i - 4) || "="}`)))));
      }
    }
    field.disabled = send.disabled = Boolean(open);
  }
  async function speak() {
    const user = field.value.trim();
    if (!user || open) return;
    field.value = "";
    open = { user, replies: ["", ""], done: false };
    draw();
    const mine = open;
    try {
      await stream({ model: data.model, messages: [...history(), { role: "user", content: user }], n: 2, temperature: 1, max_tokens: 400 }, (i, piece) => {
        mine.replies[i] += piece;
        mine.words[i].textContent = mine.replies[i];
      });
      mine.done = true;
    } catch (error) {
      open = null;
      field.value = user;
      say(error.message, true);
    }
    draw();
    if (open) said.querySelector("input")?.focus();
  }
  function choose(score) {
    turns.push({ user: open.user, replies: open.replies, score, model: data.model });
    open = null;
    draw();
    changed();
    field.focus();
  }
  return {
    answer: () => ({ turns }),
    problem: () => (open ? "Choose between the two replies" : turns.length ? null : "Say something to the model"),
    focus: () => field.focus({ preventScroll: true }),
    keys: [["Enter", "send, while writing"], ["1 … 9", "choose between the replies"], ["Ctrl Enter", "submit while writing"]],
    key({ key }) {
      if (!/^[1-9]$/.test(key) || !open?.done) return false;
      choose(Number(key) - 5);
      return true;
    },
  };
}
conversation.tell = ({ turns }) => `${turns.length} turns`;
