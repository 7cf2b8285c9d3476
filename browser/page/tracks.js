// The faces before a camera, each with a number and a steady label. Simpler than edge/live/tracks.py:
// faces are looked for in every frame, as nothing else waits for the processor here.

import { clipped, overlap } from "./boxes.js";
import { answer } from "./classifier.js";
import { SteadyLabel } from "./steady.js";

/**
 * @typedef {import("./classifier.js").Answer} Answer
 * @typedef {import("./face_classifier.js").FaceClassifier} FaceClassifier
 * @typedef {import("./pixels.js").Pixels} Pixels
 *
 * @typedef {object} Track
 * @property {number} id From 1, in the order in which the faces came; 0 until it has been found LOOKS times.
 * @property {import("./blazeface.js").Face} face
 * @property {SteadyLabel} steady
 * @property {import("./pixels.js").Pixels | null} pixels What the model last saw of it.
 * @property {number} looks How often it was found.
 * @property {number} seen When it was found last, in seconds.
 */

const SAME = 0.2; // intersection over union of two boxes that are the same face
const GRACE_S = 0.7; // how long a face that is not seen keeps its number and its label
const LOOKS = 2; // how often a face must be found before it counts

export class Tracks {
  constructor(/** @type {FaceClassifier} */ faces) {
    this.faces = faces;
    this.known = /** @type {Track[]} */ ([]);
    this.lastId = 0;
    this.looked = -Infinity;
  }

  /**
   * The answers for the next frame, the largest face first; a single "no_face" for nobody.
   * @param {Pixels} pixels
   * @param {number} time Of the frame, in seconds.
   * @returns {Promise<Answer[]>}
   */
  async answer(pixels, time) {
    const isAtItsWord = time - this.looked > GRACE_S; // what is seen for the first time, or after long
    this.looked = time;
    for (const face of await this.faces.detector.detect(pixels)) {
      const track = this.match(face, time);
      const { scores, reason, seen } = await this.faces.scores(pixels, face);
      track.steady.update(scores, reason, time);
      track.pixels = seen;
      if (!track.id && (track.looks >= LOOKS || isAtItsWord)) track.id = ++this.lastId;
    }
    this.known = this.known.filter(({ id, seen }) => seen === time || (id && time - seen < GRACE_S));
    const shown = this.known.filter(({ id }) => id).sort((one, other) => other.face.side - one.face.side);
    if (!shown.length) return [answer(null, "no_face")];
    return shown.map(({ id, face, steady, pixels: seen }) =>
      steady.answer({ box: clipped(face.box, pixels.width, pixels.height), track_id: id, seen }),
    );
  }

  /** The track that a face continues, or a new one. @returns {Track} */
  match(/** @type {import("./blazeface.js").Face} */ face, /** @type {number} */ time) {
    const shared = (/** @type {Track} */ track) => (track.seen === time ? 0 : overlap(track.face.box, face.box));
    let [track] = [...this.known].sort((one, other) => shared(other) - shared(one));
    if (!track || shared(track) < SAME) {
      const steady = new SteadyLabel(this.faces.classifier.decision);
      track = { id: 0, face, steady, pixels: null, looks: 0, seen: time };
      this.known.push(track);
    }
    Object.assign(track, { face, seen: time, looks: track.looks + 1 });
    return track;
  }
}
