// Asks the thread that computes: pictures go there and come back with their answers.

/**
 * @typedef {object} Said
 * @property {any} result
 * @property {ImageBitmap} bitmap The picture that was sent.
 * @property {number} ms What it took there.
 */

export class Answerer {
  constructor() {
    // A worker from an address would have a security policy of its own; one that the page makes has
    // the page's, so that nothing in it can connect anywhere else either.
    const address = JSON.stringify(new URL("worker.js", import.meta.url).href);
    const source = `import(${address}).catch((error) => postMessage({ id: 0, error: String(error) }));`;
    const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.worker = new Worker(blob);
    this.worker.onmessage = ({ data }) => this.take(data);
    this.worker.onerror = (event) => this.fail(event.message || "The thread that computes has ended.");
    this.worker.onmessageerror = () => this.fail("An answer could not be read.");
    this.failure = /** @type {Error | null} */ (null);
    this.waiting = new Map();
    this.lastId = 0;
    this.ready = this.expect(0);
  }

  /** Loads all there is to load. @returns {Promise<{ contract: any, answers: string[] }>} */
  async load() {
    await this.ready;
    return (await this.ask("load")).result;
  }

  /**
   * @param {"load" | "begin" | "photo" | "frame"} kind As of worker.js.
   * @param {{ bitmap?: ImageBitmap, time?: number, isWhole?: boolean }} [message] The bitmap is gone
   *   from here until it comes back.
   * @returns {Promise<Said>}
   */
  ask(kind, message = {}) {
    const id = ++this.lastId;
    if (this.failure) return Promise.reject(this.failure);
    this.worker.postMessage({ id, kind, ...message }, message.bitmap ? [message.bitmap] : []);
    return this.expect(id);
  }

  /** @returns {Promise<Said>} */
  expect(/** @type {number} */ id) {
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  /** Nothing will come any more, whatever is asked. */
  fail(/** @type {string} */ why) {
    this.failure = new Error(why);
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
  }

  take(/** @type {any} */ { id, error, ...said }) {
    if (!this.waiting.has(id)) return; // it has been said to have failed
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(said);
  }
}
