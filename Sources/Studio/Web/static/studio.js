// What every page shares: elements, requests that carry the secret of forms, messages, the theme.
import { markdown } from "./markdown.js";

export const $ = (selector, root = document) => root.querySelector(selector);

/** An element with attributes and children; texts stay texts. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key in element && typeof value !== "string") element[key] = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** What the server wrote into the page for its script. */
export const data = JSON.parse($("#data")?.textContent ?? "{}");

let clearing;
/** Says something in passing; screen readers say it too. */
export function say(text, isBad = false) {
  const status = $("#status");
  clearTimeout(clearing);
  status.className = isBad ? "bad" : "";
  status.textContent = text;
  if (text) clearing = setTimeout(() => (status.textContent = ""), isBad ? 8000 : 2500);
}

/** A request of this site's; throws an Error with the server's words, and `offline` where none came. */
export async function ask(method, path, body, csrf = data.csrf) {
  let response;
  const isRaw = body instanceof Blob;
  try {
    response = await fetch(path, {
      method,
      headers: { "X-CSRF-Token": csrf, ...(body && !isRaw ? { "Content-Type": "application/json" } : {}) },
      body: body === undefined ? undefined : isRaw ? body : JSON.stringify(body),
    });
  } catch {
    throw Object.assign(new Error("The studio can't be reached. What you did is kept here."), { offline: true });
  }
  const document = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw Object.assign(new Error(document.error?.message ?? `The studio answered ${response.status}.`), {
      status: response.status,
      offline: response.status >= 502,
    });
  }
  return document;
}

/** Whether keys mean letters where the focus is. */
export function isWriting(target) {
  return target.closest("textarea, select, input:not([type=radio], [type=checkbox], [type=range]), [contenteditable]") !== null;
}

export function copy(text, button) {
  navigator.clipboard?.writeText(text).then(() => (button.textContent = "Copied"));
}

$("#theme")?.addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});

for (const element of document.querySelectorAll("[data-markdown]")) {
  element.replaceChildren(markdown(element.textContent));
  element.classList.add("done-reading");
}

$("#token")?.addEventListener("click", async ({ target }) => {
  try {
    const { token } = await ask("POST", "/api/token", {}, target.dataset.csrf);
    const line = $("#token-made");
    line.replaceChildren(h("code", {}, token), h("button", { type: "button", onclick: (e) => copy(token, e.target) }, "Copy"));
    line.hidden = false;
  } catch (error) { say(error.message, true); }
});
