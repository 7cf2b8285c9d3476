"""The films that the virtual machine's devices are fed with: frames in the bytes of a format."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.chain import ROOT
from tests.support.photographs import frames, media

SIZE_WH = (640, 480)
FPS = 2  # of a film: v4l2loopback keeps four frames, and a slow reader may be two seconds late
FRAMES = 23  # in a film, each another: who looks now and then must not always see the same
MARK_PX = 16
FACE = ROOT / "docs" / "faces.jpg"  # a smiling woman (NASA), a box and the answer drawn around her
# Fields of one colour left and right of the photograph: name, B, G, R, top left corner.
FIELD_WH = (80, 160)
FIELDS = {
    "red": ((40, 30, 210), (0, 0)),
    "green": ((30, 160, 40), (0, 320)),
    "blue": ((200, 60, 20), (560, 0)),
}
GROUND = (128, 128, 128)
SMILING = slice(21, 69, 3)  # of single_face.mp4, in which the mouth is straight before


def to_yuyv(image: np.ndarray) -> bytes:
    """Y, U, Y, V, in the smaller range that is the rule for cameras (ITU-R BT.601)."""
    return cv2.cvtColor(image, cv2.COLOR_BGR2YUV_YUY2).tobytes()


def to_grey(image: np.ndarray) -> bytes:
    """Brightness alone."""
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).tobytes()


def to_mjpg(image: np.ndarray) -> bytes:
    """A JPEG file."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


FORMS: dict[str, Callable[[np.ndarray], bytes]] = {
    "YUYV": to_yuyv, "MJPG": to_mjpg, "BGR3": np.ndarray.tobytes, "GREY": to_grey,
}  # fmt: skip


def make_films(folder: Path) -> None:
    """Writes every film into a folder of its name; those of `shared/media` where it is there.

    - "YUYV", "MJPG", "BGR3", "GREY": the photograph between fields of colour, in that format.
    - "nobody": the fields without the photograph.
    - "photo", "video": single_face.jpg and the smile in single_face.mp4.
    - "empty room": no_face.mp4.
    """
    face = read_image(FACE)
    for fourcc in FORMS:
        _write(folder / fourcc, fourcc, _moving(between_fields(face)))
    # A ramp: plain enough to hold no face.
    ramp = np.broadcast_to(np.linspace(0, 255, 480, dtype=np.uint8)[:, None], (480, 480, 3))
    _write(folder / "nobody", "YUYV", _moving(between_fields(np.ascontiguousarray(ramp))))
    try:
        photo, video, room = (
            media(name) for name in ("single_face.jpg", "single_face.mp4", "no_face.mp4")
        )
    except pytest.skip.Exception:
        return
    _write(folder / "photo", "MJPG", _moving(cv2.resize(read_image(photo), SIZE_WH)))
    _write(folder / "video", "YUYV", list(frames(video))[SMILING])
    _write(folder / "empty room", "MJPG", list(frames(room))[::3])


def between_fields(picture: np.ndarray) -> np.ndarray:
    """A frame of SIZE_WH with a picture in its middle, and FIELDS beside it."""
    width, height = SIZE_WH
    frame = np.full((height, width, 3), GROUND, np.uint8)
    for colour, (x, y) in FIELDS.values():
        frame[y : y + FIELD_WH[1], x : x + FIELD_WH[0]] = colour
    left = FIELD_WH[0]
    frame[:, left : width - left] = cv2.resize(picture, (width - 2 * left, height))
    return frame


def field(name: str, frame: np.ndarray) -> np.ndarray:
    """The mean colour (B, G, R) in the middle of a field of a frame."""
    x, y = FIELDS[name][1]
    width, height = FIELD_WH
    middle = frame[y + 20 : y + height - 20, x + 20 : x + width - 20]
    return middle.reshape(-1, 3).mean(axis=0)


def _moving(frame: np.ndarray) -> list[np.ndarray]:
    """The frame with a mark at the bottom that is brighter each time; no camera stands still."""
    images = []
    for number in range(FRAMES):
        image = frame.copy()
        image[-MARK_PX:, 320 : 320 + MARK_PX] = number * 255 // FRAMES
        images.append(image)
    return images


def _write(folder: Path, fourcc: str, images: Iterable[np.ndarray]) -> None:
    folder.mkdir(parents=True)
    for number, image in enumerate(images):
        height, width = image.shape[:2]
        (folder / f"{number:03}.frame").write_bytes(FORMS[fourcc](np.ascontiguousarray(image)))
    about = {"fourcc": fourcc, "size_wh": (width, height), "fps": FPS}
    (folder / "film.json").write_text(json.dumps(about))
