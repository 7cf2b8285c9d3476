// Boxes in a picture, [x, y, width, height] in pixels: how much two share, and what is in the picture.

import { round } from "./pixels.js";

/** @typedef {[number, number, number, number]} Box */

const SMALLEST_AREA = 1e-6; // an empty box shares nothing, and is no division by zero

function sharedArea(/** @type {Box} */ one, /** @type {Box} */ other) {
  const width = Math.min(one[0] + one[2], other[0] + other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[1] + one[3], other[1] + other[3]) - Math.max(one[1], other[1]);
  return Math.max(width, 0) * Math.max(height, 0);
}

/** Intersection over union, 0 to 1. */
export function overlap(/** @type {Box} */ one, /** @type {Box} */ other) {
  const shared = sharedArea(one, other);
  return shared / Math.max(one[2] * one[3] + other[2] * other[3] - shared, SMALLEST_AREA);
}

/** Share of the smaller box that lies in the larger one, 0 to 1. */
export function overlapOfSmaller(/** @type {Box} */ one, /** @type {Box} */ other) {
  return sharedArea(one, other) / Math.max(Math.min(one[2] * one[3], other[2] * other[3]), SMALLEST_AREA);
}

/** Share of a box that lies beyond the border of a picture, 0 to 1. */
export function shareOutside(/** @type {Box} */ box, /** @type {number} */ width, /** @type {number} */ height) {
  return 1 - sharedArea(box, [0, 0, width, height]) / Math.max(box[2] * box[3], SMALLEST_AREA);
}

/** The part of a box that is in the picture, in whole pixels. @returns {Box} */
export function clipped(/** @type {Box} */ [x, y, wide, high], /** @type {number} */ width, /** @type {number} */ height) {
  const [left, right] = [x, x + wide].map((side) => Math.min(Math.max(round(side), 0), width));
  const [top, bottom] = [y, y + high].map((side) => Math.min(Math.max(round(side), 0), height));
  return [left, top, right - left, bottom - top];
}
