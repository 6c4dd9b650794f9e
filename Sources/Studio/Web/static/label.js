// The labelling page: one task after another. Each kind of task is a module that builds itself into a place, says what its
// answer is, and which keys it knows; keeping, handing in, skipping and taking back are here.
import { $, ask, data, h, isWriting, say } from "./studio.js";
import { markdown, prose } from "./markdown.js";
import { comparison } from "./tasks/comparison.js";
import { ranking } from "./tasks/ranking.js";
import { rating } from "./tasks/rating.js";
import { critique } from "./tasks/critique.js";
import { demonstration } from "./tasks/demonstration.js";
import { conversation } from "./tasks/conversation.js";

const kinds = { comparison, ranking, rating, critique, demonstration, conversation };
const { project } = data;
const api = `/api/projects/${project.id}`;
const place = $("#task");
let current = null; // { assignment, task, id, since, spent }
let last = sessionStorage.getItem(`last-${project.id}`); // the answer that can be taken back
let isBusy = false;

/** The identifier of an answer: the same over reloads and retries, until the answer is stored. */
function identifier(assignment) {
  const key = `answer-${assignment.id}`;
  let id = localStorage.getItem(key);
  if (!id) {
    id = crypto.randomUUID();
    localStorage.setItem(key, id);
  }
  return id;
}

/** The seconds that the page was looked at. */
function seconds() {
  return current.spent + (current.since ? (performance.now() - current.since) / 1000 : 0);
}
document.addEventListener("visibilitychange", () => {
  if (!current) return;
  if (document.hidden) { current.spent = seconds(); current.since = null; keep.now(); } else current.since = performance.now();
});

function promptPanel(prompt, title = "Prompt") {
  const panel = h("section", { class: "panel prompt", tabindex: "0", "aria-label": title }, h("h2", {}, title));
  if (typeof prompt === "string") panel.append(prose(prompt));
  else for (const { role, content } of prompt.messages ?? prompt) panel.append(h("div", { class: "turn" }, h("b", {}, role), prose(content)));
  return panel;
}

/** Keeps the unfinished answer, a moment after the last change. */
const keep = Object.assign(() => {
  clearTimeout(keep.timer);
  $("#saved").textContent = "…";
  keep.timer = setTimeout(keep.now, 600);
}, {
  timer: 0,
  async now() {
    clearTimeout(keep.timer);
    if (!current || current.isReading || isBusy) return;
    const { assignment } = current;
    try {
      await ask("PUT", `/api/assignments/${assignment.id}/draft`, { answer: current.task.answer(), seconds: seconds() });
      if (current?.assignment === assignment) $("#saved").textContent = "kept";
    } catch (error) { $("#saved").textContent = error.offline ? "offline: not kept yet" : ""; }
  },
});

/** Shows a task, or that there is none. */
function show(assignment) {
  clearTimeout(keep.timer);
  $("#saved").textContent = "";
  $("#undo").disabled = !last;
  for (const button of [$("#submit"), $("#skip")]) button.disabled = !assignment;
  if (!assignment) {
    current = null;
    place.replaceChildren(h("div", { class: "finished", tabindex: "-1" },
      h("h2", {}, "All done"), h("p", { class: "muted" }, "There is nothing left for you here just now."),
      h("a", { class: "button", href: "/" }, "To the projects")));
    $("#hint").textContent = "";
    return;
  }
  const draft = assignment.draft?.answer ?? {};
  current = { assignment, id: identifier(assignment), spent: assignment.draft?.seconds ?? 0, since: document.hidden ? null : performance.now() };
  if (data.readsFirst && assignment.responses.length && !draft.readings) return readFirst(assignment, draft);
  begin(assignment, draft);
}

/** Asks what each answer says before the prompt is there to help. */
function readFirst(assignment, draft) {
  const fields = assignment.responses.map((text, i) => h("section", { class: "panel" }, h("h2", {}, letter(i)), prose(text),
    h("label", {}, "What does it tell you?", h("textarea", { rows: "3", required: true }))));
  place.replaceChildren(h("p", {}, "Read the answers before you see the prompt, and say in a sentence what each tells you."), h("div", { class: "answers" }, fields));
  $("#hint").textContent = "";
  current.isReading = true;
  current.task = { answer: () => ({}), key: () => false };
  current.finishReading = () => {
    const readings = fields.map((field) => $("textarea", field).value.trim());
    if (readings.some((text) => !text)) return say("Say what each answer tells you first.", true);
    current.isReading = false;
    begin(assignment, { ...draft, readings });
    keep.now();
  };
  $("textarea", fields[0]).focus();
}

const letter = (i) => `Answer ${"ABCDEFGHIJKL"[i]}`;

function begin(assignment, draft) {
  const root = h("div");
  const task = kinds[project.kind]({ root, assignment, draft, changed: () => { keep(); hint(); }, data, promptPanel, letter });
  current.task = { ...task, answer: () => ({ ...(draft.readings ? { readings: draft.readings } : {}), ...task.answer() }) };
  if (data.others?.length) root.append(others());
  place.replaceChildren(root);
  hint();
  (task.focus ?? (() => $("input, textarea, button, [tabindex]", root)?.focus({ preventScroll: true })))();
  if (!task.keepsPlace) scrollTo(0, 0);
}

function others() {
  return h("section", { class: "panel others" }, h("h2", {}, "What labellers said"),
    h("ul", {}, data.others.map(({ labeller, answer }) => h("li", {}, h("b", {}, labeller), " ", kinds[project.kind].tell?.(answer, letter) ?? JSON.stringify(answer)))));
}

function hint() {
  const problem = current?.task.problem?.() ?? null;
  $("#hint").textContent = problem ?? "";
  $("#submit").setAttribute("aria-disabled", problem ? "true" : "false");
}

/** Tries until the answer is stored: the same identifier makes that one answer, however often it arrives. */
async function persist(send) {
  for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
    try { return await send(); } catch (error) {
      if (!error.offline) throw error;
      say("The studio can't be reached; your answer is kept here and submitted as soon as it can be.", true);
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

async function submit() {
  if (isBusy || !current) return;
  if (current.isReading) return current.finishReading();
  const problem = current.task.problem?.();
  if (problem) return say(problem, true);
  const { assignment, id } = current;
  const body = { id, assignment: assignment.id, answer: current.task.answer(), seconds: seconds(), guidelines: data.guidelines.version };
  isBusy = true;
  clearTimeout(keep.timer);
  $("#submit").disabled = true;
  try {
    const { next } = await persist(() => ask("POST", `${api}/submit`, body));
    localStorage.removeItem(`answer-${assignment.id}`);
    last = id;
    sessionStorage.setItem(`last-${project.id}`, id);
    isBusy = false;
    say("Submitted");
    if (data.decides) location.href = `/projects/${project.id}/decide`;
    else show(next);
  } catch (error) {
    isBusy = false;
    $("#submit").disabled = false;
    say(error.message, true);
    if (error.status === 409 || error.status === 410) {
      localStorage.removeItem(`answer-${assignment.id}`);
      if (data.decides) return;
      const { next } = await ask("GET", `${api}/next`);
      show(next);
    }
  }
}

async function skip(reason) {
  if (isBusy || !current) return;
  const { assignment } = current;
  isBusy = true;
  try {
    const { next } = await persist(() => ask("POST", `${api}/skip`, { assignment: assignment.id, reason }));
    localStorage.removeItem(`answer-${assignment.id}`);
    isBusy = false;
    say("Skipped");
    show(next);
  } catch (error) { isBusy = false; say(error.message, true); }
}

async function undo() {
  if (isBusy || !last) return;
  isBusy = true;
  try {
    const { next } = await ask("POST", `${api}/undo`, { submission: last });
    localStorage.removeItem(`answer-${next.id}`);
    last = null;
    sessionStorage.removeItem(`last-${project.id}`);
    isBusy = false;
    say("Taken back; change it and submit it again.");
    show(next);
  } catch (error) { isBusy = false; say(error.message, true); }
}

const skipping = $("#skipping");
const open = (dialog) => { if (!dialog.open) dialog.showModal(); };
function showKeys() {
  const own = [...(current?.task.keys ?? []), ["Enter", "submit"], ["s", "skip"], ["u", "take the last answer back"], ["g", "guidelines"], ["?", "these keys"]];
  $("#keys-list").replaceChildren(...own.flatMap(([key, meaning]) => [h("dt", {}, ...key.split(" ").map((k) => h("kbd", {}, k))), h("dd", {}, meaning)]));
  open($("#keys"));
}
$("#guidelines-text").replaceChildren(markdown(data.guidelines.text || "There are no guidelines for this project yet."));
$("#show-guidelines").addEventListener("click", () => open($("#guidelines")));
$("#show-keys").addEventListener("click", showKeys);
$("#undo").addEventListener("click", undo);
$("#skip").addEventListener("click", () => open(skipping));
$("#actions").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
skipping.addEventListener("close", () => {
  if (skipping.returnValue !== "skip") return;
  const form = $("form", skipping);
  const more = form.more.value.trim();
  skip(more ? `${form.reason.value}: ${more}` : form.reason.value);
  form.reset();
  skipping.returnValue = "";
});
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || $("dialog[open]")) return;
  const isText = isWriting(event.target);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey || (!isText && !event.target.closest("a, button, summary")))) {
    event.preventDefault();
    return submit();
  }
  if (event.key === "Escape" && isText) return event.target.blur();
  if (isText || event.ctrlKey || event.metaKey) return;
  if (current?.task.key?.(event)) return event.preventDefault();
  const act = { s: () => current && open(skipping), u: undo, g: () => open($("#guidelines")), "?": showKeys }[event.key];
  if (act) { event.preventDefault(); act(); }
});
addEventListener("pagehide", () => keep.now());
show(data.assignment);
