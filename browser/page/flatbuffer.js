// What LiteRT.js does not tell of a model file: the scale of its output. The fields are numbered as
// in TensorFlow Lite's schema.fbs.

const [SUBGRAPHS, TENSORS, OUTPUTS, QUANTIZATION, SCALE, ZERO_POINT] = [2, 0, 2, 4, 2, 3];

/** A table of a FlatBuffer, whose fields may be missing. */
class Table {
  constructor(/** @type {DataView} */ view, /** @type {number} */ at) {
    this.view = view;
    this.at = at;
  }

  /** Where the vector or table of a field begins, or null. */
  place(/** @type {number} */ field) {
    const list = this.at - this.view.getInt32(this.at, true);
    const entry = 4 + 2 * field;
    const offset = entry < this.view.getUint16(list, true) ? this.view.getUint16(list + entry, true) : 0;
    return offset ? follow(this.view, this.at + offset) : null;
  }

  /** The table that a field holds, or the one of that number in its vector. */
  table(/** @type {number} */ field, /** @type {number | null} */ number = null) {
    const place = this.place(field);
    if (place === null) return null;
    return new Table(this.view, number === null ? place : follow(this.view, place + 4 + 4 * number));
  }
}

function follow(/** @type {DataView} */ view, /** @type {number} */ at) {
  return at + view.getUint32(at, true);
}

/**
 * How the numbers of a model's output are to be read: (value - zeroPoint) * scale.
 * @param {Uint8Array} content A TFLite model.
 * @returns {{ scale: number, zeroPoint: number }} Scale 0 where they are floats already.
 */
export function outputScale(content) {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const graph = new Table(view, follow(view, 0)).table(SUBGRAPHS, 0);
  const number = view.getInt32(graph.place(OUTPUTS) + 4, true);
  const quantization = graph.table(TENSORS, number).table(QUANTIZATION);
  const [scale, zero] = [SCALE, ZERO_POINT].map((field) => quantization?.place(field) ?? null);
  if (scale === null || !view.getUint32(scale, true)) return { scale: 0, zeroPoint: 0 };
  const zeroPoint = zero === null ? 0 : Number(view.getBigInt64(zero + 4, true));
  return { scale: view.getFloat32(scale + 4, true), zeroPoint };
}
