// The pictures that were taken to teach with: a row for each label, and what can be done with one.

const LATEST = matchMedia("(max-width: 30rem)").matches ? 10 : 24; // of each label, at first
const find = (id) => document.getElementById(id);

export function thumbnail(number, label) {
  const image = new Image(56, 56);
  image.src = `lessons/pictures/${number}.png`;
  image.alt = `${label}, picture ${number}`;
  image.className = label;
  image.loading = "lazy";
  return image;
}

export class Album {
  /** `ask(path)` sends a wish to the program. */
  constructor(ask) {
    this.ask = ask;
    this.rows = new Map();
    this.buttons = new Map();
    this.picked = null;
    this.isWhole = new Set(); // labels of which all are shown
  }

  show({ labels, pictures }) {
    this.labels = labels;
    for (const label of labels) this.row(label);
    for (const [label, { row }] of this.rows) row.hidden = !pictures.some((one) => one.label === label);
    const shown = labels.flatMap((label) => {
      const own = pictures.filter((one) => one.label === label).reverse();
      const { more } = this.row(label);
      more.hidden = own.length <= LATEST || this.isWhole.has(label);
      more.textContent = `all ${own.length}`;
      return this.isWhole.has(label) ? own : own.slice(0, LATEST);
    });
    for (const [number, button] of this.buttons) {
      if (shown.some((one) => one.number === number && one.label === button.dataset.label)) continue;
      button.remove();
      this.buttons.delete(number);
    }
    for (const one of shown.reverse()) this.button(one);
    if (this.picked && !pictures.some((one) => one.number === this.picked.number)) this.pick(null);
  }

  row(label) {
    if (!this.rows.has(label)) {
      const row = document.createElement("section");
      const title = document.createElement("h3");
      const list = document.createElement("div");
      const more = document.createElement("button");
      row.className = label;
      title.textContent = label;
      list.className = "thumbnails";
      more.type = "button";
      more.addEventListener("click", () => {
        this.isWhole.add(label);
        this.ask("");
      });
      row.append(title, list, more);
      find("album").append(row);
      this.rows.set(label, { row, list, more });
    }
    return this.rows.get(label);
  }

  /** The newest stand first. */
  button(one) {
    if (this.buttons.has(one.number)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.label = one.label;
    button.append(thumbnail(one.number, one.label));
    button.addEventListener("click", () => this.pick(one));
    const { list } = this.row(one.label);
    const next = [...list.children].find((other) => Number(other.dataset.number) < one.number);
    button.dataset.number = one.number;
    list.insertBefore(button, next ?? null);
    this.buttons.set(one.number, button);
  }

  /** Shows one picture large, with what can be done with it. */
  pick(one) {
    const before = this.picked;
    this.picked = one;
    find("picked").hidden = !one;
    find("picked").replaceChildren();
    if (!one) {
      if (before) this.rows.get(before.label)?.list.querySelector("button")?.focus();
      return;
    }
    const place = `pictures/${one.number}`;
    const image = thumbnail(one.number, one.label);
    image.classList.add("large");
    find("picked").append(
      image,
      ...this.labels
        .filter((label) => label !== one.label)
        .map((label) => this.action(`It is ${label}`, () => this.ask(`${place}/move/${label}`))),
      this.action("Delete", () => this.ask(`${place}/delete`)),
      this.action("Close", () => {}),
    );
    find("picked").querySelector("button").focus();
  }

  action(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => {
      this.pick(null);
      act();
    });
    return button;
  }
}
