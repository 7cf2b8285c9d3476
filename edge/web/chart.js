// The last minutes: how likely each answer was, second by second, and below it the answers.
// Happy grows from the bottom and sad from the top; what neither and neutral fill is anything else.

const SVG = "http://www.w3.org/2000/svg";
const HIGH = 100; // of the probabilities, in the chart's own units; one second is one unit wide
const STRIP = 10; // the answers below
const GAP = 4;
const SPANS = [60, 90, 120, 180, 240, 300]; // seconds that it may show: the shortest that all fit into
const STATES = ["happy", "neutral", "sad", "unsure", "no_face", "no_camera"];
const AREAS = {
  happy: ([happy]) => [0, happy],
  neutral: ([happy, neutral]) => [happy, happy + neutral],
  sad: ([, , sad]) => [1 - sad, 1],
};

export class Chart {
  constructor(svg) {
    this.svg = svg;
    this.areas = Object.keys(AREAS).map((name) => [name, this.path(name)]);
    this.strips = STATES.map((state) => [state, this.path(state)]);
    this.begin({ answers: [] });
  }

  path(name) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", `own ${name}`);
    this.svg.append(path);
    return path;
  }

  begin({ answers }) {
    this.entries = [];
    document.getElementById("legend-neutral").hidden = !answers.includes("neutral");
  }

  add(entry) {
    this.entries.push(entry);
    if (this.entries.length > SPANS.at(-1)) this.entries.shift();
  }

  draw() {
    const span = SPANS.find((seconds) => seconds >= this.entries.length);
    document.getElementById("since").textContent = `${span / 60} min ago`;
    this.svg.setAttribute("viewBox", `0 0 ${span} ${HIGH + GAP + STRIP}`);
    const first = span - this.entries.length;
    for (const [name, path] of this.areas) path.setAttribute("d", this.area(AREAS[name], first));
    for (const [state, path] of this.strips) path.setAttribute("d", this.strip(state, first));
    this.describe();
  }

  /** An area between two levels, with gaps where nobody was judged. */
  area(levels, first) {
    let [upper, lower, whole] = ["", "", ""];
    const close = () => {
      if (upper) whole += `M${upper}L${lower}z`;
      upper = lower = "";
    };
    this.entries.forEach(({ p }, index) => {
      if (!p) return close();
      const [low, high] = levels(p).map((level) => (HIGH * (1 - level)).toFixed(1));
      // A point in the second's middle, and one at its edge where the neighbour has none.
      const places = [first + index + 0.5];
      if (!this.entries[index - 1]?.p) places.unshift(first + index);
      if (!this.entries[index + 1]?.p) places.push(first + index + 1);
      for (const x of places) {
        upper += ` ${x},${high}`;
        lower = ` ${x},${low}${lower}`;
      }
    });
    close();
    return whole;
  }

  strip(state, first) {
    const steps = this.entries.map((entry, index) =>
      entry.state === state ? `M${first + index} ${HIGH + GAP}h1.02v${STRIP}h-1.02z` : "",
    );
    return steps.join("");
  }

  describe() {
    const shares = STATES.map((state) => {
      const seconds = this.entries.filter((entry) => entry.state === state).length;
      const share = Math.round((100 * seconds) / this.entries.length);
      return share ? `${state.replace("_", " ")} ${share} %` : "";
    });
    const text = `Of the last ${this.entries.length} seconds: ${shares.filter(Boolean).join(", ")}`;
    this.svg.setAttribute("aria-label", text);
  }
}
