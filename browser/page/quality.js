// Whether a face can be judged at all. The twin of edge/faces/quality.py, where the numbers are
// explained.

import { shareOutside } from "./boxes.js";
import { gray, resize } from "./pixels.js";

/**
 * @typedef {import("./blazeface.js").Face} Face
 * @typedef {import("./pixels.js").Pixels} Pixels
 */

const MIN_SIDE = 24; // pixels
const MAX_OUTSIDE = 0.3; // share of the box
const EYES_AND_MOUTH = [0, 1, 3]; // the keypoints that must be in the picture
const MAX_TURN = 0.45; // distances of the eyes
const DARK_MEAN = 30; // gray levels
const DARK_CONTRAST = 10;
const SHARPNESS_SIDE = 32;
const MIN_SHARPNESS = 0.2;

/**
 * Why a face is not judged, or null if it can be.
 * @param {Pixels} pixels The picture.
 * @param {Face} face Found in it.
 * @param {Pixels} crop The face's crop.
 * @returns {string | null} "too_small", "cut_off", "turned_away", "too_dark" or "too_blurred".
 */
export function refusal({ width, height }, face, crop) {
  if (face.side < MIN_SIDE) return "too_small";
  const isInside = (/** @type {number[]} */ [x, y]) => x >= 0 && x < width && y >= 0 && y < height;
  const points = EYES_AND_MOUTH.map((n) => face.keypoints[n]);
  if (shareOutside(face.box, width, height) > MAX_OUTSIDE || !points.every(isInside)) return "cut_off";
  if (turn(face) > MAX_TURN) return "turned_away";
  const shades = gray(crop);
  const { mean, deviation } = spread(shades.data);
  if (mean < DARK_MEAN && deviation < DARK_CONTRAST) return "too_dark";
  return sharpness(shades) < MIN_SHARPNESS ? "too_blurred" : null;
}

/** How far a face is turned to a side, however the head leans. */
function turn(/** @type {Face} */ { keypoints: [right, left, nose] }) {
  const across = [left[0] - right[0], left[1] - right[1]];
  const middle = [nose[0] - (right[0] + left[0]) / 2, nose[1] - (right[1] + left[1]) / 2];
  const squared = across[0] ** 2 + across[1] ** 2;
  return squared > 0 ? Math.abs(middle[0] * across[0] + middle[1] * across[1]) / squared : Infinity;
}

/** How much of a gray crop's contrast is fine detail; without the outermost eighth. */
function sharpness(/** @type {Pixels} */ shades) {
  const side = SHARPNESS_SIDE;
  const { data } = resize(shades, side, side);
  const [details, levels] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (let y = side / 8; y < side - side / 8; y++) {
    for (let x = side / 8; x < side - side / 8; x++) {
      const at = y * side + x;
      levels.push(data[at]);
      details.push(data[at - 1] + data[at + 1] + data[at - side] + data[at + side] - 4 * data[at]);
    }
  }
  return spread(details).deviation ** 2 / Math.max(spread(levels).deviation ** 2, 1e-6);
}

function spread(/** @type {ArrayLike<number>} */ values) {
  let [sum, squares] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    sum += values[at];
    squares += values[at] ** 2;
  }
  const mean = sum / values.length;
  return { mean, deviation: Math.sqrt(Math.max(squares / values.length - mean ** 2, 0)) };
}
