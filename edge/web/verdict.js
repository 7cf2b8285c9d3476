// What the page says of a face: the label, bars, a list where there are several faces, and the same in
// words for those who listen.

import { percent, words } from "./stage.js";

const SAY_MS = 2500; // between two sentences for those who listen
const MOUTHS = { happy: [69, 105], sad: [87, 51] }; // heights of its corners and of what pulls its middle
const STRAIGHT = [78, 78];
const find = (id) => document.getElementById(id);

export function element(kind, name, text = "") {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

export class Verdict {
  constructor() {
    this.bars = new Map();
    this.spoken = 0;
    this.label = "";
  }

  /** Which labels the model can give. */
  answers(labels) {
    const shown = labels.includes("neutral") ? ["happy", "neutral", "sad"] : ["happy", "sad"];
    if (shown.join() === [...this.bars.keys()].join()) return;
    this.bars.clear();
    find("bars").replaceChildren(...shown.map((label) => this.bar(label)));
  }

  bar(label) {
    const row = element("div", `bar ${label}`);
    const track = element("div", "track");
    const fill = element("div", "fill");
    const figure = element("output", "", "–");
    track.setAttribute("role", "meter");
    track.setAttribute("aria-label", label);
    track.setAttribute("aria-valuemin", 0);
    track.setAttribute("aria-valuemax", 100);
    track.append(fill);
    row.append(element("span", "", label), track, figure);
    figure.setAttribute("aria-hidden", true); // the meter says it
    figure.setAttribute("aria-live", "off");
    this.bars.set(label, { track, fill, figure });
    return row;
  }

  /** What is known when there is no picture. */
  unknown(state) {
    this.show(state, [{ label: "no_face", p_happy: null, reason: null }]);
  }

  show(state, answers) {
    this.first(state, answers[0]);
    find("others").replaceChildren(
      ...(answers.length > 1 ? answers : []).map((answer) => {
        const row = element("li", answer.label);
        row.append(element("span", "", `face ${answer.track_id}`), element("span", "", words(answer)));
        return row;
      }),
    );
  }

  first(state, answer) {
    find("now").dataset.state = state;
    const label = state === "wait" ? "…" : state.replace("_", " ");
    find("label").textContent = label;
    find("why").textContent = this.why(state, answer);
    const isJudged = answer.p_happy !== null;
    for (const [name, { track, fill, figure }] of this.bars) {
      const p = isJudged ? answer[`p_${name}`] : 0;
      fill.style.width = `${(100 * p).toFixed(1)}%`;
      figure.textContent = isJudged ? percent(p) : "–";
      track.setAttribute("aria-valuenow", Math.round(100 * p));
      track.setAttribute("aria-valuetext", isJudged ? percent(p) : "not judged");
    }
    const [edge, middle] = MOUTHS[state] ?? STRAIGHT; // as the word: the bars may be ahead of it
    find("mouth").setAttribute("d", `M34 ${edge}Q60 ${middle} 86 ${edge}`);
    if (label !== this.label) this.say(label);
    this.label = label;
  }

  why(state, answer) {
    if (state === "no_face") return "Nobody is in the picture.";
    if (state === "no_camera") return "It is opened again as soon as it is back.";
    if (state !== "unsure") return "";
    if (answer.reason) return `The face is ${answer.reason.replaceAll("_", " ")}.`;
    if (answer.is_held) return "Not sure enough yet to change."; // as happy, but barely or not for long
    if (answer.rivals) {
      const text = `${answer.rivals.join(" and ")} are too close.`;
      return text[0].toUpperCase() + text.slice(1);
    }
    return "No answer is likely enough.";
  }

  /** Says a sentence to those who listen and do not look; not too many. */
  say(text) {
    clearTimeout(this.later);
    const wait = Math.max(0, this.spoken + SAY_MS - Date.now());
    this.later = setTimeout(() => {
      this.spoken = Date.now();
      find("said").textContent = text;
    }, wait);
  }
}
