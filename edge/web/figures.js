// What stands beside and below the picture: the verdict, the crop, times, figures, news.

import { percent } from "./stage.js";
import { Verdict, element } from "./verdict.js";

const STATES = ["happy", "neutral", "sad", "unsure", "no_face", "no_camera"];
const find = (id) => document.getElementById(id);

/** A length of time as people say it: 45 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

export class Figures {
  constructor() {
    this.verdict = new Verdict();
    this.hasNews = false;
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
    this.verdict.answers(answers);
  }

  show(facts) {
    const [first] = facts.answers;
    const isGone = first.reason === "no_camera";
    this.verdict.show(isGone ? "no_camera" : first.label, facts.answers);
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
    this.verdict.unknown(state);
    for (const id of ["crop", "seen"]) find(id).hidden = true;
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
}
