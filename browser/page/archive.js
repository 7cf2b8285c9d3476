// The zip archive at the end of a model file, and the arrays of numpy in it. The twin of
// edge/model/archive.py, without its distrust: the page answers with the file that it came with.

const END = 0x06054b50; // signature of a zip's end
const ENTRY = 46; // bytes before a name in the list of files
const LOCAL = 30; // and before it at the file itself
const DEFLATED = 8;

/**
 * The files in an archive by their names.
 * @param {Uint8Array} content Ends where the archive does.
 * @returns {Promise<Map<string, Uint8Array>>}
 */
export async function readArchive(content) {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const end = content.length - 22;
  if (end < 0 || view.getUint32(end, true) !== END) throw new Error("no archive at the end of the file");
  const files = new Map();
  let at = end - view.getUint32(end + 12, true);
  const moved = at - view.getUint32(end + 16, true); // where something stands before the archive
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 20, true);
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const local = moved + view.getUint32(at + 42, true);
    const begin = local + LOCAL + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const packed = content.subarray(begin, begin + size);
    const text = new TextDecoder().decode(content.subarray(at + ENTRY, at + ENTRY + name));
    files.set(text, method === DEFLATED ? await inflated(packed) : packed);
    at += ENTRY + name + extra + comment;
  }
  return files;
}

/** @returns {Promise<Uint8Array>} */
async function inflated(/** @type {any} */ packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * The array in a .npy file.
 * @param {Uint8Array} content
 * @returns {{ shape: number[], values: Uint8Array | Float64Array }}
 */
export function readArray(content) {
  const copy = content.slice(); // so that numbers of eight bytes begin where they may
  const isFirst = copy[6] === 1; // version 1.0 has a length of two bytes, 2.0 of four
  const view = new DataView(copy.buffer);
  const begin = isFirst ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
  const head = new TextDecoder("latin1").decode(copy.subarray(0, begin));
  const [, type] = /'descr': '([^']*)'/.exec(head) ?? [];
  const [, sides] = /'shape': \(([^)]*)\)/.exec(head) ?? [];
  const shape = (sides ?? "").split(",").filter((side) => side.trim()).map(Number);
  const body = copy.slice(begin);
  if (type === "|u1") return { shape, values: body };
  if (type === "<f8") return { shape, values: new Float64Array(body.buffer) };
  throw new Error(`an array of ${type}`);
}
