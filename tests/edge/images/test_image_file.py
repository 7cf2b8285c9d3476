import os
import random
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest

from edge.errors import ImageError
from edge.images import pillow
from edge.images.image_file import decode_image, is_image_name, read_image
from edge.images.image_header import read_header
from edge.machine.opencv import cv2
from edge.machine.quiet import quiet_stderr
from tests.support.chain import ROOT
from tests.support.image_forms import BAD, GOOD, write_forms


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_forms(tmp_path_factory.mktemp("forms"))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_gives_its_pixels(
    name: str, forms: dict[str, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    expected = GOOD[name].pixels
    pixels = read_image(forms[name])
    assert (pixels.dtype, pixels.shape) == (np.uint8, expected.shape)
    assert pixels.flags.c_contiguous
    assert np.abs(pixels.astype(int) - expected).max() <= GOOD[name].tolerance
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_its_reason(
    name: str, forms: dict[str, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    if name == "unreadable.png" and os.access(forms[name], os.R_OK):
        pytest.skip("root may read every file")
    with pytest.raises(ImageError) as caught:
        read_image(forms[name])
    assert str(caught.value) == f"{forms[name]}: {BAD[name].reason}"
    assert capfd.readouterr().err == ""


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "rgb.png").write_bytes(GOOD["rgb.png"].content)
    (tmp_path / "link.png").symlink_to("rgb.png")
    assert (read_image(tmp_path / "link.png") == GOOD["rgb.png"].pixels).all()


@pytest.mark.parametrize(
    ("name", "shown"),
    [("red \x1b[31m\n.png", "red \\x1b[31m\\n.png"), (os.fsdecode(b"\xff.png"), "\\udcff.png")],
)
def test_a_name_that_would_spoil_the_line_is_escaped(name: str, shown: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError) as caught:
        read_image(tmp_path / name)
    assert str(caught.value) == f"{tmp_path}/{shown}: no such file"
    str(caught.value).encode()


def test_a_name_that_no_file_can_have_is_refused(forms: dict[str, Path]) -> None:
    with pytest.raises(ImageError, match=r"x\.png: no such file$"):
        read_image(forms["rgb.png"] / "x.png")
    with pytest.raises(ImageError, match=r"x\\x00\.png: cannot be read \(.*embedded null"):
        read_image(Path("x\0.png"))
    with pytest.raises(ImageError, match=r"cannot be read \(File name too long\)$"):
        read_image(Path("x" * 300))


@pytest.mark.parametrize(
    "name", ["a.png", "A.JPG", "a.jpe", "a.b.Jpeg", "a.webp", "a.TIF", "a.heic", "a.jfif", "a.mpo"]
)
def test_the_suffix_of_an_image_is_known_in_either_case(name: str) -> None:
    assert is_image_name(Path(name))


@pytest.mark.parametrize("name", ["png", ".png", "a.mp4", "a.png.txt", "a.svg", "a"])
def test_any_other_suffix_is_not(name: str) -> None:
    assert not is_image_name(Path(name))


def test_the_header_tells_the_size_and_orientation_without_decoding() -> None:
    for name, form in GOOD.items():
        header = read_header(form.content)
        height, width = form.pixels.shape[:2]
        stored = (width, height) if header.orientation < 5 else (height, width)
        assert header.size_wh == (None if header.format in pillow.READERS else stored), name
        if name.startswith("exif-") and name[5].isdigit() and header.format != "tiff":
            assert header.orientation == int(name[5]), name


def test_every_colour_and_opacity_is_blended_exactly_on_white() -> None:
    alpha, colour = np.indices((256, 256))
    bgra = np.dstack([colour, colour, colour, alpha]).astype(np.uint8)
    blended = decode_image(cv2.imencode(".png", bgra)[1].tobytes())
    # The nearest level: a tie would need colour * alpha = 127.5, for 255 is odd.
    nearest = (2 * (colour * alpha + 255 * (255 - alpha)) + 255) // 510
    assert (blended == nearest[..., np.newaxis]).all()
    assert (blended[0] == 255).all()


def test_every_16_bit_level_becomes_the_nearest_of_8_bits() -> None:
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    scaled = decode_image(cv2.imencode(".png", levels)[1].tobytes())
    nearest = (2 * levels.astype(int) + 257) // 514
    assert (scaled == nearest[..., np.newaxis]).all()


def test_damage_of_any_kind_gives_an_image_or_a_reason(capfd: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(0)
    decoded, reasons = 0, set()
    for form in GOOD.values():
        for _ in range(80):
            try:
                pixels = decode_image(_damaged(form.content, chance))
            except ImageError as error:
                reasons.add(str(error))
            else:
                decoded += 1
                assert (pixels.dtype, pixels.shape[2:]) == (np.uint8, (3,))
    assert decoded > 100
    assert all(reason.isprintable() and reason for reason in reasons)
    assert capfd.readouterr().err == ""


def _damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut short, or with some bits flipped; a PNG half of the time with its checksums mended."""
    if chance.random() < 0.2:
        return content[: chance.randrange(len(content))]
    damaged = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        damaged[chance.randrange(8, len(content))] ^= 1 << chance.randrange(8)
    if damaged.startswith(b"\x89PNG") and chance.random() < 0.5:
        at = 8
        while at + 12 <= len(damaged):
            end = at + 8 + struct.unpack_from(">I", damaged, at)[0]
            if end + 4 > len(damaged):
                break
            struct.pack_into(">I", damaged, end, zlib.crc32(damaged[at + 4 : end]))
            at = end + 4
    return bytes(damaged)


def test_stderr_is_restored_when_the_last_of_several_threads_leaves(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def decode_many() -> None:
        for _ in range(200):
            decode_image(GOOD["bad-profile.png"].content)

    threads = [threading.Thread(target=decode_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with quiet_stderr:
        os.write(2, b"hidden")
    os.write(2, b"seen")
    assert capfd.readouterr().err == "seen"


def test_an_image_is_decoded_where_stderr_is_closed(forms: dict[str, Path]) -> None:
    script = (
        "import os, sys, pathlib; os.close(2); from edge.images.image_file import read_image; "
        "print(read_image(pathlib.Path(sys.argv[1])).shape)"
    )
    assert _output_of(script, str(forms["bad-profile.png"])) == "(32, 64, 3)\n"


def test_a_missing_opencv_is_named_with_what_to_install() -> None:
    script = (
        "import sys; sys.modules['cv2'] = None\n"
        "from edge.errors import RuntimeMissingError\n"
        "try: import edge.images.image_file\n"
        "except RuntimeMissingError as error: print(error)"
    )
    assert _output_of(script) == (
        "OpenCV does not import (import of cv2 halted; None in sys.modules): "
        "install opencv-python-headless (or python3-opencv with apt)\n"
    )


def _output_of(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
