// Teaching: buttons that are held to take pictures, the lesson, what came of it, and the way back.
// The program holds the state; every wish is a POST, whose answer is the state after it.

import { Album, thumbnail } from "./album.js";
import { percent } from "./stage.js";
import { element } from "./verdict.js";

const BEAT_MS = 250; // between two signs that a button is held; without one the program stops
const SHORT_MS = 500; // held for less than this, a button has hardly taken a picture
const TAP_MS = 2000; // for those whose device only taps
const SMILES = { happy: "M7 14q5 6 10 0", neutral: "M7 16h10", sad: "M7 18q5 -6 10 0" };
const ALL = { 2: "happy and sad", 3: "happy, sad, and neutral too, so that it does not forget it" };
const SMALL = 0.05; // of the space for pictures: until then nobody needs to know
const REASONS = { taken: "", alike: "That is as the one before: move a little.", no_face: "I see no face." };
const find = (id) => document.getElementById(id);

export class Lessons {
  constructor(figures) {
    this.figures = figures;
    this.album = new Album((path) => this.ask(path));
    this.held = "";
    this.counts = {};
    this.tapped = null; // the label whose button was let go at once, and its pictures before
    this.revision = -1;
    find("begin").addEventListener("click", () => this.ask("teach"));
    find("back").addEventListener("click", () => this.ask("back"));
    find("keep").addEventListener("change", (event) => this.ask(event.target.checked ? "keep" : "keep-not"));
    find("forget").addEventListener("click", () => this.forget());
    for (const kind of ["blur", "pagehide"]) window.addEventListener(kind, () => this.release());
  }

  /** Sends a wish, or asks for the state where there is none, and shows the state after it. */
  async ask(path) {
    const answer = path
      ? await fetch(`lessons/${path}`, { method: "POST" }).catch(() => null)
      : await fetch("lessons").catch(() => null);
    if (!answer) return; // the page says already that it is not connected
    if (path) find("trouble").textContent = answer.ok ? "" : `That did not work: ${await answer.text()}`;
    if (answer.ok) this.show(await answer.json());
    else if (path) await this.ask("");
  }

  /** Signs as long as it is held, one after the other. */
  async hold(label) {
    if (this.held === label || !(label in this.counts)) return;
    this.held = label;
    this.tapped = null;
    this.began = { label, pictures: this.counts[label][0], time: Date.now() };
    this.mark();
    while (this.held === label) {
      await this.ask(`hold/${label}`);
      await new Promise((done) => setTimeout(done, BEAT_MS));
    }
  }

  /** Lets a label go; another one that is held by now stays so. */
  release(label = this.held) {
    if (!this.held || this.held !== label) return;
    this.held = "";
    if (Date.now() - this.began.time < SHORT_MS) this.tapped = this.began;
    this.mark();
    this.ask("release");
  }

  mark() {
    for (const button of find("holds").children) {
      button.classList.toggle("held", button.dataset.label === this.held);
    }
  }

  forget() {
    if (find("forget").dataset.sure) this.ask("forget");
    find("forget").dataset.sure = find("forget").dataset.sure ? "" : "yes";
    find("forget").textContent = find("forget").dataset.sure ? "Really forget all pictures?" : "Forget all";
  }

  show(state) {
    if (state.revision < this.revision) return; // an answer that was overtaken
    this.revision = state.revision;
    this.figures.model(state.model, state.labels);
    this.buttons(state);
    this.album.show(state);
    const count = state.pictures.length;
    const isBusy = state.share !== null;
    find("missing").textContent = this.missing(state, count);
    find("begin").disabled = isBusy || state.missing.length > 0;
    find("begin").textContent = isBusy ? "Learning …" : "Teach";
    find("keep").checked = state.kept;
    find("keep").disabled = isBusy || !count;
    for (const id of ["download", "forget"]) find(id).hidden = !count;
    find("progress").hidden = !isBusy;
    find("progress").value = state.share ?? 0;
    this.result(state, isBusy);
    find("answering").hidden = !state.before;
    const later =
      state.next_start === state.model ? "" : ` From the next start on it is ${state.next_start} again.`;
    find("answers-now").textContent = `${state.model} answers now.${later}`;
    find("back").textContent = `Go back to ${state.before}`;
  }

  buttons({ labels, counts }) {
    if (Object.keys(this.counts).join() !== labels.join()) {
      find("holds").replaceChildren(...labels.map((label) => this.button(label)));
    }
    this.counts = counts;
    for (const button of find("holds").children) {
      const [pictures, moments] = counts[button.dataset.label];
      button.querySelector("output").textContent = pictures;
      button.setAttribute("aria-label", `${button.dataset.label}: ${pictures} pictures of ${moments} moments. Hold to take more.`);
    }
  }

  button(label) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `hold ${label}`;
    button.dataset.label = label;
    button.setAttribute("aria-keyshortcuts", label[0]);
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/><circle class="eye" cx="8.5" cy="9.5" r="1.4"/><circle class="eye" cx="15.5" cy="9.5" r="1.4"/><path d="${SMILES[label]}"/></svg>`;
    button.append(label, document.createElement("output"));
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0) this.hold(label);
    });
    for (const kind of ["pointerup", "pointercancel", "pointerleave", "blur"]) {
      button.addEventListener(kind, () => this.release(label)); // "blur" comes after the next is held
    }
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch
    for (const [kind, act] of [["keydown", () => this.hold(label)], ["keyup", () => this.release(label)]]) {
      button.addEventListener(kind, (event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault(); // it would be a click, too
        act();
      });
    }
    button.addEventListener("click", (event) => {
      if (event.detail > 0) return; // of a finger or a mouse, which has held it
      this.hold(label);
      setTimeout(() => this.release(label), TAP_MS);
    });
    return button;
  }

  /** Whether a button was let go before there was a picture. */
  isTooShort() {
    return this.tapped !== null && this.counts[this.tapped.label]?.[0] === this.tapped.pictures;
  }

  missing({ labels, counts, said, held, missing, cap, size }, count) {
    const reason = REASONS[said] ?? (/ /.test(said) ? said : `The face is ${said.replaceAll("_", " ")}.`);
    if ((held || this.held) && reason) return reason;
    if (this.isTooShort()) return `Hold ${this.tapped.label} longer: pictures are taken as long as you hold it.`;
    if (!count) return `Five times each will do to begin with: ${ALL[labels.length]}.`;
    const used = size < SMALL * cap ? "" : ` ${Math.round(size / 1e6)} of ${Math.round(cap / 1e6)} MB.`;
    if (missing.length) return `Still missing: ${missing.join(", ")}.${used}`;
    const without = labels.filter((label) => !counts[label][0]);
    if (without.length) {
      return `Enough to begin, but take ${without.join(" and ")} too: else nobody knows whether it still knows it.${used}`;
    }
    return `Enough to begin. More help: another light, another day, with and without glasses.${used}`;
  }

  result({ result, pictures }, isBusy) {
    find("result").hidden = isBusy || !result;
    if (isBusy || !result) return;
    const isNew = find("sentence").textContent !== (result.sentence ?? result.error);
    find("sentence").textContent = result.sentence ?? result.error;
    if (isNew) this.figures.verdict.say(find("sentence").textContent);
    const isReport = !result.error;
    for (const id of ["scores", "wrong", "small-print"]) find(id).hidden = !isReport;
    if (!isReport) return;
    const after = result.taken ? "now" : "practised";
    find("scores").replaceChildren(
      this.score("before", result.before, result.pictures),
      this.score(after, result.after, result.pictures),
    );
    const { wrong, said } = result.taken ? result.after : result.before;
    const answers = new Map(wrong.map((number, place) => [number, said[place]]));
    this.wrong(pictures.filter((one) => answers.has(one.number)), answers);
    find("small-print").textContent =
      `Each picture was asked about as if it had never been shown, ${result.pictures} pictures of ` +
      `${result.moments} moments. In the shares each kind of face counts alike; the pale part is where ` +
      `the share would be in 95 of 100 such tries. ${result.again} ${result.edges}`;
  }

  score(name, { right, low, high, count }, pictures) {
    const row = document.createElement("p");
    const bar = document.createElement("span");
    bar.className = "range";
    for (const [kind, left, width] of [["fill", 0, right], ["spread", low, high - low]]) {
      const part = document.createElement("i");
      part.className = kind;
      part.style.left = `${100 * left}%`;
      part.style.width = `${100 * width}%`;
      bar.append(part);
    }
    const words = document.createElement("span");
    words.textContent = `${count} right, ${pictures - count} wrong: ${percent(right)} (${percent(low)} to ${percent(high)})`;
    row.append(name, bar, words);
    return row;
  }

  /** What it gets wrong: what was said of a picture, and what it says, before those of which that holds. */
  wrong(pictures, answers) {
    const rows = new Map();
    for (const { number, label } of pictures) {
      const answer = answers.get(number);
      const text = answer === "unsure" ? `You said ${label}, it is unsure` : `You said ${label}, it says ${answer}`;
      if (!rows.has(text)) rows.set(text, element("div", "thumbnails"));
      rows.get(text).append(thumbnail(number, label));
    }
    find("wrong").replaceChildren(
      element("h3", "", pictures.length ? "It still gets these wrong" : "It gets none of these pictures wrong"),
      ...[...rows].sort().flatMap(([text, row]) => [element("p", "said", text), row]),
    );
  }
}
