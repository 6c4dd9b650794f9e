// Markdown as elements, never as HTML: whatever a text says, it can only become text, in the few elements named here.

const make = (name, ...children) => {
  const element = document.createElement(name);
  element.append(...children);
  return element;
};

const inlines = [
  [/^`+([^`]+)`+/, (m) => make("code", m[1])],
  [/^\$\$([^$]+)\$\$/, (m) => math(m[1])],
  [/^\$([^\s$](?:[^$\n]*[^\s$])?)\$(?!\d)/, (m) => math(m[1])],
  [/^\\\((.+?)\\\)/, (m) => math(m[1])],
  [/^\*\*(.+?)\*\*(?!\*)/s, (m) => make("strong", inline(m[1]))],
  [/^\*([^\s*](?:[^*]*[^\s*])?)\*(?!\*)/, (m) => make("em", inline(m[1]))],
  [/^_([^\s_](?:[^_]*[^\s_])?)_(?!\w)/, (m) => make("em", inline(m[1]))],
  [/^~~(.+?)~~/, (m) => make("del", inline(m[1]))],
  [/^\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/, (m) => link(m[2], m[1])],
  [/^(https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?])/, (m) => link(m[1], m[1])],
  [/^\\([\\`*_{}[\]()#+\-.!$])/, (m) => m[1]],
];

function link(href, text) {
  const element = make("a", text);
  element.href = href;
  element.rel = "noopener noreferrer nofollow";
  element.target = "_blank";
  return element;
}

/** A formula in its own letters, indices and powers set; what it can't set stays as it is written. */
function math(source) {
  const element = make("span");
  element.className = "math";
  const signs = { alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", theta: "θ", lambda: "λ", mu: "μ", pi: "π", sigma: "σ", phi: "φ", omega: "ω", Delta: "Δ", Sigma: "Σ", Omega: "Ω", sum: "∑", prod: "∏", int: "∫", infty: "∞", le: "≤", leq: "≤", ge: "≥", geq: "≥", ne: "≠", neq: "≠", times: "×", cdot: "·", pm: "±", to: "→", rightarrow: "→", in: "∈", approx: "≈", sqrt: "√", partial: "∂", nabla: "∇", log: "log", exp: "exp", left: "", right: "" };
  const text = source.replace(/\\frac\{([^{}]*)\}\{([^{}]*)\}/g, "($1)/($2)").replace(/\\([A-Za-z]+)/g, (all, name) => signs[name] ?? all);
  for (const part of text.split(/([_^](?:\{[^{}]*\}|\S))/)) {
    if (/^[_^]/.test(part)) element.append(make(part[0] === "_" ? "sub" : "sup", part.slice(1).replace(/^\{|\}$/g, "")));
    else element.append(part);
  }
  return element;
}

function inline(text) {
  const result = document.createDocumentFragment();
  let plain = "";
  const flush = () => { if (plain) result.append(plain); plain = ""; };
  while (text) {
    let found = null;
    if (/^[`$\\*_~[h]/.test(text) && !(text[0] === "_" && /\w$/.test(plain)) && !(text[0] === "h" && /\w$/.test(plain))) {
      for (const [pattern, build] of inlines) {
        const match = pattern.exec(text);
        if (match) { found = [match[0].length, build(match)]; break; }
      }
    }
    if (found) {
      flush();
      result.append(found[1]);
      text = text.slice(found[0]);
    } else if (text[0] === "\n") {
      flush();
      result.append(make("br"));
      text = text.slice(1);
    } else {
      plain += text[0];
      text = text.slice(1);
    }
  }
  flush();
  return result;
}

const isItem = (line) => /^\s*([-*+]|\d+[.)])\s+/.test(line);

/** The elements of a Markdown text. */
export function markdown(text, depth = 0) {
  const result = document.createDocumentFragment();
  if (depth > 8) { result.append(text); return result; }
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    const fence = /^\s*(```+|~~~+)/.exec(line);
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (!line.trim()) { i++; } else if (fence) {
      const code = [];
      for (i++; i < lines.length && !lines[i].trim().startsWith(fence[1]); i++) code.push(lines[i]);
      i++;
      result.append(make("pre", make("code", code.join("\n"))));
    } else if (heading) {
      // Below the page's own headings.
      result.append(make(heading[1].length < 3 ? "h3" : "h4", inline(heading[2])));
      i++;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) { result.append(make("hr")); i++; } else if (/^\s*>/.test(line)) {
      const quoted = [];
      for (; i < lines.length && /^\s*>/.test(lines[i]); i++) quoted.push(lines[i].replace(/^\s*> ?/, ""));
      result.append(make("blockquote", markdown(quoted.join("\n"), depth + 1)));
    } else if (isItem(line)) {
      const list = make(/^\s*\d/.test(line) ? "ol" : "ul");
      const indent = /^\s*/.exec(line)[0].length;
      if (list.tagName === "OL") list.start = Number.parseInt(line.trim(), 10);
      while (i < lines.length && isItem(lines[i]) && /^\s*/.exec(lines[i])[0].length <= indent + 1) {
        const item = [lines[i].replace(/^\s*([-*+]|\d+[.)])\s+/, "")];
        for (i++; i < lines.length && lines[i].trim() && (/^\s{2,}/.test(lines[i]) && /^\s*/.exec(lines[i])[0].length > indent + 1 || !isItem(lines[i]) && !/^\s*(```|#{1,6}\s|>)/.test(lines[i])); i++) item.push(lines[i].replace(/^\s{1,4}/, ""));
        const isPlain = item.length === 1 || !item.slice(1).some((entry) => isItem(entry) || /^\s*```/.test(entry));
        list.append(make("li", isPlain ? inline(item.join("\n")) : markdown(item.join("\n"), depth + 1)));
        while (i + 1 < lines.length && !lines[i].trim() && isItem(lines[i + 1])) i++;
      }
      result.append(list);
    } else if (/^\s*\|.*\|\s*$/.test(line) && /^\s*\|[\s:|-]+\|\s*$/.test(lines[i + 1] ?? "")) {
      const cells = (row) => row.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
      const table = make("table", make("thead", make("tr", ...cells(line).map((cell) => make("th", inline(cell))))));
      const body = make("tbody");
      for (i += 2; i < lines.length && /^\s*\|.*\|\s*$/.test(lines[i]); i++) {
        body.append(make("tr", ...cells(lines[i]).map((cell) => make("td", inline(cell)))));
      }
      table.append(body);
      result.append(table);
    } else {
      const paragraph = [line];
      for (i++; i < lines.length && lines[i].trim() && !isItem(lines[i]) && !/^\s*(```|~~~|#{1,6}\s|>|\|)/.test(lines[i]); i++) paragraph.push(lines[i]);
      result.append(make("p", inline(paragraph.join("\n"))));
    }
  }
  return result;
}

/** A block of prose. */
export function prose(text) {
  const block = make("div", markdown(text));
  block.className = "prose";
  return block;
}
