// The page: what the visitor presses, and what is shown of it.

import { Answerer } from "./answerer.js";
import { Camera } from "./camera.js";
import { fileOf, readPhoto } from "./photo.js";
import { Stage } from "./stage.js";
import { Verdict } from "./verdict.js";

const RATE_S = 2; // over which answers a second are counted
// The smallest module with an instruction of SIMD: () => v128.
const SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);
/** @returns {any} */
const find = (/** @type {string} */ id) => document.getElementById(id);

const stage = new Stage(find("picture"));
const verdict = new Verdict();
const camera = new Camera(find("video"));
/** @type {Answerer} */
let answerer;
let isReady = false;
let early = /** @type {File | null} */ (null); // a photo that came before all was loaded
let run = 0; // which use of the camera, or which photo, is the present one
/** @type {number[]} */
let times = []; // of the last answers, in milliseconds

/** Lays a few plain words over the picture; without them it is uncovered. */
function cover(title = "", text = "") {
  find("cover").hidden = !title;
  if (!title) return;
  find("cover-title").textContent = title;
  find("cover-text").textContent = text;
  find("start").hidden = !isReady;
  verdict.unknown("wait");
  showCrop(null);
  tellNothing();
  verdict.say(`${title}. ${text}`);
}

/** Those who do not see the picture are not told of it either while it is covered. */
function tellNothing() {
  stage.canvas.setAttribute("aria-label", "No picture");
  stage.said = 0;
}

async function load() {
  if (!globalThis.WebAssembly?.validate(SIMD) || !globalThis.OffscreenCanvas || !globalThis.DecompressionStream) {
    cover("This browser is too old", "It needs a browser of 2023 or later: Chrome, Edge, Firefox, or Safari 16.4.");
    return;
  }
  cover("One moment", "Loading the model and what computes with it: 4 to 12 MB, once.");
  try {
    answerer = new Answerer();
    const { contract, answers } = await answerer.load();
    find("model").textContent = `Model ${contract.name}, made with happysad ${contract.versions?.happysad ?? "?"}.`;
    verdict.answers(answers);
  } catch (error) {
    cover("It could not be loaded", `${sentence(error.message)} Reload the page to try again.`);
    return;
  }
  isReady = true;
  for (const button of document.querySelectorAll("button")) button.disabled = false;
  cover("How do you look?", "Turn on your camera, or drop a photo here. It stays on this device.");
  takePhoto(early);
}

/**
 * Shows a picture with its answers, unless the visitor wants something else meanwhile.
 * @param {import("./answerer.js").Said} said
 * @param {number} mine
 */
async function show({ bitmap, result, ms }, mine) {
  await stage.show(bitmap, [bitmap.width, bitmap.height], result);
  bitmap.close();
  if (mine !== run) {
    tellNothing();
    return;
  }
  cover();
  verdict.show(result[0].label, result);
  showCrop(result[0].seen);
  find("latency").textContent = `${Math.round(ms)} ms`;
}

/** What the model saw, gray or in colour. */
function showCrop(/** @type {import("./pixels.js").Pixels | null} */ seen) {
  find("crop").hidden = !seen;
  if (!seen) return;
  const { width, height, channels, data } = seen;
  const image = new ImageData(width, height);
  for (let at = 0; at < image.data.length; at++) {
    const shown = channels === 1 ? data[at >> 2] : data[at];
    image.data[at] = at % 4 === 3 ? 255 : shown;
  }
  const canvas = find("crop-picture");
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

async function toggleCamera() {
  if (camera.isOn) {
    closeCamera();
    cover("The camera is off", "Turn it on again, or drop a photo here. It stays on this device.");
    return;
  }
  await openCamera();
}

async function openCamera() {
  const mine = ++run;
  cover("One moment", "The browser asks whether this page may use the camera.");
  try {
    await camera.open(() => lost(mine));
    const hasOther = await camera.hasOther();
    if (mine !== run) return;
    find("turn").hidden = !hasOther;
  } catch (error) {
    if (mine !== run) return;
    closeCamera();
    cover(error.title ?? "The camera does not start", error.message);
    return;
  }
  find("camera").setAttribute("aria-pressed", "true");
  stage.name = "The camera's picture";
  stage.isMirror = camera.isMirror;
  try {
    await answerer.ask("begin");
    while (mine === run && camera.isOn) await look(mine);
  } catch (error) {
    if (mine === run) broken(error);
  }
}

/** Browsers end their messages with a full stop, or do not. */
const sentence = (/** @type {string} */ message) => (/[.!?]$/.test(message) ? message : `${message}.`);

/** What computes has failed, or the camera's pictures cannot be read. */
function broken(/** @type {Error} */ { message }) {
  closeCamera();
  cover("Something went wrong", `${sentence(message)} Reload the page to try again.`);
}

/** Answers for one frame. */
async function look(/** @type {number} */ mine) {
  const bitmap = await camera.frame();
  if (!bitmap) return;
  if (mine !== run) {
    bitmap.close();
    return;
  }
  const said = await answerer.ask("frame", { bitmap, time: performance.now() / 1000 });
  if (mine !== run) {
    said.bitmap.close();
    return;
  }
  await show(said, mine);
  if (mine !== run) return;
  const now = performance.now();
  times = [...times, now].filter((time) => now - time < 1000 * RATE_S);
  const rate = times.length > 1 ? (times.length - 1) / ((now - times[0]) / 1000) : 0;
  find("rate").textContent = rate ? rate.toFixed(rate < 10 ? 1 : 0) : "–";
}

function closeCamera() {
  run++;
  camera.close();
  times = [];
  find("rate").textContent = "–";
  find("turn").hidden = true;
  find("camera").setAttribute("aria-pressed", "false");
}

/** It was unplugged, or the visitor has taken it back. */
function lost(/** @type {number} */ mine) {
  if (mine !== run) return;
  closeCamera();
  cover("The camera is gone", "It was unplugged or taken away. Turn it on again, or drop a photo here.");
}

/** Answers for a photo. */
async function takePhoto(/** @type {File | null} */ file) {
  if (!isReady) early = file ?? early;
  if (!file || !isReady) return;
  closeCamera();
  const mine = run;
  cover("One moment", file.name);
  let bitmap;
  try {
    bitmap = await readPhoto(file);
  } catch {
    if (mine === run) cover("Not a picture", `This browser cannot read ${file.name}. Try a JPEG, PNG or WebP.`);
    return;
  }
  if (mine !== run) {
    bitmap.close();
    return;
  }
  try {
    const said = await answerer.ask("photo", { bitmap });
    if (mine !== run) {
      said.bitmap.close();
      return;
    }
    stage.isMirror = false;
    stage.name = "The photo";
    await show(said, mine);
  } catch (error) {
    if (mine === run) broken(error);
  }
}

function toggleBoxes() {
  stage.hasBoxes = !stage.hasBoxes;
  find("boxes").setAttribute("aria-pressed", String(stage.hasBoxes));
  stage.draw();
}

const choose = () => find("file").click();
for (const id of ["camera", "start-camera"]) find(id).addEventListener("click", toggleCamera);
for (const id of ["photo", "start-photo"]) find(id).addEventListener("click", choose);
find("boxes").addEventListener("click", toggleBoxes);
find("turn").addEventListener("click", () => {
  camera.turn();
  openCamera();
});
find("file").addEventListener("change", (/** @type {any} */ { target }) => {
  takePhoto(target.files[0] ?? null);
  target.value = ""; // so that the same file can be chosen again
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  takePhoto(fileOf(event.dataTransfer));
});
document.addEventListener("paste", (event) => takePhoto(fileOf(event.clipboardData)));
load();
