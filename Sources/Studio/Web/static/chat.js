// Talking to a model: a tree of messages, of which one branch is shown. Ratings and edits become feedback.
import { $, ask, data, h, say } from "./studio.js";
import { prose } from "./markdown.js";
import { stream } from "./stream.js";

const kept = JSON.parse(localStorage.getItem("chat") ?? "null");
// nodes[0] is the root; each has a parent, children, and which child is shown.
let nodes = kept?.nodes ?? [{ children: [], shown: 0 }];
let stopping = null;
const turns = $("#turns");

for (const name of data.models) $("#model").append(h("option", {}, name));
if (!data.models.length) {
  $("#model").append(h("option", { value: "" }, "none"));
  $("#send").disabled = $("#text").disabled = true;
  $("#text").placeholder = "No model is served: start the studio with --model.";
}
const settings = { system: "", temperature: "0.7", "top-p": "1", most: "512", seed: "", ...kept?.settings };
for (const [name, value] of Object.entries(settings)) {
  const field = $(`#${name}`);
  if (!field) continue;
  field.value = value;
  const shown = $(`#${name}-shown`);
  const show = () => { if (shown) shown.textContent = field.value; };
  field.addEventListener("input", () => { settings[name] = field.value; show(); save(); });
  show();
}

function save() {
  try { localStorage.setItem("chat", JSON.stringify({ nodes: nodes.map(({ tokens, words, ...node }) => node), settings })); } catch { /* the browser keeps no more: the page goes on without */ }
}
function add(parent, node) {
  nodes.push({ ...node, parent, children: [], shown: 0 });
  const index = nodes.length - 1;
  nodes[parent].children.push(index);
  nodes[parent].shown = nodes[parent].children.length - 1;
  return index;
}
/** The branch that is shown, from the first message on. */
function branch() {
  const path = [];
  for (let at = 0; nodes[at].children.length;) {
    at = nodes[at].children[nodes[at].shown];
    path.push(at);
  }
  return path;
}
function messages(until) {
  const list = $("#system").value.trim() ? [{ role: "system", content: $("#system").value }] : [];
  for (const at of branch()) {
    if (at === until) break;
    list.push({ role: nodes[at].role, content: nodes[at].text });
  }
  return list;
}

function draw() {
  const path = branch();
  const isAtEnd = turns.scrollHeight - turns.scrollTop - turns.clientHeight < 80;
  turns.replaceChildren(...(path.length ? path.map(message) : [h("div", { class: "nothing" }, h("h2", {}, "Talk to the model"), h("p", {}, "What you think of a reply (a thumb, or the reply as you would have it) is kept as feedback to learn from."))]));
  if (isAtEnd) turns.scrollTop = turns.scrollHeight;
}
function message(at) {
  const node = nodes[at];
  const isReply = node.role === "assistant";
  const words = node.words = h("div", { class: "words" }, shownWords(node));
  const tool = (label, sign, act, more = {}) => h("button", { type: "button", class: "quiet", "aria-label": label, title: label, onclick: act, ...more }, sign);
  const siblings = nodes[node.parent].children;
  const place = nodes[node.parent].shown;
  const go = (by) => () => { nodes[node.parent].shown = (place + by + siblings.length) % siblings.length; save(); draw(); };
  const tools = h("div", { class: "tools" },
    siblings.length > 1 ? [tool("Earlier version", "‹", go(-1)), h("small", {}, `${place + 1}/${siblings.length}`), tool("Later version", "›", go(1))] : "",
    isReply && !node.isOpen ? [tool("Good reply", "👍", () => rate(at, 1), { "aria-pressed": `${node.rating === 1}` }), tool("Bad reply", "👎", () => rate(at, 0), { "aria-pressed": `${node.rating === 0}` }), tool("Write another reply", "Again", () => reply(node.parent))] : "",
    node.isOpen ? "" : tool(isReply ? "Edit the reply; your version becomes feedback" : "Edit the message and begin a branch", "Edit", () => edit(at)));
  return h("article", { class: `message ${node.role}`, "aria-label": isReply ? node.model ?? "model" : "you" }, h("div", { class: `bubble ${node.role}` }, words), tools);
}
function shownWords(node) {
  if (node.tokens && $("#probabilities").checked) return h("div", { class: "tokens" }, node.tokens.map(token));
  return node.role === "assistant" ? prose(node.text || (node.isOpen ? "…" : "")) : h("div", { class: "tokens" }, node.text);
}
/** A token, the redder the less likely it was. */
function token({ token: text, logprob, top_logprobs: others }) {
  const probability = Math.exp(logprob);
  const element = h("span", { tabindex: "0" }, text);
  element.style.background = `color-mix(in srgb, var(--bad-soft) ${Math.round(100 * (1 - probability))}%, transparent)`;
  const tell = () => {
    const box = element.getBoundingClientRect();
    tip.replaceChildren(h("table", {}, h("caption", { class: "hidden" }, "How likely"), h("tbody", {}, [{ token: text, logprob }, ...others.filter((other) => other.token !== text)].map((other) => h("tr", {}, h("td", {}, h("code", {}, other.token.replace(/\n/g, "⏎").replace(/ /g, "␣"))), h("td", {}, `${(100 * Math.exp(other.logprob)).toFixed(1)} %`))))));
    tip.hidden = false;
    tip.style.left = `${Math.min(box.left, innerWidth - 220)}px`;
    tip.style.top = `${Math.min(box.bottom + 6, innerHeight - tip.offsetHeight - 6)}px`;
  };
  element.addEventListener("mouseenter", tell);
  element.addEventListener("focus", tell);
  for (const name of ["mouseleave", "blur"]) element.addEventListener(name, () => (tip.hidden = true));
  return element;
}
const tip = h("div", { class: "tip", role: "tooltip", hidden: true });
document.body.append(tip);

/** Lets the model answer what stands at `parent`. */
async function reply(parent) {
  stopping?.abort();
  const at = add(parent, { role: "assistant", text: "", model: $("#model").value, isOpen: true });
  const node = nodes[at];
  const mine = (stopping = new AbortController());
  $("#stop").hidden = false;
  $("#send").hidden = true;
  draw();
  const seed = $("#seed").value;
  try {
    await stream({
      model: node.model, messages: messages(at), temperature: Number($("#temperature").value), top_p: Number($("#top-p").value),
      max_tokens: Number($("#most").value), ...(seed ? { seed: Number(seed) } : {}), logprobs: true, top_logprobs: 5,
    }, (_, text, tokens) => {
      node.text += text;
      (node.tokens ??= []).push(...tokens);
      const isAtEnd = turns.scrollHeight - turns.scrollTop - turns.clientHeight < 80;
      node.words.replaceChildren(shownWords(node));
      if (isAtEnd) turns.scrollTop = turns.scrollHeight;
    }, mine.signal);
  } catch (error) { if (!mine.signal.aborted) say(error.message, true); }
  node.isOpen = false;
  if (stopping === mine) { stopping = null; $("#stop").hidden = true; $("#send").hidden = false; }
  save();
  draw();
}
function speak() {
  const text = $("#text").value.trim();
  if (!text || !data.models.length || stopping) return;
  $("#text").value = "";
  const parent = branch().at(-1) ?? 0;
  reply(add(parent, { role: "user", text }));
}
function edit(at) {
  const node = nodes[at];
  const field = h("textarea", { rows: "6", "aria-label": "The text" }, node.text);
  const done = async () => {
    const text = field.value;
    if (text.trim() && text !== node.text) {
      const parent = node.parent;
      if (node.role === "user") { reply(add(parent, { role: "user", text })); return; }
      await feedback({ messages: messages(at), reply: node.text, model: node.model, edited: text });
      add(parent, { role: "assistant", text, model: node.model });
      save();
    }
    draw();
  };
  node.words.replaceChildren(field, h("p", { class: "tools" }, h("button", { type: "button", class: "primary small", onclick: done }, node.role === "user" ? "Send" : "Keep as feedback"), h("button", { type: "button", class: "quiet small", onclick: draw }, "Cancel")));
  field.focus();
}
async function rate(at, rating) {
  const node = nodes[at];
  if (node.rating === rating) return;
  if (await feedback({ messages: messages(at), reply: node.text, model: node.model, rating })) {
    node.rating = rating;
    save();
    draw();
  }
}
async function feedback(body) {
  try {
    await ask("POST", "/api/chat/feedback", { id: crypto.randomUUID(), ...body });
    say("Kept as feedback");
    return true;
  } catch (error) { say(error.message, true); return false; }
}

$("#say").addEventListener("submit", (event) => { event.preventDefault(); speak(); });
$("#text").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); speak(); } });
$("#stop").addEventListener("click", () => stopping?.abort());
$("#fresh").addEventListener("click", () => { stopping?.abort(); nodes = [{ children: [], shown: 0 }]; save(); draw(); $("#text").focus(); });
$("#probabilities").addEventListener("change", draw);
for (const node of nodes) delete node.isOpen;
draw();
