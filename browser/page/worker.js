// What computes, in a thread of its own, so that the page never stands still: pictures come in,
// answers go out.

import { pixelsOf } from "./canvas.js";
import { Classifier } from "./classifier.js";
import { FaceDetector } from "./detector.js";
import { FaceClassifier } from "./face_classifier.js";
import { Network, loadRuntime } from "./network.js";
import { SteadyLabel } from "./steady.js";
import { Tracks } from "./tracks.js";

/** @typedef {import("./classifier.js").Answer} Answer */

/** @returns {Promise<Uint8Array>} */
async function fetched(/** @type {string} */ name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name} is not there (HTTP ${response.status}).`);
  return new Uint8Array(await response.arrayBuffer());
}

class Answerer {
  /** Everything that is needed, so that nothing is fetched later. */
  static async load() {
    await loadRuntime(new URL("litert/", import.meta.url).href);
    const [model, short, full] = await Promise.all(
      ["model", "short", "full"].map((name) => fetched(`models/${name}.tflite`)),
    );
    const classifier = await Classifier.load(model);
    const detector = new FaceDetector({ short: await Network.load(short), full: await Network.load(full) });
    // The first answer takes ten times as long as the others: here nobody waits for it.
    await detector.detect({ data: new Uint8Array(128 * 128 * 4), width: 128, height: 128, channels: 4 });
    return new Answerer(new FaceClassifier(classifier, detector));
  }

  constructor(/** @type {FaceClassifier} */ faces) {
    this.faces = faces;
    this.isWhole = faces.classifier.contract.crop === "frame";
    this.begin();
  }

  /** Forgets who was before the camera. */
  begin() {
    this.tracks = new Tracks(this.faces);
    this.steady = new SteadyLabel(this.faces.classifier.decision);
  }

  /** For a photograph. @returns {Promise<Answer[]>} */
  async photo(/** @type {import("./pixels.js").Pixels} */ pixels, isWhole = this.isWhole) {
    return this.judged(isWhole ? [await this.faces.classifier.classify(pixels)] : await this.faces.classify(pixels));
  }

  /** For a frame of a camera. @returns {Promise<Answer[]>} */
  async frame(/** @type {import("./pixels.js").Pixels} */ pixels, /** @type {number} */ time) {
    if (!this.isWhole) return this.judged(await this.tracks.answer(pixels, time));
    const seen = this.faces.classifier.prepare(pixels);
    this.steady.update(await this.faces.classifier.scores(seen), null, time);
    return this.judged([this.steady.answer({ seen })]);
  }

  /** Adds which two answers make a face "unsure", where they do. */
  judged(/** @type {Answer[]} */ answers) {
    const { decision } = this.faces.classifier;
    for (const one of answers) {
      one.rivals = one.label === "unsure" && one.p_happy !== null ? decision.rivals(one) : null;
    }
    return answers;
  }
}

/** @type {Promise<Answerer>} */
let loading;

/** What can be asked, by its name. @type {Record<string, (message: any) => Promise<any>>} */
const questions = {
  async load() {
    loading = Answerer.load();
    const { contract, decision } = (await loading).faces.classifier;
    return { contract, answers: decision.answers };
  },
  async begin() {
    (await loading).begin();
  },
  async photo({ bitmap, isWhole }) {
    return (await loading).photo(pixelsOf(bitmap), isWhole);
  },
  async frame({ bitmap, time }) {
    return (await loading).frame(pixelsOf(bitmap), time);
  },
};

onmessage = async ({ data: { id, kind, ...message } }) => {
  const begin = performance.now();
  try {
    const result = await questions[kind](message);
    const { bitmap } = message;
    const transfer = bitmap ? [bitmap] : [];
    postMessage({ id, result, bitmap, ms: performance.now() - begin }, { transfer });
  } catch (error) {
    postMessage({ id, error: String(error?.message ?? error) });
  }
};
postMessage({ id: 0 }); // ready to be asked
