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
 * @property {number} missed In how many frames it was not, since then.
 */

const SAME = 0.2; // intersection over union of two boxes that are the same face
const GRACE_S = 0.7; // how long a face that is not seen keeps its number and its label,
const GRACE_FRAMES = 2; // and for how many frames at least, where they are far apart
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
    this.match(await this.faces.detector.detect(pixels), time);
    for (const track of this.known) {
      if (!track.id && (track.looks >= LOOKS || isAtItsWord)) track.id = ++this.lastId;
      if (track.missed) continue;
      const { scores, reason, seen } = await this.faces.scores(pixels, track.face);
      track.steady.update(scores, reason, time);
      track.pixels = seen;
    }
    this.known = this.known.filter(({ id, seen, missed }) => {
      const isGone = time - seen >= GRACE_S && missed > GRACE_FRAMES;
      return !missed || (id && !isGone);
    });
    const shown = this.known.filter(({ id }) => id).sort((one, other) => other.face.side - one.face.side);
    if (!shown.length) return [answer(null, "no_face")];
    return shown.map(({ id, face, steady, pixels: seen }) =>
      steady.answer({ box: clipped(face.box, pixels.width, pixels.height), track_id: id, seen }),
    );
  }

  /** Gives each face to the track that it continues, the pairs that share most first, or to a new one. */
  match(/** @type {import("./blazeface.js").Face[]} */ faces, /** @type {number} */ time) {
    const pairs = this.known.flatMap((track) =>
      faces.map((face) => ({ track, face, shared: overlap(track.face.box, face.box) })),
    );
    for (const track of this.known) track.missed++;
    const left = new Set(faces);
    for (const { track, face, shared } of pairs.sort((one, other) => other.shared - one.shared)) {
      if (shared < SAME || track.missed === 0 || !left.delete(face)) continue;
      Object.assign(track, { face, seen: time, missed: 0, looks: track.looks + 1 });
    }
    for (const face of left) {
      const steady = new SteadyLabel(this.faces.classifier.decision);
      this.known.push({ id: 0, face, steady, pixels: null, looks: 1, seen: time, missed: 0 });
    }
  }
}
