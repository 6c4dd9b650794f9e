// A project's pages: tasks from a file, invitations, the chart of days, questions before something is removed.
import { $, ask, copy, h, say } from "./studio.js";

const upload = $("#upload");
if (upload) {
  const field = $("#file");
  const take = async (file) => {
    if (!file) return;
    const said = $("#uploaded");
    said.className = "";
    said.textContent = `Reading ${file.name} …`;
    try {
      const { added, alreadyPresent } = await ask("POST", `/api/projects/${upload.dataset.project}/tasks?name=${encodeURIComponent(file.name)}`, file, upload.dataset.csrf);
      said.textContent = `${added} tasks added${alreadyPresent ? `, ${alreadyPresent} were there already` : ""}.`;
      if (added) setTimeout(() => location.reload(), 900);
    } catch (error) {
      said.className = "problem";
      said.textContent = error.message;
    }
    field.value = "";
  };
  field.addEventListener("change", () => take(field.files[0]));
  upload.addEventListener("submit", (event) => event.preventDefault());
  upload.addEventListener("dragover", (event) => { event.preventDefault(); upload.classList.add("over"); });
  upload.addEventListener("dragleave", () => upload.classList.remove("over"));
  upload.addEventListener("drop", (event) => { event.preventDefault(); upload.classList.remove("over"); take(event.dataTransfer.files[0]); });
}

const invitations = $("#invitations");
invitations?.addEventListener("click", async ({ target }) => {
  const role = target.closest("[data-role]")?.dataset.role;
  if (!role) return;
  try {
    const { path } = await ask("POST", `/api/projects/${invitations.dataset.project}/invitations`, { role }, invitations.dataset.csrf);
    const link = new URL(path, location.href).href;
    $("#invited").prepend(h("p", { class: "copied" }, h("span", { class: "tag" }, role), h("code", {}, link), h("button", { type: "button", class: "small", onclick: (event) => copy(link, event.target) }, "Copy")));
  } catch (error) { say(error.message, true); }
});

const bars = [...document.querySelectorAll("#bars > span")];
const most = Math.max(1, ...bars.map((bar) => Number(bar.dataset.n)));
for (const bar of bars) bar.style.height = `${(100 * Number(bar.dataset.n)) / most}%`;

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => { if (!confirm(form.dataset.confirm)) event.preventDefault(); });
}
