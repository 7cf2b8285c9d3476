// The page's heart: it keeps a WebSocket to the program, and shows what comes out of it.
// Message kinds: "hello" once; "diary", what has happened; "lessons", there is something new about
// teaching; "picture", followed by a JPEG while there is a camera; before it "why", what made its
// answer, if the page has asked for that; "nothing", a sign of life. After the picture, or nothing, the
// program waits until it is told that it was shown ("next", or "why" to ask), so that a slow phone gets
// fewer pictures, never late ones.

import { Chart } from "./chart.js";
import { Figures } from "./figures.js";
import { Lessons } from "./lessons.js";
import { Stage } from "./stage.js";
import { Why } from "./why.js";

const AGAIN_MS = 1000; // until the next attempt to connect
const FULL_MS = 10000; // where all seats were taken
const find = (id) => document.getElementById(id);

const stage = new Stage(find("picture"));
const figures = new Figures();
const lessons = new Lessons(figures);
const chart = new Chart(find("chart"));
const why = new Why();
let socket = null;
let waiting = null; // the facts of a picture whose JPEG is on its way
let made = null; // what made the answer of the picture that comes next
let isPaused = false;
let farewell = ""; // what the program has said at its end

function connect() {
  if (socket || isPaused || document.hidden) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/live`);
  socket.binaryType = "blob";
  socket.onmessage = (message) => receive(message.data);
  socket.onclose = lost;
}

async function receive(data) {
  const from = socket;
  if (typeof data !== "string") {
    const facts = waiting;
    waiting = null;
    await stage.show(data, facts.size, facts.answers);
    shown(from, facts);
    return;
  }
  const message = JSON.parse(data);
  if (message.kind === "hello") {
    farewell = "";
    stage.isMirror = message.mirror;
    figures.hello(message);
    chart.begin(message);
    lessons.revision = -1; // another run of the program may have begun to count anew
    lessons.ask("");
  } else if (message.kind === "lessons") {
    lessons.ask("");
  } else if (message.kind === "diary") {
    for (const entry of message.entries) {
      if (entry.kind === "second") chart.add(entry);
      else figures.tell(entry);
    }
    chart.draw();
  } else if (message.kind === "picture" && message.size) {
    waiting = message; // its JPEG is the next message
    waiting.why = made;
    made = null;
  } else if (message.kind === "why") {
    made = message;
  } else if (message.kind === "picture") {
    stage.forget();
    cover("No camera", "The program tries to open it again. What it says of it is below.");
    shown(from, message);
  } else {
    next(from);
  }
}

function shown(from, facts) {
  if (facts.size) cover();
  figures.show(facts);
  why.show(facts.why);
  next(from);
}

/** Asks for the next picture once this one is on the screen. */
function next(from) {
  requestAnimationFrame(() => {
    if (from && from.readyState === WebSocket.OPEN) from.send(why.wish);
  });
}

async function lost(event) {
  socket = waiting = made = null;
  if (isPaused || document.hidden) return;
  if (event.code === 1013) {
    cover("Please wait", event.reason);
    setTimeout(connect, FULL_MS);
    return;
  }
  if (event.code === 1001) farewell = event.reason;
  const answer = await fetch("/healthz").catch(() => null);
  if (answer && answer.status === 401) {
    cover("No entry", "Open the address that the program has shown in its terminal.");
    return;
  }
  if (farewell) cover(farewell, "Start the program again to see more: this page finds it by itself.");
  else cover("Not connected", "The program does not answer. Trying again.");
  setTimeout(connect, AGAIN_MS);
}

/** Lays a few plain words over the picture; without them it is uncovered. */
function cover(title = "", text = "") {
  const isNew = find("cover-title").textContent !== title && title;
  find("cover").hidden = !title;
  find("cover-title").textContent = title;
  find("cover-text").textContent = text;
  if (title && title !== "Paused") figures.unknown(title === "No camera" ? "no_camera" : "wait");
  if (isNew) figures.verdict.say(`${title}. ${text}`);
}

function pause() {
  isPaused = !isPaused;
  find("pause").setAttribute("aria-pressed", isPaused);
  if (isPaused) {
    socket?.close();
    figures.verdict.say("Paused");
  } else {
    connect();
  }
}

function toggleBoxes() {
  stage.hasBoxes = !stage.hasBoxes;
  find("boxes").setAttribute("aria-pressed", stage.hasBoxes);
  stage.draw();
}

function toggleFull() {
  if (document.fullscreenElement) document.exitFullscreen();
  else find("now").requestFullscreen?.();
}

const actions = {
  b: ["boxes", toggleBoxes],
  w: ["explain", () => why.toggle()],
  p: ["pause", pause],
  f: ["full", toggleFull],
};
const holds = { h: "happy", s: "sad", n: "neutral" };
find("leave").addEventListener("click", toggleFull);
for (const [id, act] of Object.values(actions)) find(id).addEventListener("click", act);
find("full").hidden = !document.fullscreenEnabled; // an iPhone has none
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const key = event.key.toLowerCase();
  actions[key]?.[1]();
  if (key in holds) lessons.hold(holds[key]);
});
document.addEventListener("keyup", (event) => {
  const label = holds[event.key.toLowerCase()];
  if (label) lessons.release(label);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) socket?.close();
  else connect();
});
connect();
