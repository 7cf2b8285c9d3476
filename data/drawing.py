"""Draws the project's own images: cartoon faces, happy and sad.

The mouth decides the label; some brows follow it, a few contradict it, and nothing else knows it:
with the same generator, a happy and a sad face are the same face with another expression.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from data import drawing_parts as parts
from data.pen import (
    BLACK,
    PINK,
    RED,
    SAG,
    SPAN,
    WHITE,
    Colour,
    Pen,
    Points,
    bow,
    mix,
    palette,
    pick,
)
from edge.machine.opencv import cv2
from edge.machine.output_file import write_bytes

MOODS = {"happy": 1, "sad": -1}
DRAWN_PER_CLASS = 160  # of the default set

OVERSIZE = 2  # canvas pixels per image pixel; lines are antialiased besides
MIN_SAG_PX = 3.0  # a slighter bend of the mouth is lost in blur and noise

SKINS = palette("ffdbc4 f6c9a4 e8b48a d49a6a b97a4e a1683f")
UNREAL_SKINS = palette("ffd93b ffc72c 8ecae6 95d07f f4a6c0 c3a6e6 ffa65c d7d7d7")
INKS = palette("161414 2b1b17 1b2440 3a2618")
PAPERS = palette("ffffff fbf7ea eef3f7 fdeef0")
CHALKBOARDS = palette("1f6e5c 2a5b9c 6a4fa3")
FLESH = palette("c8323c 8c2f39 5a1a1a 1d1a1c")


def draw_face(label: str, rng: np.random.Generator, size: int = 150) -> np.ndarray:
    """One cartoon face.

    Args:
        label: "happy" or "sad".
        rng: Decides everything but the expression, with the same draws for both labels.
        size: Width and height in pixels.

    Returns:
        uint8 (size, size, 3), BGR.
    """
    mood = MOODS[label]
    canvas = np.empty((size * OVERSIZE, size * OVERSIZE, 3), np.uint8)
    skin, ink, hair = _colours(rng)
    _background(canvas, rng, skin)
    pen = _pen(canvas, rng, ink)
    outline = parts.head_outline(rng)
    parts.behind_head(pen, rng, outline, skin)
    parts.head(pen, rng, outline, skin)
    parts.beard(pen, rng, outline, hair)
    parts.nose(pen, rng, skin)
    parts.eyes(pen, rng, skin)
    _brows(pen, rng, mood, mix(hair, ink, 0.6))
    _mouth(pen, rng, mood, MIN_SAG_PX * OVERSIZE / pen.scale)
    parts.hair(pen, rng, outline, hair)
    parts.hat(pen, rng, outline)
    image = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    return _photograph(image, rng)


def draw_set(
    directory: Path,
    per_class: int = DRAWN_PER_CLASS,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> list[Path]:
    """Writes `happy/drawn-0001.png`, ..., `sad/drawn-0001.png`, ...

    A face depends on the seed, its label and its number only: a larger set starts with the smaller
    one. Other files in the folders are left alone.

    Args:
        directory: Where the two folders are, or will be made.
        per_class: Faces of each label.
        seed: 0 or more.
        progress: Called after each file.

    Returns:
        The files, happy ones first.

    Raises:
        OutputError: A folder or file cannot be written.
    """
    written: list[Path] = []
    for label_number, label in enumerate(MOODS):
        for number in range(1, per_class + 1):
            rng = np.random.default_rng([seed, label_number, number])
            path = directory / label / f"drawn-{number:04d}.png"
            write_bytes(path, cv2.imencode(".png", draw_face(label, rng))[1].tobytes())
            written.append(path)
            if progress:
                progress()
    return written


def _colours(rng: np.random.Generator) -> tuple[Colour, Colour, Colour]:
    """Skin, ink and hair: people, cartoon colours, ink on paper, or chalk on a board."""
    kind, hair, ink = rng.random(), pick(rng, parts.HAIR), pick(rng, INKS)
    jitter, darkness = rng.uniform(-12, 12, 3), rng.uniform(0.65, 0.9)
    paper, board = pick(rng, PAPERS), pick(rng, CHALKBOARDS)
    natural, unreal = pick(rng, SKINS), pick(rng, UNREAL_SKINS)
    if kind < 0.12:
        return paper, ink, pick(rng, [paper, ink, hair])
    if kind < 0.17:
        return board, WHITE, pick(rng, [board, WHITE])
    skin = np.clip((natural if kind < 0.58 else unreal) + jitter, 0, 255)
    return skin, pick(rng, [ink, mix(skin, BLACK, darkness)]), hair


def _background(canvas: np.ndarray, rng: np.random.Generator, skin: Colour) -> None:
    """Flat, a gradient, mottled, stripes or blobs; now and then in the colour of the skin."""
    size, kind = len(canvas), rng.random()
    first, other = (mix(pick(rng, parts.CLOTHES), WHITE, rng.uniform(0, 0.9)) for _ in "ab")
    first = pick(rng, [first] * 5 + [WHITE, skin])
    second = mix(first, other, rng.uniform(0.2, 0.8))
    if kind < 0.55:
        cells = 1 if kind < 0.25 else 2 if kind < 0.4 else rng.integers(4, 40)
        coarse = mix(first, second, rng.random((cells, cells, 1))).astype(np.uint8)
        cv2.resize(coarse, (size, size), canvas, interpolation=cv2.INTER_LINEAR)
        return
    canvas[:] = first
    if kind < 0.75:
        width, angle = rng.uniform(0.04, 0.12) * size, rng.uniform(0, np.pi)
        across = np.array([np.cos(angle), np.sin(angle)])
        along = np.array([-across[1], across[0]]) * size
        for step in np.arange(-0.75 * size, 0.75 * size, 2 * width):
            ends = np.rint(size / 2 + step * across + np.stack([along, -along])).astype(int)
            cv2.line(canvas, ends[0], ends[1], second.tolist(), round(width), cv2.LINE_AA)
    else:
        blobs = rng.random((rng.integers(6, 25), 3)) * size * (1, 1, 0.12)
        for x, y, radius in blobs.astype(int):
            cv2.circle(canvas, (x, y), radius, second.tolist(), -1, cv2.LINE_AA)


def _pen(canvas: np.ndarray, rng: np.random.Generator, ink: Colour) -> Pen:
    """A pen for a face of some size, place and tilt; the mouth stays inside the picture."""
    size = len(canvas)
    # Mostly near the middle, upright and large, with outliers: trained on 224 faces, the default
    # network got 96 and 97 % of 400 new ones right (two seeds); with these ranges filled evenly,
    # 57 % of 1,000 even after training on 480.
    scale = np.clip(rng.normal(0.8, 0.08), 0.45, 1) * size / 2
    tilt = np.radians(np.clip(rng.normal(0, 7), -25, 25))
    middle = size / 2 + np.clip(rng.normal(0, 0.03, 2), -0.1, 0.1) * size
    turn = np.array([(np.cos(tilt), np.sin(tilt)), (-np.sin(tilt), np.cos(tilt))]) * scale
    return Pen(canvas, middle, turn, scale, ink, weight=rng.uniform(0.03, 0.075))


def _brows(pen: Pen, rng: np.random.Generator, mood: int, colour: Colour) -> None:
    """Brows that fit the mood, fit the other mood (one in ten), are flat or angry; or none."""
    kind, y, weight = rng.random(), rng.uniform(-0.64, -0.52), rng.uniform(0.9, 2)
    tilt, arch = rng.uniform(0.05, 0.14), rng.uniform(0, 0.12)
    if kind < 0.42:
        worried = (mood < 0) == (kind < 0.35)
        tilt, arch = (tilt, arch * 0.3) if worried else (-tilt * 0.2, arch)
    elif kind < 0.7:
        tilt, arch = -tilt if kind < 0.47 else 0, arch * 0.3
    else:
        return
    for side in (-1, 1):
        brow = bow(side * 0.36, y, 0.17, -arch) + np.outer(SPAN, (0, side * tilt))
        pen.line(brow, colour, weight)


def _mouth(pen: Pen, rng: np.random.Generator, mood: int, min_depth: float) -> None:
    """The mouth, which decides the label.

    Args:
        pen: Draws it.
        rng: The draws from it do not depend on the mood.
        mood: 1 when its middle hangs lower than its corners (happy), -1 when higher (sad).
        min_depth: The smallest sag, in face units, that a person can still see.
    """
    half_width, middle = rng.uniform(0.26, 0.46), rng.normal((0, 0.53), (0.03, 0.02))
    slant, lean = rng.normal(0, 0.05) * half_width, rng.normal(0, 0.13)
    is_open, depth, inner = rng.random() < 0.5, rng.uniform(0.32, 0.85), rng.uniform(0, 0.6)
    depth = max(min_depth, half_width * max(depth, 0.7 * is_open))

    def lip(sag: float) -> Points:
        height = slant * SPAN + mood * (sag * SAG * (1 + lean * SPAN) - depth / 2)
        return np.stack([half_width * SPAN, height], axis=1) + middle

    outer_lip, inner_lip = lip(depth), lip(depth * inner)
    if is_open:
        upper, lower = (inner_lip, outer_lip) if mood > 0 else (outer_lip, inner_lip)
        _open_mouth(pen, rng, upper, lower)
        return
    weight, dimples = rng.uniform(1, 1.8), rng.random() < 0.25
    pen.line(outer_lip, weight=weight)
    if dimples:
        for end in outer_lip[[0, -1]]:
            pen.line(end + np.array([(-0.05, 0), (0.05, 0)]), weight=weight)


def _open_mouth(pen: Pen, rng: np.random.Generator, upper: Points, lower: Points) -> None:
    """What lies between two lips: a grin of teeth, painted lips, or a cavity."""
    kind, teeth, tongue = rng.random(), rng.uniform(0, 0.5), rng.uniform(0.4, 1)
    flesh = pick(rng, [*FLESH, pen.colour])
    outline = np.concatenate([upper, lower[::-1]])

    def between(top: float, bottom: float, part: slice) -> Points:
        edges = [upper + (lower - upper) * share for share in (top, bottom)]
        return np.concatenate([edges[0][part], edges[1][part][::-1]])

    if kind < 0.25:
        pen.fill(outline, WHITE)
        for i in range(2, 11, 2):
            pen.line(np.stack([upper[i], lower[i]]), weight=0.4)
        pen.line((upper + lower) / 2, weight=0.4)
    elif kind < 0.4:
        pen.fill(outline, mix(flesh, RED, 0.5))
        pen.line((upper + lower) / 2, weight=0.8)
    else:
        pen.fill(outline, flesh)
        if teeth > 0.2:
            pen.fill(between(0, teeth, slice(1, -1)), WHITE)
        if tongue < 0.7:
            pen.fill(between(tongue + 0.2, 1, slice(3, -3)), mix(RED, PINK, 0.7))
    pen.line(outline, closed=True)


def _photograph(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The drawing as a camera may see it: soft, lit from a side, noisy, dark, pale or grey."""
    blur, noise, is_grey = rng.uniform(-1, 1), rng.uniform(-6, 12), rng.random() < 0.1
    gain, offset, gamma = rng.uniform(0.75, 1.1), rng.uniform(-15, 30), rng.uniform(0.75, 1.25)
    across, down = rng.uniform(-0.25, 0.25, 2)
    if blur > 0.3:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    if is_grey:
        image = cv2.merge([cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)] * 3)
    ramp = np.linspace(-1, 1, len(image), dtype=np.float32)
    light = 1 + np.float32(across) * ramp + np.float32(down) * ramp[:, None]
    # Whole planes in OpenCV: broadcasting over three channels in numpy takes six times as long.
    image = cv2.multiply(image, cv2.merge([light] * 3), dtype=cv2.CV_8U)
    if noise > 0:
        grain = rng.standard_normal(light.shape, np.float32) * np.float32(noise)
        image = cv2.add(image, cv2.merge([grain] * 3), dtype=cv2.CV_8U)
    tones = 255 * np.linspace(0, 1, 256) ** gamma * gain + offset
    return cv2.LUT(image, np.rint(tones).clip(0, 255).astype(np.uint8))
