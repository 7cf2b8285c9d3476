// A network in LiteRT.js, Google's TensorFlow Lite for browsers: an array goes in, arrays come out.

import { Tensor, loadAndCompile, loadLiteRt } from "./litert/index.js";

const RUNTIME = "litert_wasm_compat_internal.js"; // why this one: browser/litert.py

/**
 * Loads the runtime: the WebAssembly that computes.
 * @param {string} folder Its address, with a slash at its end.
 */
export async function loadRuntime(folder) {
  // It writes every step to the console as an error; what goes wrong is thrown.
  Object.assign(globalThis, { Module: { locateFile: (/** @type {string} */ name) => folder + name, printErr: () => {} } });
  await loadLiteRt(folder + RUNTIME);
}

export class Network {
  /** @param {any} compiled A compiled model of LiteRT.js. */
  constructor(compiled) {
    const [{ shape, dtype }] = compiled.getInputDetails();
    this.compiled = compiled;
    this.shape = [...shape];
    this.isFloat = dtype === "float32";
  }

  /** @returns {Promise<Network>} */
  static async load(/** @type {Uint8Array} */ content) {
    return new Network(await loadAndCompile(content, { accelerator: "wasm" }));
  }

  /**
   * All outputs for one input.
   * @param {Float32Array | Uint8Array} values
   * @returns {Promise<any[]>} Typed arrays.
   */
  async run(values) {
    const typed = /** @type {any} */ (this.isFloat ? Float32Array.from(values) : values);
    const input = new Tensor(typed, this.shape);
    try {
      const outputs = await this.compiled.run(input);
      return outputs.map((/** @type {any} */ output) => {
        const copy = output.toTypedArray().slice();
        output.delete();
        return copy;
      });
    } finally {
      input.delete();
    }
  }
}
