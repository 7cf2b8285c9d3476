// BlazeFace: the input of MediaPipe's two face detection networks, and faces from their output.
// The numbers are explained in edge/faces/blazeface.py, whose twin this is.

import { overlap } from "./boxes.js";
import { resize, round } from "./pixels.js";

/**
 * @typedef {import("./pixels.js").Pixels} Pixels
 * @typedef {import("./boxes.js").Box} Box
 *
 * @typedef {object} Variant One of the two networks.
 * @property {number} size Side of its square input, in pixels.
 * @property {[number, number][]} grids Cells a side and anchors a cell of each layer.
 * @property {number} minScore From this score on it may be a face, 0 to 1.
 * @property {number} sureScore From this score on it is one, on the word of this network alone.
 *
 * @typedef {object} Fit How a picture was fitted into a network's input.
 * @property {number} scale Input pixels per picture pixel.
 * @property {number} left Black columns left of the picture.
 * @property {number} top Black rows above it.
 *
 * @typedef {object} Face A face in a picture.
 * @property {Box} box From brow to chin; may reach beyond the picture's border.
 * @property {[number, number][]} keypoints x and y: right eye, left eye, nose tip, mouth centre,
 *   right ear, left ear; right and left as the person says it.
 * @property {number} score How sure the detector is that it is one, 0 to 1.
 * @property {number} side The longer side of the box.
 */

const VALUES = 16; // box centre and size, then six keypoints, x and y each
const SCORE_CLIP = 80;
const OVERLAP = 0.3; // intersection over union from which on two finds are one face

/** @type {Record<string, Variant>} */
export const VARIANTS = {
  short: { size: 128, grids: [[16, 2], [8, 6]], minScore: 0.5, sureScore: 0.65 },
  full: { size: 192, grids: [[48, 1]], minScore: 0.6, sureScore: 0.7 },
};

/**
 * The points that the output is relative to, x and y from 0 to 1.
 * @returns {[number, number][]}
 */
export function anchors(/** @type {Variant} */ { grids }) {
  /** @type {[number, number][]} */
  const points = [];
  for (const [cells, perCell] of grids) {
    for (let at = 0; at < cells * cells; at++) {
      const x = ((at % cells) + 0.5) / cells;
      const y = (Math.floor(at / cells) + 0.5) / cells;
      for (let n = 0; n < perCell; n++) points.push([x, y]);
    }
  }
  return points;
}

/**
 * Fits a picture into a square, its aspect ratio kept, black around it.
 * @param {Pixels} pixels
 * @param {number} size Side of the square.
 * @param {number} [fill] Share of the square's side that the longer side of the picture takes.
 * @returns {{ input: Float32Array, fit: Fit }} R, G, B, each -1 to 1.
 */
export function letterBox(pixels, size, fill = 1) {
  const scale = (fill * size) / Math.max(pixels.width, pixels.height);
  const width = Math.max(1, round(pixels.width * scale));
  const height = Math.max(1, round(pixels.height * scale));
  const { data } = resize(pixels, width, height);
  const [left, top] = [Math.floor((size - width) / 2), Math.floor((size - height) / 2)];
  const input = new Float32Array(size * size * 3).fill(-1);
  for (let y = 0, from = 0; y < height; y++) {
    let to = ((top + y) * size + left) * 3;
    for (let x = 0; x < width; x++, from += 4, to += 3) {
      for (let c = 0; c < 3; c++) input[to + c] = Math.fround(data[from + c] / 127.5) - 1;
    }
  }
  return { input, fit: { scale, left, top } };
}

/**
 * The faces in a network's output, each once, the highest score first.
 * @param {Float32Array} values 16 for each anchor, in input pixels relative to it.
 * @param {Float32Array} logits Of the scores, one for each anchor.
 * @param {Variant} variant
 * @param {[number, number][]} points Its anchors.
 * @param {Fit} fit
 * @returns {Face[]}
 */
export function decode(values, logits, variant, points, fit) {
  /** @type {Found[]} */
  const found = [];
  for (const [at, logit] of logits.entries()) {
    const score = 1 / (1 + Math.exp(-Math.min(Math.max(logit, -SCORE_CLIP), SCORE_CLIP)));
    const own = values.subarray(at * VALUES, (at + 1) * VALUES);
    if (!(score >= variant.minScore && own[2] > 0 && own[3] > 0)) continue;
    const offset = [points[at][0] * variant.size - fit.left, points[at][1] * variant.size - fit.top];
    // The size, at 2 and 3, is no place: it is relative to nothing.
    const places = Array.from(own, (value, n) => (value + (n === 2 || n === 3 ? 0 : offset[n % 2])) / fit.scale);
    places[0] -= places[2] / 2;
    places[1] -= places[3] / 2;
    found.push({ places, score });
  }
  return merged(found);
}

/**
 * @typedef {object} Found What one anchor says.
 * @property {number[]} places x, y, width, height, and six keypoints.
 * @property {number} score
 */

/**
 * Non-maximum suppression, weighted: overlapping finds become their mean.
 * @param {Found[]} found
 * @returns {Face[]}
 */
function merged(found) {
  const faces = [];
  let rest = [...found].sort((one, other) => other.score - one.score);
  while (rest.length) {
    const [best] = rest;
    const isSame = (/** @type {Found} */ other) =>
      other === best || overlap(boxOf(best.places), boxOf(other.places)) > OVERLAP;
    const same = rest.filter(isSame);
    rest = rest.filter((other) => !isSame(other));
    const weight = same.reduce((sum, { score }) => sum + score, 0);
    const mean = best.places.map(
      (_, n) => same.reduce((sum, { places, score }) => sum + places[n] * score, 0) / weight,
    );
    faces.push(face(mean, best.score));
  }
  return faces;
}

/** @returns {Box} */
const boxOf = (/** @type {number[]} */ [x, y, width, height]) => [x, y, width, height];

/** @returns {Face} */
function face(/** @type {number[]} */ places, /** @type {number} */ score) {
  /** @type {[number, number][]} */
  const keypoints = [];
  for (let n = 4; n < VALUES; n += 2) keypoints.push([places[n], places[n + 1]]);
  return { box: boxOf(places), keypoints, score, side: Math.max(places[2], places[3]) };
}
