// The page around a chatbot that is compiled to WebAssembly. Everything is fetched once; a question is never sent anywhere.
"use strict";
(() => {
  const at = id => document.getElementById(id);
  const [log, question, send, slider, ideas] = ["log", "question", "send", "temperature", "ideas"].map(at);
  const kept = 200;  // messages in the page; older ones are dropped, so that a long talk doesn't grow it
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const words = ["calm, for once", "grumbling", "testy", "moody", "unhinged"];
  const encoder = new TextEncoder(), decoder = new TextDecoder();
  let module, writing = null, size = 0;

  const bytes = async name => {
    const answer = await fetch(name, { cache: "no-cache" });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  };

  async function load() {
    if (typeof WebAssembly !== "object") throw new Error("this browser has no WebAssembly");
    const [model, vector] = await Promise.all([bytes("model.bin"), bytes("models.wasm")]);
    // Browsers without vector instructions get a module without them, which is slower and says the same.
    const code = WebAssembly.validate(vector) ? vector : await bytes("models-plain.wasm");
    module = (await WebAssembly.instantiate(code, {})).instance.exports;
    put(model);
    const problem = module.open_model(model.length);
    if (problem) throw new Error(`model.bin can't be read (${problem})`);
    size = model.length + code.length;
    // Browsers compile a function when it is first called: the first question needn't wait for that.
    for (let turn = 0; turn < 3; turn++) answer("hello", 1, turn);
  }

  function put(data) {
    const start = module.reserve(data.length);
    new Uint8Array(module.memory.buffer, start, data.length).set(data);
  }

  function ask(text, temperature, seed) {
    // The model looks at no more than the beginning.
    const data = encoder.encode(text.slice(0, 8192));
    put(data);
    module.ask(data.length, temperature, BigInt.asIntN(64, seed));
  }

  function next() {
    const length = module.next_piece();
    return length < 0 ? null : decoder.decode(new Uint8Array(module.memory.buffer, module.piece_start(), length));
  }

  function answer(text, temperature = 0, seed = 0n) {
    ask(text, temperature, BigInt(seed));
    let whole = "", piece;
    while ((piece = next()) !== null) whole += piece;
    return whole;
  }

  function say(kind, text) {
    const message = document.createElement("p");
    message.className = kind;
    message.dir = "auto";
    message.textContent = text;
    log.append(message);
    while (log.childElementCount > kept) log.firstElementChild.remove();
    log.scrollTop = log.scrollHeight;
    return message;
  }

  function finish() {
    if (!writing) return;
    cancelAnimationFrame(writing.frame);
    let piece;
    while ((piece = next()) !== null) writing.message.textContent += piece;
    end();
  }

  function end() {
    log.removeAttribute("aria-busy");
    at("face").classList.remove("talking");
    log.scrollTop = log.scrollHeight;
    writing = null;
  }

  function turn(text, began) {
    finish();
    ask(text, Number(slider.value), crypto.getRandomValues(new BigInt64Array(1))[0]);
    const opening = next();
    say("you", text);
    ideas.hidden = true;
    // Screen readers are told of the whole answer, not of each word.
    log.setAttribute("aria-busy", "true");
    at("face").classList.add("talking");
    writing = { message: say("bot", opening ?? "…"), frame: 0 };
    const first = performance.now() - began;
    at("figures").textContent = `first word after ${first.toFixed(1)} ms · ${(size / 1e6).toFixed(2)} MB`;
    if (still.matches) return finish();
    const more = () => {
      const piece = next();
      if (piece === null) return end();
      writing.message.textContent += piece;
      log.scrollTop = log.scrollHeight;
      writing.frame = requestAnimationFrame(() => { writing.frame = requestAnimationFrame(more); });
    };
    writing.frame = requestAnimationFrame(more);
  }

  function mood() {
    const value = Number(slider.value);
    const word = words[value === 0 ? 0 : value < 0.4 ? 1 : value < 0.8 ? 2 : value < 1.2 ? 3 : 4];
    at("moodword").textContent = `${value.toFixed(1)}, ${word}`;
    slider.setAttribute("aria-valuetext", at("moodword").textContent);
  }

  at("form").addEventListener("submit", event => {
    event.preventDefault();
    const began = performance.now();
    const text = question.value.trim();
    if (!text || !module) return question.focus();
    question.value = "";
    turn(text, began);
  });
  slider.addEventListener("input", mood);
  mood();

  for (const text of ["How are you?", "Do you like pizza?", "Tell me a joke", "Should I become a pilot?", "What is the meaning of life?"]) {
    const idea = document.createElement("button");
    idea.type = "button";
    idea.textContent = text;
    idea.addEventListener("click", () => { if (module) { turn(text, performance.now()); question.focus(); } });
    ideas.append(idea);
  }

  // A browser may forbid storage: then the page works and isn't kept.
  async function keep() {
    try {
      await navigator.serviceWorker.register("service-worker.js");
      await navigator.serviceWorker.ready;
      return true;
    } catch { return false; }
  }

  const ready = load().then(async () => {
    question.disabled = send.disabled = false;
    if (!matchMedia("(pointer: coarse)").matches) question.focus();
    at("status").textContent = "Awake. Not happy about it.";
    if (await keep()) at("status").textContent = "Awake, offline too. Not happy about it.";
  });
  ready.catch(error => {
    at("status").textContent = "Refuses to get up.";
    say("note", `Grizzle can't start: ${error.message}. Open the page over http or https in a browser of recent years, and load it once with a connection.`);
  });

  // For pages around this one, and for tests.
  window.chatbot = { ready, answer, memory: () => module.memory.buffer.byteLength };
})();
