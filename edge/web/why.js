// What made the answer, on the crop: orange where something was counted for it, blue against it.

const FOR = [213, 94, 0]; // as on the pictures of `classify --why`
const AGAINST = [86, 180, 233];
const STRONGEST = 0.75; // of the colour at the place that counts most
const SAY_MS = 3000; // between two changes of the alternative text
const ROWS = ["top", "middle", "bottom"];
const COLUMNS = ["left", "centre", "right"];
const find = (id) => document.getElementById(id);

export class Why {
  constructor() {
    this.isOn = false;
    this.said = 0;
  }

  /** What the program is told once a picture is on the screen. */
  get wish() {
    return this.isOn ? "why" : "next";
  }

  toggle() {
    this.isOn = !this.isOn;
    find("explain").setAttribute("aria-pressed", this.isOn);
    if (!this.isOn) this.show(null);
  }

  /** Shows what came with a picture; null where nothing did. */
  show(map) {
    const { label, places, problem } = (this.isOn && map) || {};
    find("heat").hidden = !places;
    find("crop").classList.toggle("explained", Boolean(places));
    find("crop-text").textContent = places
      ? `What made this answer: orange places spoke for ${label}, blue ones against it. It may still be wrong.`
      : problem ?? "This is all that the model sees";
    if (!places) return;
    this.draw(places);
    if (Date.now() - this.said < SAY_MS) return;
    this.said = Date.now();
    find("heat").setAttribute("aria-label", describe(label, places));
  }

  /** A pixel for each place; the browser smooths them over the face. */
  draw(places) {
    const canvas = find("heat");
    [canvas.width, canvas.height] = [places[0].length, places.length];
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    places.flat().forEach((value, index) => {
      const share = Math.round(255 * STRONGEST * Math.abs(value));
      image.data.set([...(value > 0 ? FOR : AGAINST), share], 4 * index);
    });
    context.putImageData(image, 0, 0);
  }
}

function describe(label, places) {
  const values = places.flat();
  const [most, least] = [Math.max(...values), Math.min(...values)];
  const speaks = most > 0 ? `Most spoke for ${label} at the ${where(places, most)}` : `Nothing spoke for ${label}`;
  return least < 0 ? `${speaks}, most against it at the ${where(places, least)}.` : `${speaks}, nothing against it.`;
}

function where(places, value) {
  const row = places.findIndex((cells) => cells.includes(value));
  const column = places[row].indexOf(value);
  const third = (index, count, names) => names[Math.floor((3 * index) / count)];
  return `${third(row, places.length, ROWS)} ${third(column, places[0].length, COLUMNS)}`;
}
