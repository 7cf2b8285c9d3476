// A picture at full contrast: the twin of `stretch` in edge/images/preprocess.py, to the last bit.

import { round } from "./pixels.js";

const LOW = 0.01;
const HIGH = 0.99;
const DARK = 10;
const BRIGHT = 245;
const FEWEST_GRAYS = 8;

/**
 * The picture with the gray of LOW at DARK and that of HIGH at BRIGHT, the others along a line.
 * @param {import("./pixels.js").Pixels} pixels Of one channel.
 * @returns {import("./pixels.js").Pixels}
 */
export function stretched({ data, width, height, channels }) {
  const sorted = Uint8Array.from(data).sort();
  const [low, high] = [LOW, HIGH].map((share) => sorted[Math.floor(share * (sorted.length - 1))]);
  const gain = (BRIGHT - DARK) / Math.max(high - low, FEWEST_GRAYS);
  const made = Uint8ClampedArray.from(data, (value) =>
    round((value - (low + high) / 2) * gain + (DARK + BRIGHT) / 2),
  );
  return { data: made, width, height, channels };
}
