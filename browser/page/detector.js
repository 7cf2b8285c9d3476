// The face detector: a picture goes in, the faces in it come out. The twin of edge/faces/detector.py,
// where the numbers are explained: short range is asked first, full range too unless all that short
// range finds is near and clear, and at last for a face that fills the picture.

import { VARIANTS, anchors, decode, letterBox } from "./blazeface.js";
import { overlapOfSmaller } from "./boxes.js";

/**
 * @typedef {import("./blazeface.js").Face} Face
 * @typedef {import("./network.js").Network} Network
 * @typedef {import("./pixels.js").Pixels} Pixels
 */

const DOUBTFUL = 0.75; // score of short range
const SMALL = 0.15; // side of the box, as a share of the longer side of the picture
const CLOSE_UP_FILL = 1 / 1.5;
const CLOSE_UP = 0.5; // side of the box, as a share of the shorter side of the picture
const SAME = 0.5; // share of the smaller box that lies in the larger one

export class FaceDetector {
  /** @param {{ short: Network, full: Network }} networks */
  constructor(networks) {
    this.networks = networks;
    this.anchors = { short: anchors(VARIANTS.short), full: anchors(VARIANTS.full) };
  }

  /**
   * The faces in a picture, the largest first.
   * @param {Pixels} pixels Of four channels.
   * @returns {Promise<Face[]>}
   */
  async detect(pixels) {
    return (await this.look(pixels)).sort((one, other) => other.side - one.side);
  }

  /** @returns {Promise<Face[]>} */
  async look(/** @type {Pixels} */ pixels) {
    const small = SMALL * Math.max(pixels.width, pixels.height);
    const near = await this.find("short", pixels);
    const clear = near.filter((face) => face.score >= DOUBTFUL && face.side >= small);
    if (near.length && clear.length === near.length) return near;

    const sure = VARIANTS.full.sureScore;
    const far = await this.find("full", pixels);
    const agreed = far.filter((face) => face.score >= sure || isAmong(face, near));
    const found = united(clear, agreed, near.filter((face) => face.score >= VARIANTS.short.sureScore));
    if (found.length) return found;

    const closeUp = CLOSE_UP * Math.min(pixels.width, pixels.height);
    const large = await this.find("short", pixels, CLOSE_UP_FILL);
    return large.filter((face) => face.score >= VARIANTS.short.sureScore && face.side >= closeUp);
  }

  /** All that may be faces. @returns {Promise<Face[]>} */
  async find(/** @type {"short" | "full"} */ range, /** @type {Pixels} */ pixels, fill = 1) {
    const { input, fit } = letterBox(pixels, VARIANTS[range].size, fill);
    const [values, logits] = await this.networks[range].run(input);
    return decode(values, logits, VARIANTS[range], this.anchors[range], fit);
  }
}

/** All faces, each once: in the first group that has it. @returns {Face[]} */
function united(/** @type {Face[][]} */ ...groups) {
  /** @type {Face[]} */
  let found = [];
  for (const group of groups) found = [...found, ...group.filter((face) => !isAmong(face, found))];
  return found;
}

/** Whether one of the others is the same face. */
function isAmong(/** @type {Face} */ face, /** @type {Face[]} */ others) {
  return others.some((other) => overlapOfSmaller(face.box, other.box) > SAME);
}
