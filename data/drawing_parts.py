"""The parts of a cartoon face that know nothing of its label."""

import numpy as np

from data.pen import (
    ANGLES,
    BLACK,
    CIRCLE,
    PINK,
    RED,
    WHITE,
    Colour,
    Pen,
    Points,
    bow,
    ellipse,
    mix,
    palette,
    pick,
)

CLOTHES = palette("e4572e 17bebb ffc914 2e86ab 76b041 a23b72 f4f1de 3d405b")
HAIR = palette("2b1d16 4e342e 7b4a21 b5793a e6c46a b33a1e 9a9a9a 5d6d9e")


def head_outline(rng: np.random.Generator) -> Points:
    """Circle, ellipse, rounded square, egg or chin, and everything between them."""
    squareness = pick(rng, [1, 1, 1, rng.uniform(0.5, 1)])
    outline = np.sign(CIRCLE) * np.abs(CIRCLE) ** squareness
    below = np.maximum(outline[:, 1], 0)
    egg, chin = rng.normal(0, 0.07), pick(rng, [0, 0, rng.uniform(0.1, 0.35)])
    outline[:, 0] *= rng.uniform(0.76, 1.04) * (1 + egg * outline[:, 1]) * (1 - chin * below**2)
    return outline


def crescent(outline: Points, towards: float, depth: float) -> Points:
    """The part of an outline's inside that lies at its edge, in the direction of an angle."""
    side = np.cos(np.linspace(-np.pi / 2, np.pi / 2, 21))
    edge = np.roll(outline, 10 - round(towards / ANGLES[1]), axis=0)[:21]
    return np.concatenate([edge, (edge * (1 - depth * side)[:, None])[::-1]])


def top_of(outline: Points, below: float, grow: float) -> Points:
    """The upper part of an outline from left to right, down to a height, grown outwards."""
    top = outline[20:]
    return top[top[:, 1] < below] * grow


def behind_head(pen: Pen, rng: np.random.Generator, outline: Points, skin: Colour) -> None:
    """Shoulders, ears of people and of animals."""
    side = outline[0, 0]
    if rng.random() < 0.25:
        shoulders = CIRCLE * (rng.uniform(0.8, 1.3), 0.85) + (0, 1.75)
        pen.fill(shoulders, pick(rng, CLOTHES), outlined=True)
    kind, radius = rng.random(), rng.uniform(0.14, 0.24)
    for sign in (-1, 1):
        if kind < 0.4:
            pen.fill(ellipse(sign * side, 0, radius, radius * 1.25), skin, outlined=True)
        elif kind < 0.5:
            pen.fill(ellipse(sign * side * 0.72, -0.8, radius * 1.5), skin, outlined=True)
            pen.fill(ellipse(sign * side * 0.72, -0.8, radius * 0.8), mix(skin, PINK, 0.5))
        elif kind < 0.6:
            cat = np.array([(0.2, -0.8), (0.8, -1.35 - radius), (0.95, -0.4)]) * (sign * side, 1)
            pen.fill(cat, skin, outlined=True)


def head(pen: Pen, rng: np.random.Generator, outline: Points, skin: Colour) -> None:
    """The head with a shaded side, a gloss, cheeks and freckles."""
    pen.fill(outline, skin)
    if rng.random() < 0.5:
        shade = mix(skin, pick(rng, [BLACK, pen.colour]), rng.uniform(0.06, 0.2))
        pen.fill(crescent(outline, rng.uniform(0, np.pi), rng.uniform(0.1, 0.35)), shade)
    if rng.random() < 0.25:
        pen.fill(ellipse(rng.uniform(-0.4, 0.4), -0.68, 0.22, 0.1), mix(skin, WHITE, 0.5))
    if rng.random() < 0.3:
        blush = mix(skin, PINK, rng.uniform(0.3, 0.9))
        for x in (-0.58, 0.58):
            pen.fill(ellipse(x * outline[0, 0], 0.24, 0.17, 0.12), blush)
    if rng.random() < 0.12:
        for x, y in rng.uniform((-0.18, -0.08), (0.18, 0.08), (7, 2)):
            pen.fill(ellipse(x + np.sign(x) * 0.34, y + 0.2, 0.025), mix(skin, pen.colour, 0.5))
    pen.line(outline, closed=True)


def beard(pen: Pen, rng: np.random.Generator, outline: Points, colour: Colour) -> None:
    """A beard along the jaw, or a moustache that hangs or turns up; mostly none."""
    kind, tips = rng.random(), rng.uniform(-0.08, 0.08)
    if kind < 0.05:
        pen.fill(crescent(outline * 1.03, np.pi / 2, rng.uniform(0.15, 0.24)), colour)
    elif kind < 0.1:
        for sign in (-1, 1):
            lobe = [
                (0, 0.16),
                (0.14, 0.14),
                (0.26, 0.19),
                (0.4, 0.2 + tips),
                (0.26, 0.3),
                (0, 0.27),
            ]
            pen.fill(np.array(lobe) * (sign, 1), colour)


def nose(pen: Pen, rng: np.random.Generator, skin: Colour) -> None:
    """A dot, an arc of either sense, a line, a ball, or none."""
    kind, size = rng.random(), rng.uniform(0.05, 0.12)
    if kind < 0.15:
        pen.fill(ellipse(0, 0.1, size * 0.6), pen.colour)
    elif kind < 0.4:
        pen.line(bow(0, 0.1, size, size * pick(rng, [-0.9, 0.9])), weight=0.8)
    elif kind < 0.55:
        pen.line(np.array([(0, -0.08), (pick(rng, [-size, size]), 0.12), (0, 0.13)]), weight=0.8)
    elif kind < 0.7:
        ball = pick(rng, [RED, mix(skin, PINK, 0.5), mix(skin, BLACK, 0.2)])
        pen.fill(ellipse(0, 0.08, size * 1.3, size), ball, outlined=rng.random() < 0.5)


def eyes(pen: Pen, rng: np.random.Generator, skin: Colour) -> None:
    """Dots, ovals with pupils, closed arcs or lids, sometimes a wink or glasses."""
    apart, y, r = rng.uniform(0.28, 0.42), rng.uniform(-0.32, -0.12), rng.uniform(0.11, 0.21)
    kind, wink = rng.random(), pick(rng, [0] * 18 + [-1, 1])
    gaze, tall, lid = rng.uniform(-0.4, 0.4, 2) * r, rng.uniform(0.9, 1.4), rng.random()
    iris, sag = pick(rng, [BLACK, BLACK, *HAIR[1:4], CLOTHES[3]]), r * pick(rng, [-0.8, 0.8])
    for sign in (-1, 1):
        x = sign * apart
        if kind < 0.15 or sign == wink:
            pen.line(bow(x, y, r, sag), weight=1.2)
        elif kind < 0.45:
            pen.fill(ellipse(x, y, r * 0.55, r * 0.55 * tall), pen.colour)
            if lid < 0.5:
                pen.fill(ellipse(x + r * 0.2, y - r * 0.25, r * 0.17), WHITE)
        else:
            pen.fill(ellipse(x, y, r, r * tall), WHITE)
            pen.fill(ellipse(x + gaze[0], y + gaze[1], r * 0.55), iris)
            pen.fill(ellipse(x + gaze[0] + r * 0.15, y + gaze[1] - r * 0.2, r * 0.17), WHITE)
            if lid < 0.25:
                pen.fill(CIRCLE[20:] * (r, r * tall) + (x, y), mix(skin, BLACK, 0.12))
                pen.line(bow(x, y, r, 0), weight=0.8)
            pen.line(ellipse(x, y, r, r * tall), weight=0.7, closed=True)
    glasses(pen, rng, apart, y)


def glasses(pen: Pen, rng: np.random.Generator, apart: float, y: float) -> None:
    """Round or square glasses, a few of them dark; mostly none."""
    kind, corner = rng.random(), pick(rng, [1.0, 0.5])
    lens = np.sign(CIRCLE) * np.abs(CIRCLE) ** corner * (apart * 0.8, 0.26)
    frame = pick(rng, [BLACK, pen.colour, *CLOTHES])
    if kind > 0.14:
        return
    for middle in np.array([(-apart, y), (apart, y)]):
        if kind < 0.04:
            pen.fill(lens + middle, BLACK)
        pen.line(lens + middle, frame, closed=True)
    pen.line(bow(0, y, apart * 0.2, -0.04), frame)


def hair(pen: Pen, rng: np.random.Generator, outline: Points, colour: Colour) -> None:
    """A fringe, a parting, spikes, curls or three strands; or none."""
    kind, line, thick = rng.random(), rng.uniform(-0.72, -0.58), rng.uniform(1.03, 1.2)
    parting, sag = rng.uniform(-0.6, 0.6), rng.uniform(-0.2, 0.12)
    top = top_of(outline, line, thick)
    left, right = top[0], top[-1]
    if kind < 0.22:
        fringe = bow(0, left[1], right[0], sag)[::-1]
        pen.fill(np.concatenate([top, fringe]), colour, outlined=True)
    elif kind < 0.34:
        meeting = np.array([(parting * right[0], -0.88)])
        pen.fill(np.concatenate([top, meeting]), colour, outlined=True)
    elif kind < 0.44:
        spikes = top * np.where(np.arange(len(top)) % 2, 1.0, 1.22)[:, None]
        pen.fill(np.concatenate([spikes, top[::-1] * 0.85]), colour, outlined=True)
    elif kind < 0.54:
        for x, y in top[::2]:
            pen.fill(ellipse(x, y, 0.17 * thick), colour)
    elif kind < 0.6:
        for end in (-0.18, 0.02, 0.2):
            strand = [(end / 3, outline[30, 1]), (end / 2, -1.12), (end + parting / 5, -1.22)]
            pen.line(np.array(strand), colour)


def hat(pen: Pen, rng: np.random.Generator, outline: Points) -> None:
    """A woollen hat, a party hat, a top hat or a crown; mostly none."""
    kind, colour, band = rng.random(), pick(rng, CLOTHES), pick(rng, CLOTHES)
    top = top_of(outline, -0.6, 1.12)
    wide, brim = top[-1, 0], top[-1, 1]
    if kind < 0.06:
        pen.fill(ellipse(0, -1.2, 0.15), band, outlined=True)
        pen.fill(top, colour, outlined=True)
        pen.line(top[[0, -1]], band, 3)
    elif kind < 0.1:
        pen.fill(np.array([(-0.45, -0.85), (0.45, -0.85), (0, -1.6)]), colour, outlined=True)
        pen.fill(ellipse(0, -1.6, 0.1), band)
    elif kind < 0.14:
        box = np.array([(-0.7, brim), (0.7, brim), (0.65, -1.5), (-0.65, -1.5)]) * (wide, 1)
        pen.fill(box, colour, outlined=True)
        pen.line(bow(0, brim, wide * 1.1, 0), band, 3)
    elif kind < 0.17:
        zigzag = [(-1, -0.75), (-1, -1.3), (-0.5, -1), (0, -1.35), (0.5, -1), (1, -1.3), (1, -0.75)]
        pen.fill(np.array(zigzag) * (wide * 0.8, 1), CLOTHES[2], outlined=True)
