// The picture with boxes on the faces, as sharp as the screen allows.

const FONT = "600 SIZEpx ui-rounded, 'SF Pro Rounded', 'Segoe UI', system-ui, sans-serif";
const SAY_MS = 3000; // between two changes of the picture's alternative text

export function percent(p) {
  return `${Math.round(100 * p)} %`;
}

/** An answer in words: "happy 97 %", "unsure, too dark". */
export function words(answer) {
  const label = answer.label.replace("_", " ");
  if (answer.reason) return `${label}, ${answer.reason.replaceAll("_", " ")}`;
  return answer.p_shown === null ? label : `${label} ${percent(answer.p_shown)}`;
}

export class Stage {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.hasBoxes = true;
    this.isMirror = false;
    this.name = "The camera's picture"; // as those hear it who do not see it
    this.picture = null;
    this.said = 0;
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  /** Shows a JPEG or a bitmap, whose answers' boxes are in pixels of the frame that it was made from. */
  async show(jpeg, size, answers) {
    const picture = await createImageBitmap(jpeg);
    this.picture?.close();
    this.picture = picture;
    this.size = size;
    this.answers = answers;
    this.canvas.parentElement.style.aspectRatio = `${size[0]} / ${size[1]}`;
    this.draw();
    this.describe();
  }

  /** Takes the boxes away: nobody knows any more who is there. */
  forget() {
    this.answers = [];
    this.draw();
  }

  describe() {
    if (Date.now() - this.said < SAY_MS) return;
    this.said = Date.now();
    const found = this.answers.filter((answer) => answer.label !== "no_face");
    const faces = found.map((answer) => `${found.length > 1 ? `face ${answer.track_id} ` : ""}${words(answer)}`);
    const text = faces.length ? `${this.name}: ${faces.join("; ")}` : `${this.name}: no face`;
    this.canvas.setAttribute("aria-label", text);
  }

  draw() {
    if (!this.picture) return;
    const { canvas, context, picture } = this;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    const scale = Math.min(canvas.width / this.size[0], canvas.height / this.size[1]);
    const [wide, high] = [this.size[0] * scale, this.size[1] * scale];
    const [left, top] = [(canvas.width - wide) / 2, (canvas.height - high) / 2];
    context.save();
    context.translate(left + (this.isMirror ? wide : 0), top);
    context.scale(this.isMirror ? -1 : 1, 1);
    context.drawImage(picture, 0, 0, wide, high);
    context.restore();
    if (!this.hasBoxes) return;
    const colours = getComputedStyle(canvas);
    for (const answer of [...this.answers].reverse()) {
      if (answer.label === "no_face") continue;
      const [x, y, width, height] = answer.box ?? [0, 0, ...this.size];
      const shown = this.isMirror ? this.size[0] - x - width : x;
      const box = [left + shown * scale, top + y * scale, width * scale, height * scale];
      const number = this.answers.length === 1 || !answer.track_id ? "" : `${answer.track_id}`;
      this.box(box, answer, number, colours, ratio);
    }
  }

  box(/** @type {number[]} */ [x, y, width, height], answer, number, colours, ratio) {
    const { context, canvas } = this;
    const colour = colours.getPropertyValue(`--${answer.label}`);
    const thick = Math.max(2, canvas.width / 260);
    const corner = Math.min(width, height) / 12;
    for (const [style, line] of [["#0006", 2 * thick], [colour, thick]]) {
      context.strokeStyle = style;
      context.lineWidth = line;
      context.beginPath();
      context.roundRect(x, y, width, height, corner);
      context.stroke();
    }
    const size = Math.max(12 * ratio, Math.min(canvas.width / 42, width / 5.5));
    context.font = FONT.replace("SIZE", String(size));
    const pad = size * 0.5;
    const spaceOf = (/** @type {string} */ text) => context.measureText(text).width + 2 * pad;
    const all = `${number}  ${words(answer)}`.trim();
    // Of several faces, what is wider than a face covers the next; the list has it too.
    const text = number && spaceOf(all) > width ? number : all;
    const wide = spaceOf(text);
    const left = Math.max(0, Math.min(x - thick / 2, canvas.width - wide));
    const bottom = Math.max(y - thick, 1.6 * size);
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(left, bottom - 1.6 * size, wide, 1.6 * size, 0.5 * size);
    context.fill();
    context.fillStyle = colours.getPropertyValue(`--on-${answer.label}`);
    context.textBaseline = "middle";
    context.fillText(text, left + pad, bottom - 0.78 * size);
  }
}
