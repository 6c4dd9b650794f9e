"use strict";
// One window plays: it sits down, then takes fifteen steps a second with the keys that are held.
(() => {
  const at = (id) => document.getElementById(id);
  const canvas = at("scene");
  const context = canvas.getContext("2d");
  const stepTime = 1000 / 15;
  const keyOf = {
    ArrowLeft: "LEFT", ArrowRight: "RIGHT", ArrowUp: "UP", ArrowDown: "DOWN", " ": "D",
    d: "D", a: "A", w: "W", s: "S", q: "Q", e: "E",
  };
  const held = new Set(); // keys that are down
  const pressed = new Set(); // keys that went down since the last step, for taps shorter than one
  let image = null;
  let seat = 0;
  let isPaused = false;
  let isBusy = false;

  async function ask(path, body) {
    const answer = await fetch(path, { method: "POST", body: JSON.stringify({ seat, ...body }) });
    if (!answer.ok) {
      const said = await answer.json().catch(() => ({ error: answer.statusText }));
      const error = new Error(said.error);
      error.isFinal = answer.status === 409;
      throw error;
    }
    show(JSON.parse(answer.headers.get("X-Game")), new Uint8Array(await answer.arrayBuffer()));
  }

  function show(now, pixels) {
    seat = now.seat;
    if (!image || image.width !== now.side) {
      canvas.width = canvas.height = now.side;
      image = context.createImageData(now.side, now.side);
      image.data.fill(255);
    }
    const data = image.data;
    for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
      data[to] = pixels[from];
      data[to + 1] = pixels[from + 1];
      data[to + 2] = pixels[from + 2];
    }
    context.putImageData(image, 0, 0);
    at("game").textContent = `${now.game} (${now.mode})`;
    at("summary").textContent = now.summary;
    at("words").textContent = `level ${now.level} · step ${now.time} · score ${now.score}`;
    document.title = `${now.game} · ${now.score}`;
    complain(now.problem);
  }

  function complain(problem) {
    at("problem").hidden = !problem;
    at("problem").textContent = problem ?? "";
  }

  // One request at a time; what fails is said, and the game goes on with the next step unless it is somebody else's now.
  async function doing(path, body) {
    if (isBusy) return;
    isBusy = true;
    try {
      await ask(path, body);
    } catch (error) {
      complain(error.message === "Failed to fetch" ? "The game isn't served any more." : error.message);
      if (error.isFinal) pause(true);
    } finally {
      isBusy = false;
    }
  }

  function pause(value) {
    isPaused = value;
    at("pause").textContent = isPaused ? "Go on (P)" : "Pause (P)";
    if (isPaused) held.clear();
  }

  async function toggle() {
    // Whoever was sent away sits down again.
    if (isPaused) await doing("sit");
    pause(!isPaused);
  }

  let due = performance.now();
  async function tick() {
    if (!isPaused && !document.hidden) {
      const keys = new Set([...held, ...pressed]);
      pressed.clear();
      await doing("step", { keys: [...keys] });
    }
    const now = performance.now();
    due = Math.max(due + stepTime, now);
    setTimeout(tick, due - now);
  }

  function down(key) { held.add(key); pressed.add(key); }
  function up(key) { held.delete(key); }
  const commands = { p: toggle, r: () => doing("restart"), n: () => doing("next") };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (keyOf[name]) {
      if (event.target instanceof HTMLButtonElement && name === " ") return;
      down(keyOf[name]);
      event.preventDefault();
    } else if (commands[name] && !event.repeat) {
      commands[name]();
    }
  });
  addEventListener("keyup", (event) => {
    const key = keyOf[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (key) up(key);
  });
  addEventListener("blur", () => held.clear());
  at("pause").onclick = toggle;
  at("restart").onclick = commands.r;
  at("next").onclick = commands.n;

  // Fingers: a stick of eight directions and six buttons.
  const stick = at("stick");
  const knob = stick.firstElementChild;
  function lean(event) {
    const box = stick.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width - 0.5;
    const y = (event.clientY - box.top) / box.height - 0.5;
    const far = Math.hypot(x, y);
    // A direction counts within 67.5 degrees of its own, so that each of the eight has 45.
    const reach = far * Math.sin(Math.PI / 8);
    for (const [key, part] of [["LEFT", -x], ["RIGHT", x], ["UP", -y], ["DOWN", y]]) {
      if (far > 0.12 && part > reach) down(key); else up(key);
    }
    const scale = far > 0.35 ? 0.35 / far : 1;
    knob.style.transform = `translate(${x * scale * box.width}px, ${y * scale * box.height}px)`;
  }
  function release() {
    for (const key of ["LEFT", "RIGHT", "UP", "DOWN"]) up(key);
    knob.style.transform = "";
  }
  stick.addEventListener("pointerdown", (event) => { stick.setPointerCapture(event.pointerId); lean(event); });
  stick.addEventListener("pointermove", (event) => { if (stick.hasPointerCapture(event.pointerId)) lean(event); });
  for (const kind of ["pointerup", "pointercancel"]) stick.addEventListener(kind, release);
  for (const key of ["Q", "W", "E", "A", "S", "D"]) {
    const button = document.createElement("button");
    button.textContent = key;
    button.tabIndex = -1;
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      button.classList.add("held");
      down(key);
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      button.addEventListener(kind, () => { button.classList.remove("held"); up(key); });
    }
    at("buttons").append(button);
  }

  addEventListener("pagehide", () => navigator.sendBeacon("leave", JSON.stringify({ seat })));
  doing("sit").then(() => { canvas.focus(); tick(); });
})();
