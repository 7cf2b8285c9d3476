// From a model's scores to probabilities and a label. The twin of edge/model/decision.py, where it is
// explained: a band for two answers, thresholds and a lead for three.

/**
 * @typedef {number[]} Scores [p_happy] of a model with two answers; of one with three the logits of
 *   happy, sad, neutral, and of all other expressions.
 *
 * @typedef {object} Decision How a model's scores become an answer.
 * @property {string[]} answers The labels that it can give, "unsure" aside.
 * @property {boolean} mirrored Whether scores are means over a picture and its mirror image.
 * @property {number} smoothing Time constant over which a followed face's scores are averaged, seconds.
 * @property {(scores: Scores) => Scores} evidence The form in which they are averaged.
 * @property {(scores: Scores, present?: string | null) => string} label One of `answers`, or "unsure";
 *   near an edge the present one stays.
 * @property {(found: Probabilities) => string[] | null} rivals The two answers that make "unsure" of a face
 *   because they are too close, the larger multiple of its limit first; null where no two are.
 *
 * @typedef {{ p_happy: number | null, p_sad: number | null, p_neutral: number | null }} Probabilities
 */

const FLOOR = 0.01;
const RESTING = 0.1;

/** Two answers: p_happy strictly between two edges is "unsure". @implements {Decision} */
export class Band {
  answers = ["happy", "sad"];
  mirrored = false;
  smoothing = 0.2;
  hysteresis = 0.05;

  constructor(/** @type {number} */ low, /** @type {number} */ high) {
    this.low = low;
    this.high = high;
  }

  evidence(/** @type {Scores} */ scores) {
    return scores;
  }

  /** @returns {string} */
  label(/** @type {Scores} */ [p], /** @type {string | null} */ present = null) {
    if (present !== null) {
      const nudge = Math.min(this.hysteresis, p / 2, (1 - p) / 2);
      if ([-1, 0, 1].some((way) => this.label([p + way * nudge]) === present)) return present;
    }
    if (this.low < p && p < this.high) return "unsure";
    return p >= (this.low + this.high) / 2 ? "happy" : "sad";
  }

  rivals(/** @type {Probabilities} */ { p_happy }) {
    return (p_happy ?? 0) >= (this.low + this.high) / 2 ? ["happy", "sad"] : ["sad", "happy"];
  }
}

/** Three answers: the one whose probability is the largest multiple of its threshold. @implements {Decision} */
export class Thresholds {
  answers = ["happy", "sad", "neutral"];
  smoothing = 0.25;
  hysteresis = 0.4;

  constructor(/** @type {Record<string, number>} */ edges, /** @type {number} */ lead, /** @type {boolean} */ mirrored) {
    this.edges = edges;
    this.lead = lead;
    this.mirrored = mirrored;
  }

  evidence(/** @type {Scores} */ [happy, sad, neutral, ...others]) {
    return softmax([happy, sad, neutral + RESTING, ...others]).map((p) => Math.log(Math.max(p, FLOOR)));
  }

  label(/** @type {Scores} */ scores, /** @type {string | null} */ present = null) {
    const margins = this.margins(softmax(scores));
    const [first, second] = Object.values(margins).sort((one, other) => other - one);
    margins.unsure = first - second < this.lead ? Math.max(0, second + this.lead) : 0;
    const best = Object.keys(margins).reduce((one, other) => (margins[other] > margins[one] ? other : one));
    if (present !== null && margins[best] - margins[present] < this.hysteresis) return present;
    return best;
  }

  rivals(/** @type {Probabilities} */ { p_happy, p_sad, p_neutral }) {
    const margins = this.margins([p_happy ?? 0, p_sad ?? 0, p_neutral ?? 0]);
    const [first, second] = Object.keys(margins).sort((one, other) => margins[other] - margins[one]);
    return margins[first] >= 0 && margins[first] - margins[second] < this.lead ? [first, second] : null;
  }

  /** How far each answer is above its limit, in nats. */
  margins(/** @type {number[]} */ shares) {
    /** @type {Record<string, number>} */
    const margins = {};
    this.answers.forEach((name, n) => (margins[name] = Math.log(Math.max(shares[n], 1e-9) / this.edges[name])));
    return margins;
  }
}

/** The operating point in a model's contract. @returns {Decision} */
export function decisionOf(/** @type {Record<string, any>} */ details) {
  if (details.thresholds) return new Thresholds(details.thresholds, details.lead ?? 0, details.mirrored ?? false);
  return new Band(details.decision_band[0], details.decision_band[1]);
}

/** What the scores say, by the names of the device's JSON. */
export function probabilities(/** @type {Scores} */ scores) {
  if (scores.length === 1) return { p_happy: scores[0], p_sad: 1 - scores[0], p_neutral: null };
  const [happy, sad, neutral] = softmax(scores);
  return { p_happy: happy, p_sad: sad, p_neutral: neutral };
}

/** Probabilities that sum to 1. @returns {number[]} */
export function softmax(/** @type {Scores} */ logits) {
  const highest = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - highest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}
