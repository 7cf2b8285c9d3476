// Faces in a picture and an answer for each: detector, crop, quality gate and classifier joined. The
// twin of edge/face_classifier.py.

import { clipped } from "./boxes.js";
import { answer } from "./classifier.js";
import { cropFace } from "./crop.js";
import { refusal } from "./quality.js";

/**
 * @typedef {import("./blazeface.js").Face} Face
 * @typedef {import("./classifier.js").Answer} Answer
 * @typedef {import("./classifier.js").Classifier} Classifier
 * @typedef {import("./decision.js").Scores} Scores
 * @typedef {import("./detector.js").FaceDetector} FaceDetector
 * @typedef {import("./pixels.js").Pixels} Pixels
 */

const MARGIN = 1.1; // of the crop, where the model file does not say it
const SHIFT = -0.07;

export class FaceClassifier {
  constructor(/** @type {Classifier} */ classifier, /** @type {FaceDetector} */ detector) {
    const { face, input } = classifier.contract;
    this.classifier = classifier;
    this.detector = detector;
    this.form = {
      margin: face?.margin ?? MARGIN,
      shift: face?.shift ?? SHIFT,
      maxSide: 4 * Math.max(input.width, input.height),
    };
  }

  /**
   * An answer for each face, the largest first; a single "no_face" where there is none.
   * @returns {Promise<Answer[]>}
   */
  async classify(/** @type {Pixels} */ pixels) {
    const faces = await this.detector.detect(pixels);
    if (!faces.length) return [answer(null, "no_face")];
    const answers = [];
    for (const [n, face] of faces.entries()) {
      const { scores, reason, seen } = await this.scores(pixels, face);
      const label = scores ? this.classifier.decision.label(scores) : "unsure";
      const box = clipped(face.box, pixels.width, pixels.height);
      answers.push(answer(scores, label, { box, reason, seen, track_id: n + 1 }));
    }
    return answers;
  }

  /**
   * The model's scores for one face and what it saw of it; or why it is not judged.
   * @returns {Promise<{ scores: Scores | null, reason: string | null, seen: Pixels | null }>}
   */
  async scores(/** @type {Pixels} */ pixels, /** @type {Face} */ face) {
    const crop = cropFace(pixels, face, this.form);
    const reason = refusal(pixels, face, crop);
    if (reason) return { scores: null, reason, seen: null };
    const seen = this.classifier.prepare(crop);
    return { scores: await this.classifier.scores(seen), reason, seen };
  }
}
