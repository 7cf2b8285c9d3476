// The classifier: a model file; a picture goes in, an answer comes out. The twin of
// edge/classifier.py, with what a model file says of itself (edge/model/contract.py).

import { readArchive, readArray } from "./archive.js";
import { stretched } from "./contrast.js";
import { decisionOf, probabilities } from "./decision.js";
import { outputScale } from "./flatbuffer.js";
import { Network } from "./network.js";
import { gray, mirrored, resize } from "./pixels.js";

/**
 * @typedef {import("./boxes.js").Box} Box
 * @typedef {import("./decision.js").Decision} Decision
 * @typedef {import("./decision.js").Scores} Scores
 * @typedef {import("./pixels.js").Pixels} Pixels
 *
 * @typedef {object} Answer For one picture or one face, by the names of the device's JSON.
 * @property {string} label "happy", "sad", "neutral", "unsure" or "no_face".
 * @property {number | null} p_happy 0 to 1; null where the model was not asked.
 * @property {number | null} p_sad
 * @property {number | null} p_neutral Also null of a model with two answers.
 * @property {number | null} p_shown The probability that stands beside the label; null of "unsure".
 * @property {Box | null} box Of the face, in pixels of the picture; null for all of it.
 * @property {string | null} reason Why a face was not judged.
 * @property {boolean} [is_held] Whether a followed face keeps its label, although the newest frames say another.
 * @property {string[] | null} [rivals] The two answers that are too close, where they make it "unsure".
 * @property {number} track_id Number of the face, from 1; 0 for none.
 * @property {Pixels | null} seen All that the model saw, as small as it takes it; null where it was not asked.
 */

const GOLDEN_TOLERANCE = 8; // steps of the output, as on the device

export class Classifier {
  /**
   * @param {Record<string, any>} contract What the file says of itself.
   * @param {Network} network
   * @param {{ scale: number, zeroPoint: number }} output How its output is read.
   */
  constructor(contract, network, output) {
    this.contract = contract;
    this.decision = decisionOf(contract);
    this.network = network;
    this.output = output;
  }

  /**
   * A model that answers in this browser as it did where it was made.
   * @param {Uint8Array} content Of the file.
   * @returns {Promise<Classifier>}
   */
  static async load(content) {
    const files = await readArchive(content);
    const contract = JSON.parse(new TextDecoder().decode(files.get("contract.json")));
    const classifier = new Classifier(contract, await Network.load(content), outputScale(content));
    await classifier.test(await readArchive(files.get("golden.npz")));
    return classifier;
  }

  /** Asks for pictures that are in the file beside the scores that they had. */
  async test(/** @type {Map<string, Uint8Array>} */ golden) {
    const inputs = readArray(golden.get("inputs.npy"));
    const wanted = readArray(golden.get("scores.npy") ?? golden.get("p_happy.npy"));
    const [count, , , channels] = inputs.shape;
    const size = inputs.values.length / count;
    const step = this.output.scale || 1 / 256;
    for (let n = 0; n < count; n++) {
      const scores = await this.side(inputs.values.subarray(n * size, (n + 1) * size), channels);
      const off = Math.max(...scores.map((score, k) => Math.abs(score - wanted.values[n * scores.length + k])));
      if (!(off <= GOLDEN_TOLERANCE * step)) {
        throw new Error(`The model answers differently in this browser, by ${Math.round(off / step)} steps.`);
      }
    }
  }

  /** The answer for one picture, all of it. @returns {Promise<Answer>} */
  async classify(/** @type {Pixels} */ pixels) {
    const seen = this.prepare(pixels);
    const scores = await this.scores(seen);
    return answer(scores, this.decision.label(scores), { seen });
  }

  /** A picture as the model takes it. @returns {Pixels} */
  prepare(/** @type {Pixels} */ pixels) {
    const { width, height, channels } = this.contract.input;
    const small = resize(pixels, width, height);
    if (channels !== 1) return small;
    return this.contract.input.stretched ? stretched(gray(small)) : gray(small);
  }

  /**
   * The model's scores for a prepared picture; a mean over both sides, if it is made for that.
   * @param {Pixels} input As of `prepare`.
   * @returns {Promise<Scores>}
   */
  async scores(input) {
    const scores = await this.side(input.data, input.channels);
    if (!this.decision.mirrored) return scores;
    const others = await this.side(mirrored(input).data, input.channels);
    return scores.map((score, n) => (score + others[n]) / 2);
  }

  /** The scores for the very bytes of an input. @returns {Promise<Scores>} */
  async side(/** @type {ArrayLike<number>} */ data, /** @type {number} */ channels) {
    const [values] = await this.network.run(channels === 4 ? withoutAlpha(data) : new Uint8Array(data));
    const { scale, zeroPoint } = this.output;
    const scores = Array.from(values, (value) => (scale ? (value - zeroPoint) * scale : value));
    return scores.length === 1 ? [1 - scores[0]] : scores; // one is P(sad)
  }
}

function withoutAlpha(/** @type {ArrayLike<number>} */ data) {
  const made = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    for (let c = 0; c < 3; c++) made[to++] = data[from + c];
  }
  return made;
}

/**
 * An answer with the probabilities that scores say.
 * @param {Scores | null} scores Null where the model was not asked.
 * @param {string} label
 * @param {Partial<Answer>} [fields] The others of `Answer`.
 * @returns {Answer}
 */
export function answer(scores, label, fields = {}) {
  const p = scores ? probabilities(scores) : { p_happy: null, p_sad: null, p_neutral: null };
  const p_shown = /** @type {Record<string, number | null>} */ (p)[`p_${label}`] ?? null;
  return { label, ...p, p_shown, box: null, reason: null, track_id: 0, seen: null, ...fields };
}
