// The square around a face, turned level, as the pictures of the training data show faces. The twin
// of edge/faces/crop.py.

import { cut, levelled, resize, round } from "./pixels.js";

/**
 * @typedef {import("./blazeface.js").Face} Face
 * @typedef {import("./pixels.js").Pixels} Pixels
 *
 * @typedef {object} CropForm
 * @property {number} margin Side of the square, as a multiple of the longer side of the box.
 * @property {number} shift How far its centre is below the box's, as a share of its side.
 * @property {number} maxSide Larger crops are made this large, in pixels.
 */

const SPARE = 2; // pixels, which the interpolation reads

/** Four corners, from the upper left one on, clockwise as the face sees it. */
function corners(/** @type {Face} */ face, /** @type {number} */ side, /** @type {number} */ shift) {
  const [x, y, width, height] = face.box;
  const [right, left] = face.keypoints;
  const angle = Math.atan2(left[1] - right[1], left[0] - right[0]);
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const centre = [x + width / 2 - sin * shift * side, y + height / 2 + cos * shift * side];
  const across = [(cos * side) / 2, (sin * side) / 2];
  const down = [-across[1], across[0]];
  const signs = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
  return signs.map(([a, d]) => [0, 1].map((n) => Math.fround(centre[n] + a * across[n] + d * down[n])));
}

/**
 * The face alone, level, at the size that it has in the picture.
 * @param {Pixels} pixels
 * @param {Face} face Found in it.
 * @param {CropForm} form
 * @returns {Pixels} A square of four channels.
 */
export function cropFace(pixels, face, { margin, shift, maxSide }) {
  const wanted = margin * face.side;
  const square = corners(face, wanted, shift);
  const [left, right] = span(square.map(([x]) => x), pixels.width);
  const [top, bottom] = span(square.map(([, y]) => y), pixels.height);
  let region = cut(pixels, left, top, right, bottom);
  const shrink = Math.min(1, maxSide / wanted);
  let scale = [1, 1];
  if (shrink < 1) {
    // Warping skips pixels when it shrinks; averaging first leaves it nothing to shrink.
    const size = [region.width, region.height].map((side) => Math.max(1, round(side * shrink)));
    scale = [size[0] / region.width, size[1] / region.height];
    region = resize(region, size[0], size[1]);
  }
  // Corners are those of the area, half a pixel before the first pixel's centre.
  const source = [square[0], square[1], square[3]].map(([x, y]) => [
    Math.fround((x - left) * scale[0] - 0.5),
    Math.fround((y - top) * scale[1] - 0.5),
  ]);
  return levelled(region, source, Math.max(1, round(wanted * shrink)));
}

/** First and last pixel, the last not included, that hold some places; at least one in the picture. */
function span(/** @type {number[]} */ places, /** @type {number} */ size) {
  const first = Math.min(Math.max(Math.floor(Math.min(...places)) - SPARE, 0), size - 1);
  const last = Math.ceil(Math.max(...places)) + SPARE;
  return [first, Math.min(Math.max(last, first + 1), size)];
}
