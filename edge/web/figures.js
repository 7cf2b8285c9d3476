// What stands beside and below the picture: the answer, the bars, times, figures, news.

import { percent, words } from "./stage.js";

const SAY_MS = 2500; // between two sentences for those who listen
const STATES = ["happy", "neutral", "sad", "unsure", "no_face", "no_camera"];
const find = (id) => document.getElementById(id);

function element(kind, name, text = "") {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

/** A length of time as people say it: 45 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

export class Figures {
  constructor() {
    this.bars = new Map();
    this.hasNews = false;
    this.spoken = 0;
    this.label = "";
  }

  hello({ model, answers, band, source, stores, version }) {
    find("source").textContent = source;
    find("stored").textContent = stores.length
      ? `But this run was told to keep pictures: ${stores.join(", ")}.`
      : "";
    this.version = version;
    this.band = band ? `, band ${band[0]} to ${band[1]} in place of its own` : "";
    this.model(model, answers);
    find("news").replaceChildren(element("p", "", "None so far."));
    this.hasNews = false;
  }

  /** Which model answers, and what it can answer. */
  model(model, answers) {
    find("model").textContent = `Model ${model}${this.band}, happysad ${this.version}.`;
    const shown = answers.includes("neutral") ? ["happy", "neutral", "sad"] : ["happy", "sad"];
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

  show(facts) {
    const [first, ...others] = facts.answers;
    const isGone = first.reason === "no_camera";
    this.verdict(isGone ? "no_camera" : first.label, first);
    find("others").replaceChildren(
      ...others.map((answer) => {
        const row = element("li", answer.label);
        row.append(element("span", "", `face ${answer.track_id}`), element("span", "", words(answer)));
        return row;
      }),
    );
    for (const id of ["crop", "seen"]) find(id).hidden = !facts.crop;
    if (facts.crop) {
      for (const id of ["crop-picture", "seen"]) find(id).src = facts.crop;
      find("crop-picture").alt = "The largest face, cut out and made as small as the model takes it";
    }
    find("fps").textContent = isGone ? "–" : facts.fps.toFixed(facts.fps < 10 ? 1 : 0);
    find("latency").textContent = isGone ? "–" : `${facts.latency_ms} ms`;
    find("age").textContent = isGone ? "–" : `${Math.round(facts.age_ms)} ms`;
    const celsius = facts.temperature_c;
    find("temperature").textContent = celsius === null ? "–" : `${Math.round(celsius)} °C`;
    const isQuiet = celsius === null ? "" : "Neither too hot nor short of power.";
    find("power").textContent = facts.throttled.length
      ? `Slowed down: ${facts.throttled.join(", ")}`
      : isQuiet;
    find("power").classList.toggle("bad", facts.throttled.length > 0);
    this.times(facts.totals);
  }

  /** What is known when there is no picture. */
  unknown(state) {
    this.verdict(state, { label: "no_face", p_happy: null, reason: null });
    find("others").replaceChildren();
    for (const id of ["crop", "seen"]) find(id).hidden = true;
  }

  verdict(state, answer) {
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
    const mood = isJudged ? answer.p_happy - answer.p_sad : 0;
    const [edge, middle] = [78 - 9 * mood, 78 + 27 * mood];
    find("mouth").setAttribute("d", `M34 ${edge.toFixed(1)}Q60 ${middle.toFixed(1)} 86 ${edge.toFixed(1)}`);
    if (label !== this.label) this.say(label);
    this.label = label;
  }

  why(state, answer) {
    if (state === "no_face") return "Nobody is in the picture.";
    if (state === "no_camera") return "It is opened again as soon as it is back.";
    if (state !== "unsure") return "";
    if (answer.reason) return `The face is ${answer.reason.replaceAll("_", " ")}.`;
    return "No answer is likely enough.";
  }

  times(totals) {
    const seen = STATES.filter((state) => totals[state] > 0);
    const all = seen.reduce((sum, state) => sum + totals[state], 0) || 1;
    find("share").replaceChildren(
      ...seen.map((state) => {
        const share = element("i", state);
        share.style.flexGrow = totals[state];
        return share;
      }),
    );
    find("times").replaceChildren(
      ...seen.map((state) => {
        const row = element("div");
        row.append(
          element("dt", state, state.replace("_", " ")),
          element("dd", "", duration(totals[state])),
          element("dd", "", totals[state] < 0.005 * all ? "<1 %" : percent(totals[state] / all)),
        );
        return row;
      }),
    );
  }

  tell({ text, clock }) {
    const list = find("news");
    if (!this.hasNews) list.replaceChildren();
    this.hasNews = true;
    const row = element("p", "", text.replace(/^camera: /, ""));
    row.prepend(element("time", "", clock));
    list.prepend(row);
    while (list.children.length > 50) list.lastChild.remove();
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
