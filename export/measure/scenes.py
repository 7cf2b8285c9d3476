"""Scenes: a face's picture somewhere in a larger one, with its true place known.

What the detector crops should look as the training data does, and nobody has labelled webcam
frames to see whether it does. FER2013's photographs are labelled, but cut so close that a
detector has little to go by. Placed in a made-up room they have all three: a label, surroundings,
and the square that a crop would have to hit. They are no webcam frames (the head ends where the
picture does, and there is neither neck nor shoulder): they serve to compare crops with each
other, not to promise an accuracy.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.faces.crop import Square
from edge.machine.opencv import cv2
from export.measure.variations import jpeg, turned

SCENE_WH = (640, 480)  # what webcams give unasked
SIDES = (70.0, 300.0)  # pixels: a head from about 3 m to 0.6 m in front of such a camera
MAX_ANGLE = math.radians(25)
CLIP_S, FPS = 2.5, 10
# How far a head moves from where it is, at most: across and down, in sides of the face; its size;
# its lean, in radians; and how far it turns aside, as `turned` takes it.
SWINGS = np.array([0.12, 0.06, 0.08, math.radians(8), 0.12])
FADE = 0.2  # share of the side within which the picture fades out, beyond its border


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture with one face, and where that is.

    Attributes:
        image: uint8 (480, 640, 3), BGR.
        square: What the face's own picture covers, all of it in the scene.
    """

    image: np.ndarray
    square: Square


@dataclass(frozen=True, slots=True, eq=False)
class _Camera:
    """A cheap one: exposure and tint as the channels' gains, the noise's sigma, JPEG's quality."""

    gains: np.ndarray
    noise: float
    quality: int


def place(picture: np.ndarray, rng: np.random.Generator) -> Scene:
    """Puts a face's picture into surroundings made up for it, and takes that with a webcam.

    Size, place, lean, room, light and the camera's faults are drawn at random. The picture is
    whole inside its square; around it goes on mirrored and fades, because the detector would see
    a sharp edge, and a crop too large would show one.

    Args:
        picture: uint8 (height, width, 3), BGR, a face from border to border; made square.
        rng: The same state gives the same scene.
    """
    square = _square(rng)
    return Scene(_filmed(_blend(_room(rng), picture, square), _camera(rng), rng), square)


def film(picture: np.ndarray, rng: np.random.Generator) -> Iterator[Scene]:
    """The same for CLIP_S seconds, FPS frames each: a head that sways, nods, leans and turns.

    Room, light and camera stay; place, size, lean and turn swing about those of a single scene,
    each in its own time, and every frame has its own noise.

    Args:
        picture: As for `place`.
        rng: The same state gives the same clip.
    """
    square, room, camera = _square(rng), _room(rng), _camera(rng)
    periods, phases = rng.uniform(1.5, 5, len(SWINGS)), rng.uniform(0, 2 * np.pi, len(SWINGS))
    for time_s in np.arange(CLIP_S * FPS) / FPS:
        swing = np.sin(2 * np.pi * time_s / periods + phases) * SWINGS
        across, down, size, lean, aside = swing.tolist()
        x, y = square.centre
        centre = (x + across * square.side, y + down * square.side)
        here = Square(centre, square.side * (1 + size), square.angle + lean)
        yield Scene(_filmed(_blend(room, _aside(picture, aside), here), camera, rng), here)


def _aside(picture: np.ndarray, share: float) -> np.ndarray:
    """Looking to the right; to the left where the share is below 0."""
    return turned(picture, share) if share >= 0 else turned(picture[:, ::-1], -share)[:, ::-1]


def _square(rng: np.random.Generator) -> Square:
    side = math.exp(rng.uniform(*np.log(SIDES)))  # as many doublings of the distance everywhere
    angle = rng.uniform(-MAX_ANGLE, MAX_ANGLE)
    reach = side / 2 * (math.cos(angle) + math.sin(abs(angle)))
    x, y = (rng.uniform(reach, length - reach) for length in SCENE_WH)
    return Square((x, y), side, angle)


def _blend(room: np.ndarray, picture: np.ndarray, square: Square) -> np.ndarray:
    """The room with the picture in the square, fading into it around."""
    side = round(square.side)
    shrinks = min(picture.shape[:2]) >= side
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    face = cv2.resize(picture, (side, side), interpolation=method)
    fade = round(FADE * side)
    face = cv2.copyMakeBorder(face, fade, fade, fade, fade, cv2.BORDER_REFLECT_101)
    ramp = (1 - np.cos(np.linspace(0, np.pi, fade + 2)[1:-1])) / 2
    profile = np.concatenate([ramp, np.ones(side), ramp[::-1]])
    mask = np.outer(profile, profile).astype(np.float32)
    # In both, corners are those of the area, half a pixel before the first pixel's centre.
    source = np.array([[0, 0], [side, 0], [0, side]], np.float32) + (fade - 0.5)
    target = square.corners()[[0, 1, 3]] - 0.5
    turn = cv2.getAffineTransform(source.astype(np.float32), target.astype(np.float32))
    placed = cv2.warpAffine(face, turn, SCENE_WH, flags=cv2.INTER_LINEAR)
    opacity = cv2.warpAffine(mask, turn, SCENE_WH, flags=cv2.INTER_LINEAR)[..., np.newaxis]
    return (room * (1 - opacity) + placed * opacity).astype(np.float32)


def _room(rng: np.random.Generator) -> np.ndarray:
    """Surroundings: a wall in uneven light, things before it, out of focus, and their texture."""
    width, height = SCENE_WH
    towards = rng.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    share = (np.cos(towards) * x + np.sin(towards) * y)[..., np.newaxis] / 3 + 0.5
    room = (_colour(rng) * (1 - share) + _colour(rng) * share).astype(np.float32)
    for _ in range(rng.integers(3, 16)):
        _add_thing(room, rng)
    room = cv2.GaussianBlur(room, (0, 0), float(np.exp(rng.uniform(np.log(0.8), np.log(12)))))
    for cells in (6, 24, 96):
        grid = rng.normal(0, rng.uniform(0, 12), (cells * 3 // 4, cells, 1)).astype(np.float32)
        room += cv2.resize(grid, SCENE_WH, interpolation=cv2.INTER_CUBIC)[..., np.newaxis]
    return np.clip(room, 0, 255)


def _add_thing(room: np.ndarray, rng: np.random.Generator) -> None:
    """An ellipse, a board or a stripe across, in a colour of its own."""
    centre = rng.uniform((0, 0), SCENE_WH)
    size = rng.uniform(20, 320, 2)
    turned = float(rng.uniform(0, 180))
    colour = tuple(_colour(rng).tolist())
    kind = rng.integers(3)
    if kind == 0:
        cv2.ellipse(room, (tuple(centre), tuple(size), turned), colour, -1)
        return
    if kind == 1:
        size = np.array([1600, size[1] / 6])  # longer than the scene's diagonal
    corners = cv2.boxPoints((tuple(centre), tuple(size), turned))
    cv2.fillConvexPoly(room, corners.round().astype(np.int32), colour)


def _colour(rng: np.random.Generator) -> np.ndarray:
    """float64 (3,), BGR: rooms have every brightness and dull colours."""
    return np.clip(rng.uniform(10, 245) + rng.normal(0, 18, 3), 0, 255)


def _camera(rng: np.random.Generator) -> _Camera:
    gains = rng.uniform(0.75, 1.1) * rng.uniform(0.93, 1.07, 3)
    return _Camera(gains.astype(np.float32), rng.uniform(1, 5), int(rng.integers(70, 96)))


def _filmed(scene: np.ndarray, camera: _Camera, rng: np.random.Generator) -> np.ndarray:
    noise = rng.standard_normal(scene.shape, np.float32) * np.float32(camera.noise)
    filmed = np.clip(scene * camera.gains + noise, 0, 255).round().astype(np.uint8)
    return jpeg(filmed, camera.quality)
