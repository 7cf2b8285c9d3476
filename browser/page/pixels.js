// Pictures as rows of bytes, made smaller, larger, gray and level: to the last bit, or nearly, as
// OpenCV does it, since the model was trained on what OpenCV makes of a picture.

/**
 * @typedef {object} Pixels
 * @property {Uint8Array | Uint8ClampedArray} data Row by row, 0 to 255, `channels` bytes a pixel.
 * @property {number} width In pixels.
 * @property {number} height In pixels.
 * @property {number} channels 4 for R, G, B, A as a canvas has them; 1 for gray.
 */

const { fround } = Math; // OpenCV adds in numbers of 32 bits, and rounds after each step

/** The nearest whole number, the even one of two: as Python's `round` and OpenCV's `cvRound`. */
export function round(/** @type {number} */ value) {
  const up = Math.floor(value + 0.5);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** Without pixels yet. @returns {Pixels} */
function blank(/** @type {number} */ width, /** @type {number} */ height, channels = 4) {
  return { data: new Uint8Array(width * height * channels), width, height, channels };
}

/**
 * Luma by ITU-R BT.601, in the fixed point of OpenCV's `cvtColor`.
 * @param {Pixels} pixels Of four channels.
 * @returns {Pixels} Of one.
 */
export function gray({ data, width, height }) {
  const made = blank(width, height, 1);
  for (let at = 0, from = 0; at < made.data.length; at++, from += 4) {
    made.data[at] = (data[from] * 9798 + data[from + 1] * 19235 + data[from + 2] * 3735 + 16384) >> 15;
  }
  return made;
}

/** A rectangle of a picture; its sides are whole numbers inside the picture. @returns {Pixels} */
export function cut(
  /** @type {Pixels} */ { data, width, channels },
  /** @type {number} */ left, /** @type {number} */ top,
  /** @type {number} */ right, /** @type {number} */ bottom,
) {
  const made = blank(right - left, bottom - top, channels);
  for (let y = top; y < bottom; y++) {
    const row = data.subarray((y * width + left) * channels, (y * width + right) * channels);
    made.data.set(row, (y - top) * made.width * channels);
  }
  return made;
}

/** The mirror image. @returns {Pixels} */
export function mirrored(/** @type {Pixels} */ { data, width, height, channels }) {
  const made = blank(width, height, channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [(y * width + x) * channels, ((y + 1) * width - 1 - x) * channels];
      for (let c = 0; c < channels; c++) made.data[to + c] = data[from + c];
    }
  }
  return made;
}

/**
 * A picture of another size: `cv2.resize`, with INTER_AREA where it shrinks and INTER_LINEAR else.
 * @param {Pixels} pixels
 * @param {number} width Of the result.
 * @param {number} height Of the result.
 * @returns {Pixels}
 */
export function resize(pixels, width, height) {
  if (width === pixels.width && height === pixels.height) return pixels;
  const shrinks = width <= pixels.width && height <= pixels.height;
  return (shrinks ? shrunk : enlarged)(pixels, width, height);
}

/**
 * @typedef {{ to: number, from: number, share: number }} Part How much of a new pixel an old one is.
 *
 * Which old pixels are in each new one of a row, and by how much (`computeResizeAreaTab`).
 * @returns {Part[]} The new ones in their order.
 */
function shares(/** @type {number} */ before, /** @type {number} */ after) {
  const scale = before / after;
  /** @type {Part[]} */
  const parts = [];
  for (let to = 0; to < after; to++) {
    const [begin, end] = [to * scale, to * scale + scale];
    const all = Math.min(scale, before - begin);
    const last = Math.min(Math.floor(end), before - 1);
    const first = Math.min(Math.ceil(begin), last);
    const add = (/** @type {number} */ from, /** @type {number} */ covered) =>
      parts.push({ to, from, share: fround(covered / all) });
    if (first - begin > 1e-3) add(first - 1, first - begin);
    for (let from = first; from < last; from++) add(from, 1);
    if (end - last > 1e-3) add(last, Math.min(end - last, 1, all));
  }
  return parts;
}

/** Each new pixel is the mean of the old ones that it covers. @returns {Pixels} */
function shrunk(/** @type {Pixels} */ pixels, /** @type {number} */ width, /** @type {number} */ height) {
  const { channels } = pixels;
  const made = blank(width, height, channels);
  const across = shares(pixels.width, width);
  const row = new Float32Array(width * channels);
  const sums = new Float32Array(width * height * channels);
  let filled = -1;
  for (const { to, from, share } of shares(pixels.height, height)) {
    if (from !== filled) addRow(pixels, from, across, row.fill(0));
    filled = from;
    const start = to * row.length;
    for (let at = 0; at < row.length; at++) sums[start + at] += fround(share * row[at]);
  }
  // OpenCV has its own code for a half, which rounds up.
  const isHalf = pixels.width === 2 * width && pixels.height === 2 * height;
  for (let at = 0; at < sums.length; at++) {
    made.data[at] = isHalf ? Math.floor(sums[at] + 0.5) : round(sums[at]);
  }
  return made;
}

function addRow(
  /** @type {Pixels} */ { data, width, channels }, /** @type {number} */ y,
  /** @type {Part[]} */ across, /** @type {Float32Array} */ row,
) {
  for (const { to, from, share } of across) {
    const [start, at] = [(y * width + from) * channels, to * channels];
    for (let c = 0; c < channels; c++) row[at + c] += fround(share * data[start + c]);
  }
}

/** Where each new pixel lies between two old ones, in 2048ths (INTER_RESIZE_COEF_SCALE). */
function between(/** @type {number} */ before, /** @type {number} */ after) {
  return Array.from({ length: after }, (_, at) => {
    const place = fround((at + 0.5) * (before / after) - 0.5);
    const low = Math.floor(place);
    const ends = { first: Math.max(low, 0), second: Math.min(Math.max(low + 1, 0), before - 1) };
    return { ...ends, near: round((1 - (place - low)) * 2048), far: round((place - low) * 2048) };
  });
}

/** Bilinear, in OpenCV's fixed point. @returns {Pixels} */
function enlarged(/** @type {Pixels} */ { data, width, height, channels },
  /** @type {number} */ wide, /** @type {number} */ high) {
  const made = blank(wide, high, channels);
  const [across, down] = [between(width, wide), between(height, high)];
  const mix = (/** @type {number} */ y, /** @type {typeof across[0]} */ { first, second, near, far },
    /** @type {number} */ c) =>
    (data[(y * width + first) * channels + c] * near + data[(y * width + second) * channels + c] * far) >> 4;
  let at = 0;
  for (const { first, second, near, far } of down) {
    for (const place of across) {
      for (let c = 0; c < channels; c++) {
        const above = (near * mix(first, place, c)) >> 16;
        const below = (far * mix(second, place, c)) >> 16;
        made.data[at++] = (above + below + 2) >> 2;
      }
    }
  }
  return made;
}

/**
 * A square out of a picture that may lie askew in it: `cv2.warpAffine`, bilinear.
 * @param {Pixels} pixels Beyond its border are the border's pixels.
 * @param {number[][]} corners x and y of the square's upper left, upper right and lower left
 *   corner, where the first pixel's centre is 0, 0.
 * @param {number} side Of the result.
 * @returns {Pixels}
 */
export function levelled({ data, width, height, channels }, [origin, right, below], side) {
  const made = blank(side, side, channels);
  const step = [0, 1].map((axis) => [
    (right[axis] - origin[axis]) / side,
    (below[axis] - origin[axis]) / side,
  ]);
  const inside = (/** @type {number} */ place, /** @type {number} */ size) =>
    Math.min(Math.max(place, 0), size - 1);
  let at = 0;
  for (let v = 0.5; v < side; v++) {
    for (let u = 0.5; u < side; u++) {
      const x = origin[0] + u * step[0][0] + v * step[0][1];
      const y = origin[1] + u * step[1][0] + v * step[1][1];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [far, low] = [x - left, y - top];
      const [x0, x1] = [inside(left, width), inside(left + 1, width)];
      const [y0, y1] = [inside(top, height) * width, inside(top + 1, height) * width];
      for (let c = 0; c < channels; c++) {
        const above = data[(y0 + x0) * channels + c] * (1 - far) + data[(y0 + x1) * channels + c] * far;
        const under = data[(y1 + x0) * channels + c] * (1 - far) + data[(y1 + x1) * channels + c] * far;
        made.data[at++] = round(above * (1 - low) + under * low);
      }
    }
  }
  return made;
}
