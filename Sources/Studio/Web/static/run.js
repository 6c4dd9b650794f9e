// The curves of a run, drawn anew as its metrics come.
import { $, ask, data, h } from "./studio.js";

const series = new Map(); // name → [[step, value], …]
const first = ["loss", "evaluation_loss", "accuracy", "reward", "kl", "win_rate"];
let from = 0;

function format(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(2) : Number(value.toPrecision(4)).toString();
}

function svg(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A curve thinned to what can be seen: the least and the greatest of each of 300 parts. */
function thin(points) {
  if (points.length <= 600) return points;
  const size = Math.ceil(points.length / 300);
  const kept = [];
  for (let i = 0; i < points.length; i += size) {
    const part = points.slice(i, i + size);
    const low = part.reduce((a, b) => (b[1] < a[1] ? b : a));
    const high = part.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(low[0] < high[0] ? [low, high] : [high, low]));
  }
  return kept;
}

function curve(name, all) {
  const points = thin(all.filter(([, value]) => Number.isFinite(value)));
  if (!points.length) return null;
  const [x0, x1] = [points[0][0], points.at(-1)[0]];
  const values = points.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [w, d] = [Math.max(1, x1 - x0), high - low || 1];
  const path = points.map(([x, y], i) => `${i ? "L" : "M"}${((100 * (x - x0)) / w).toFixed(2)} ${(96 - (92 * (y - low)) / d).toFixed(2)}`).join("");
  const last = points.at(-1)[1];
  return h("figure", { class: "curve" }, h("figcaption", {}, h("span", {}, name.replaceAll("_", " ")), h("span", {}, format(last))),
    svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img", "aria-label": `${name}: ${format(last)} at step ${x1}, between ${format(low)} and ${format(high)}` }, svg("path", { d: points.length > 1 ? path : `${path}h100` })),
    h("div", { class: "ends" }, h("span", {}, `step ${x0}`), h("span", {}, `${format(low)} to ${format(high)}`), h("span", {}, `${x1}`)));
}

function draw() {
  const names = [...series.keys()].sort((a, b) => {
    const [i, j] = [first.indexOf(a), first.indexOf(b)];
    return (i < 0 ? 99 : i) - (j < 0 ? 99 : j) || a.localeCompare(b);
  });
  $("#curves").replaceChildren(...names.map((name) => curve(name, series.get(name))).filter(Boolean));
  $("#waiting").hidden = names.length > 0;
}

async function poll() {
  let state = "unfinished";
  try {
    const news = await ask("GET", `/api/runs/${encodeURIComponent(data.run)}/metrics?from=${from}`);
    state = news.state;
    from = news.next;
    for (const { step, ...metrics } of news.lines) {
      $("#step").textContent = step;
      for (const [name, value] of Object.entries(metrics)) {
        if (typeof value !== "number") continue;
        if (!series.has(name)) series.set(name, []);
        series.get(name).push([step, value]);
      }
    }
    $("#state").textContent = news.failed ? "failed" : state;
    $("#failure").hidden = !news.failed;
    if (news.failed) $("#failure").textContent = news.words;
    if (news.lines.length) draw();
    if (news.failed || (state !== "running" && !news.lines.length)) { setTimeout(poll, 10000); return; }
  } catch (error) { $("#state").textContent = error.offline ? "not reached" : error.message; }
  setTimeout(poll, document.hidden ? 15000 : 1500);
}
poll();
