"""What both machines are asked about: pictures, videos, and the network's own input."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from data.drawing import draw_face
from edge.images.image_file import read_image
from edge.images.preprocess import prepare
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from edge.model.file import read_model
from tests.support.photographs import frames, media, photograph

SEED, NOISE, DRAWN, SAVED = 5, 60, 60, 8
MEDIA = ("single_face.jpg", "multi_face.jpg", "single_face.mp4")
STILLS = (0, 25, 50)  # of the video, in which the face turns from happy to doubtful and back


def make_inputs(folder: Path) -> None:
    """Fills a new folder; what cannot be had here is left out.

    - `pixels.npy`: uint8 (n, height, width, channels) as the shipped model takes it: its golden
      inputs, drawn faces, noise.
    - `drawn/`: cartoon faces, to be judged as whole pictures.
    - `photographs/`: one of a person, as PNG, as JPEG and as a video; those of `shared/media`,
      and frames of its video as pictures.
    """
    contract = read_model(SHIPPED_MODEL)[1]
    rng = np.random.default_rng(SEED)
    faces = [draw_face(("happy", "sad")[index % 2], rng) for index in range(DRAWN)]
    noise = rng.integers(0, 256, (NOISE, *contract.golden_inputs.shape[1:]), dtype=np.uint8)
    (folder / "drawn").mkdir(parents=True)
    (folder / "photographs").mkdir()
    prepared = [prepare(face, contract.input) for face in faces]
    np.save(folder / "pixels.npy", np.concatenate([contract.golden_inputs, prepared, noise]))
    for index, face in enumerate(faces[:SAVED]):
        _write(folder / "drawn" / f"{index}.{'png' if index < SAVED // 2 else 'jpg'}", face)
    _photographs(folder / "photographs")


def _photographs(folder: Path) -> None:
    for name in MEDIA:
        try:
            shutil.copy(media(name), folder)
        except pytest.skip.Exception:
            continue
    if (film := folder / "single_face.mp4").exists():
        stills = list(frames(film))
        for index in STILLS:
            _write(folder / f"still-{index}.png", stills[index])
    try:
        astronaut = read_image(photograph("astronaut.png"))
        (folder / "nobody.png").write_bytes(photograph("coffee.png").read_bytes())
    except pytest.skip.Exception:
        return
    _write(folder / "astronaut.png", astronaut)
    _write(folder / "astronaut.jpg", astronaut)
    height, width = astronaut.shape[:2]
    film = cv2.VideoWriter(
        str(folder / "astronaut.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (width, height)
    )
    for step in range(6):
        film.write(np.roll(astronaut, 20 * step, axis=1))
    film.release()
    assert len(list(frames(folder / "astronaut.avi"))) == 6


def _write(path: Path, image: np.ndarray) -> None:
    assert cv2.imwrite(str(path), image)
