// A label that does not flicker: smoothing, hysteresis, and a minimum dwell. The twin of
// edge/live/steady.py, except that every frame is asked of both sides.

import { answer } from "./classifier.js";

/**
 * @typedef {import("./classifier.js").Answer} Answer
 * @typedef {import("./decision.js").Decision} Decision
 * @typedef {import("./decision.js").Scores} Scores
 */

const DWELL_S = 0.25; // seconds that a new label must hold before it is given

export class SteadyLabel {
  constructor(/** @type {Decision} */ decision) {
    this.decision = decision;
    this.label = "unsure";
    this.reason = /** @type {string | null} */ (null);
    this.smoothed = /** @type {Scores | null} */ (null);
    this.last = 0;
    this.isFirst = true;
    this.candidate = { label: "unsure", reason: /** @type {string | null} */ (null) };
    this.since = 0;
  }

  /**
   * Takes the scores of one frame.
   * @param {Scores | null} scores Null where the face was not judged.
   * @param {string | null} reason Why it was not.
   * @param {number} time Of the frame, in seconds.
   */
  update(scores, reason, time) {
    if (scores) this.smooth(this.decision.evidence(scores), time);
    const found = scores ? { label: this.sticky(), reason: null } : { label: "unsure", reason };
    if (!isSame(found, this.candidate)) [this.candidate, this.since] = [found, time];
    if (this.isFirst || time - this.since >= DWELL_S) {
      ({ label: this.label, reason: this.reason } = this.candidate);
    }
    this.isFirst = false;
  }

  /** The label, with the smoothed probabilities unless the face is not judged. @returns {Answer} */
  answer(/** @type {Partial<Answer>} */ fields) {
    if (this.reason || !this.smoothed) return answer(null, this.label, { reason: this.reason, ...fields });
    const made = answer(this.smoothed, this.label, fields);
    const isSoonAnother = !isSame(this.candidate, { label: this.label, reason: null });
    // Beside a label that is held for a moment the number would contradict it.
    made.is_held = isSoonAnother || this.decision.label(this.smoothed) !== this.label;
    if (made.is_held) made.p_shown = null;
    return made;
  }

  /** An exponential moving average, whatever the frame rate. */
  smooth(/** @type {Scores} */ evidence, /** @type {number} */ time) {
    const weight = 1 - Math.exp(-Math.max(time - this.last, 0) / this.decision.smoothing);
    this.smoothed = this.smoothed?.map((old, n) => old + weight * (evidence[n] - old)) ?? evidence;
    this.last = time;
  }

  sticky() {
    return this.decision.label(/** @type {Scores} */ (this.smoothed), this.isFirst ? null : this.label);
  }
}

/** @typedef {{ label: string, reason: string | null }} Said */
function isSame(/** @type {Said} */ one, /** @type {Said} */ other) {
  return one.label === other.label && one.reason === other.reason;
}
