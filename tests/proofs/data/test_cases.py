"""Odd and damaged files that people have, and models that crashed a device, where they lie."""

import re
from pathlib import Path

import pytest

from edge.errors import ImageError
from edge.images.image_file import read_image
from tests.support.command import edge
from tests.support.shared import shared


@pytest.mark.parametrize("name", ["bmp/os2-24.bmp", "bmp/565-header52.bmp", "gif/app-animexts.gif",
                                  "tiff/planar16.tif", "tiff/gray2.tif"])  # fmt: skip
def test_a_file_that_people_have_is_read(name: str) -> None:
    pixels = read_image(shared(f"cases/{name}"))
    assert pixels.std() > 20


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("tiff/lzw-damaged.tif", "damaged TIFF"),
        ("jpeg_damage/base-marker.jpg", "damaged JPEG"),
        ("jpeg_damage/base-random.jpg", "damaged JPEG"),
    ],
)
def test_a_damaged_file_that_people_have_is_refused(name: str, reason: str) -> None:
    with pytest.raises(ImageError, match=rf"^.*{re.escape(Path(name).name)}: {reason}$"):
        read_image(shared(f"cases/{name}"))


@pytest.mark.parametrize(
    "name",
    ["corrupt-enc", "faces-cmiss-0758", "faces-gold-0887", "faces-xcode-1578", "faces-xio-1208"],
)
def test_files_that_crashed_a_device_are_refused_in_one_line(name: str) -> None:
    path = shared(f"cases/model/{name}.tflite")
    done = edge("info", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"error: {path} ")
