extension SummaryPage {
  /// The page, with places for the title, the tree and the book's text.
  ///
  /// One file that needs nothing else: the tree is drawn by the script at its end, of the two JSON documents before it.
  static let template = #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{title}}: a summary to look into</title>
    <style>
    :root { color-scheme: light dark; --ground: #f6f7f9; --paper: #fff; --ink: #1a2230; --soft: #5b6678; --line: #d9dfe8; --mark: #2563eb; --tint: #dbe7ff; --warm: #b45309; }
    @media (prefers-color-scheme: dark) { :root { --ground: #12161d; --paper: #1a202a; --ink: #e6ebf3; --soft: #9aa7ba; --line: #303a48; --mark: #7aa7ff; --tint: #24385f; --warm: #f0b060; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 Georgia, "Times New Roman", serif; }
    header, main { max-width: 76rem; margin: 0 auto; padding: 1rem 1.2rem; }
    h1 { font-size: 1.5rem; margin: 0; }
    h2 { font-size: 1.05rem; margin: 0 0 .4rem; }
    .soft, nav, button, label, select, svg text { font-family: system-ui, sans-serif; }
    .soft { color: var(--soft); font-size: .85rem; }
    #tree { width: 100%; display: block; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
    #tree rect { fill: var(--tint); stroke: var(--paper); stroke-width: 1; cursor: pointer; }
    #tree rect:hover { fill: var(--mark); }
    #tree rect.on { fill: var(--mark); }
    #tree rect.below { stroke: var(--mark); stroke-width: 2; }
    #tree rect.edited { fill: var(--warm); }
    #tree rect:focus-visible { outline: 2px solid var(--ink); }
    main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem; }
    @media (max-width: 52rem) { main { grid-template-columns: minmax(0, 1fr); } }
    section { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; min-width: 0; }
    .sentence { cursor: pointer; border-bottom: 1px dotted var(--soft); }
    .sentence:hover, .sentence:focus-visible, .sentence.on { background: var(--tint); outline: none; }
    .sentence.nowhere { border-bottom-style: none; text-decoration: underline wavy var(--warm) 1px; }
    .source { border-left: 3px solid var(--mark); padding: .1rem .8rem; margin: .8rem 0; }
    .source mark, #passage mark { background: var(--tint); color: inherit; }
    #passage { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 32rem; overflow: auto; }
    button, select { font-size: .9rem; padding: .3rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--ground); color: inherit; cursor: pointer; }
    button:disabled { opacity: .5; cursor: default; }
    textarea { width: 100%; min-height: 8rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: .5rem; }
    .row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .6rem 0; }
    </style>
    </head>
    <body>
    <header>
    <h1 id="title"></h1>
    <p class="soft" id="facts"></p>
    <svg id="tree" role="group" aria-label="The tree: the whole summary above, passages below"></svg>
    <nav class="row"><button id="up">to what it is a part of</button><button id="top">to the whole</button><span class="soft" id="path"></span></nav>
    </header>
    <main>
    <section aria-live="polite">
    <h2 id="name"></h2>
    <div id="text"></div>
    <p class="soft" id="caveats"></p>
    <details id="editing"><summary class="soft">rate or edit</summary>
    <div class="row"><label>how good is it? <select id="rating"><option value="">–</option><option>1</option><option>2</option><option>3</option><option>4</option><option>5</option><option>6</option><option>7</option></select></label></div>
    <textarea id="edit" aria-label="the summary, to edit"></textarea>
    <div class="row"><button id="keep">keep this text</button><button id="drop">take the edit back</button></div></details>
    <div class="row"><button id="edits" disabled>download edits.json</button><button id="feedback" disabled>download feedback.jsonl</button><span class="soft" id="count"></span></div>
    <p class="soft" id="how" hidden>Give edits.json to <code>apprentice summarize --out FOLDER --edits edits.json</code>: what depends on an edit is summarised again.
    Give feedback.jsonl to a studio's project or <code>apprentice data import</code>: edits are demonstrations, ratings feedback.</p>
    </section>
    <section><h2 id="below">Where it came from</h2><p class="soft" id="hint">Choose a sentence. One that is underlined in a wavy line was found nowhere below.</p><div id="sources"></div><div id="passage"></div></section>
    </main>
    <script type="application/json" id="tree-data">{{tree}}</script>
    <script type="application/json" id="text-data">{{text}}</script>
    <script>
    "use strict";
    const tree = JSON.parse(document.getElementById("tree-data").textContent);
    // Positions count code points, and JavaScript's strings count other units.
    const book = Array.from(JSON.parse(document.getElementById("text-data").textContent));
    const nodes = new Map(tree.nodes.map(node => [node.id, node]));
    const parents = new Map(tree.nodes.flatMap(node => node.children.map(child => [child, node.id])));
    const $ = id => document.getElementById(id);
    const store = { edits: new Map(), ratings: new Map() };
    let current = nodes.get(tree.root);

    function make(name, text, className) {
      const made = document.createElement(name);
      if (text !== undefined) made.textContent = text;
      if (className) made.className = className;
      return made;
    }
    function slice(start, end) { return book.slice(start, end).join(""); }
    function named(node) {
      const what = node.height === 0 ? "passage" : node.id === tree.root ? "the whole" : "part";
      return what + " " + node.id + (node.chapter ? " · " + node.chapter : "");
    }
    function textOf(node) { return store.edits.get(node.id) ?? node.text; }

    function draw() {
      const svg = $("tree"), heights = Math.max(...tree.nodes.map(node => node.height)) + 1, row = 22, width = 1000;
      const first = Math.min(...tree.nodes.map(node => node.start)), last = Math.max(...tree.nodes.map(node => node.end));
      const x = place => (place - first) / Math.max(1, last - first) * width;
      svg.setAttribute("viewBox", `0 0 ${width} ${heights * row}`);
      svg.setAttribute("preserveAspectRatio", "none");
      svg.style.height = heights * row + "px";
      for (const node of tree.nodes) {
        const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        rect.setAttribute("x", x(node.start));
        rect.setAttribute("width", Math.max(1, x(node.end) - x(node.start)));
        rect.setAttribute("y", (heights - 1 - node.height) * row);
        rect.setAttribute("height", row);
        rect.setAttribute("data-id", node.id);
        // Thousands of passages are reached by their parts, not by the tabulator.
        if (node.height > 0) rect.setAttribute("tabindex", "0");
        const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
        title.textContent = named(node);
        rect.append(title);
        rect.addEventListener("click", () => show(node));
        rect.addEventListener("keydown", event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(node); } });
        svg.append(rect);
      }
    }

    function mark() {
      for (const rect of $("tree").querySelectorAll("rect")) {
        const id = rect.dataset.id;
        rect.classList.toggle("on", id === current.id);
        rect.classList.toggle("below", current.children.includes(id));
        rect.classList.toggle("edited", store.edits.has(id) || nodes.get(id).edited);
      }
    }

    function show(node, chosen) {
      current = node;
      $("name").textContent = named(node);
      const text = $("text");
      text.replaceChildren();
      if (store.edits.has(node.id)) {
        text.append(make("p", store.edits.get(node.id)), make("p", "edited, not yet summarised above", "soft"));
      } else {
        const scalars = Array.from(node.text);
        let place = 0;
        node.sentences.forEach((sentence, number) => {
          text.append(scalars.slice(place, sentence.start).join(""));
          const span = make("span", scalars.slice(sentence.start, sentence.end).join(""), "sentence");
          span.tabIndex = 0;
          span.dataset.sentence = number;
          if (sentence.sources.length === 0) span.classList.add("nowhere");
          span.addEventListener("click", () => choose(node, number));
          span.addEventListener("keydown", event => { if (event.key === "Enter") choose(node, number); });
          text.append(span);
          place = sentence.end;
        });
        text.append(scalars.slice(place).join(""));
      }
      $("caveats").textContent = node.caveats.join("; ");
      $("edit").value = textOf(node);
      $("rating").value = store.ratings.get(node.id) ?? "";
      const up = [];
      for (let id = parents.get(node.id); id; id = parents.get(id)) up.unshift(id);
      $("path").textContent = up.concat(node.id).join(" › ");
      $("up").disabled = $("top").disabled = node.id === tree.root;
      $("sources").replaceChildren();
      $("passage").replaceChildren();
      $("hint").hidden = false;
      if (node.height === 0) passage(node, []);
      if (chosen !== undefined) choose(node, chosen);
      mark();
    }

    // The passage with some places of it marked.
    function passage(node, marks) {
      const box = $("passage");
      box.replaceChildren();
      let place = node.start;
      for (const [start, end] of marks.slice().sort((a, b) => a[0] - b[0])) {
        if (start < place) continue;
        box.append(slice(place, start), make("mark", slice(start, end)));
        place = end;
      }
      box.append(slice(place, node.end));
      box.querySelector("mark")?.scrollIntoView({ block: "nearest" });
    }

    function choose(node, number) {
      for (const span of $("text").querySelectorAll(".sentence")) span.classList.toggle("on", Number(span.dataset.sentence) === number);
      const sentence = node.sentences[number], box = $("sources");
      box.replaceChildren();
      $("hint").hidden = true;
      if (sentence.sources.length === 0) box.append(make("p", "No sentence below accounts for it: it may be made up.", "soft"));
      if (node.height === 0) return passage(node, sentence.sources.map(source => [source.start, source.end]));
      for (const source of sentence.sources) {
        const child = nodes.get(source.node), part = make("div", undefined, "source"), scalars = Array.from(child.text);
        part.append(make("p", named(child) + " · " + Math.round(100 * source.score) + "% of its words", "soft"));
        const quote = make("p");
        quote.append(scalars.slice(0, source.start).join(""), make("mark", scalars.slice(source.start, source.end).join("")), scalars.slice(source.end).join(""));
        const button = make("button", "look into it");
        button.addEventListener("click", () => show(child, source.sentence ?? undefined));
        part.append(quote, button);
        box.append(part);
      }
    }

    function changed() {
      const count = store.edits.size + store.ratings.size;
      $("edits").disabled = store.edits.size === 0;
      $("feedback").disabled = count === 0;
      $("how").hidden = count === 0;
      $("count").textContent = count === 0 ? "" : `${store.edits.size} edits, ${store.ratings.size} ratings`;
      mark();
    }
    // What a node was made of, as a prompt for demonstrations.
    function prompt(node) {
      const source = node.height === 0 ? slice(node.start, node.end) : node.children.map(id => textOf(nodes.get(id))).join("\n\n");
      return source + "\n\nSummary:";
    }
    function download(name, text) {
      const link = make("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }
    function editsFile() {
      return JSON.stringify({
        edits: [...store.edits].map(([id, text]) => ({ id, text })),
        ratings: [...store.ratings].map(([id, value]) => ({ id, value })),
      }, null, 1) + "\n";
    }
    function feedbackLines() {
      const lines = [...store.edits].map(([id, text]) => ({ prompt: prompt(nodes.get(id)), completion: " " + text }));
      // From 5 on a summary is wanted, up to 3 it isn't; 4 says neither.
      for (const [id, value] of store.ratings) {
        if (value !== "4") lines.push({ prompt: prompt(nodes.get(id)), completion: " " + nodes.get(id).text, label: Number(value) > 4 });
      }
      return lines.map(line => JSON.stringify(line)).join("\n") + "\n";
    }
    $("keep").addEventListener("click", () => {
      const text = $("edit").value.trim();
      if (text && text !== current.text) store.edits.set(current.id, text); else store.edits.delete(current.id);
      show(current);
      changed();
    });
    $("drop").addEventListener("click", () => { store.edits.delete(current.id); show(current); changed(); });
    $("rating").addEventListener("change", () => {
      if ($("rating").value) store.ratings.set(current.id, $("rating").value); else store.ratings.delete(current.id);
      changed();
    });
    $("edits").addEventListener("click", () => download("edits.json", editsFile()));
    $("feedback").addEventListener("click", () => download("feedback.jsonl", feedbackLines()));
    $("up").addEventListener("click", () => show(nodes.get(parents.get(current.id))));
    $("top").addEventListener("click", () => show(nodes.get(tree.root)));
    $("title").textContent = tree.title ?? tree.source;
    $("facts").textContent = [tree.author, tree.nodes.filter(node => node.height === 0).length + " passages", "by " + tree.model].concat(tree.remarks).filter(Boolean).join(" · ");
    draw();
    show(current);
    </script>
    </body>
    </html>

    """#
}
