"""What a picture may take: refused before it is decoded, by memory and by time."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.errors import HappySadError, ImageError
from edge.images.allowance import Allowance
from edge.images.cost import BASELINE, COSTS, cost_of_scans
from edge.images.image_file import decode_image
from edge.images.image_header import read_header
from edge.machine.memory import SHARE, machine_bytes, picture_bytes
from edge.machine.quiet import quiet_stderr
from tests.support.chain import ROOT
from tests.support.command import run_program
from tests.support.odd_pictures import packed_tiff

SMALL_BOARD = Allowance(300_000_000)
# Form and mode, and the bytes that each of 512x512 pixels takes.
TAKE = {
    ("JPEG", "RGB"): 6, ("PNG", "L"): 5, ("PNG", "RGB"): 7, ("PNG", "RGBA"): 10,
    ("PNG", "I;16"): 7, ("WEBP", "RGB"): 10, ("GIF", "P"): 12, ("BMP", "RGB"): 12,
    ("TIFF", "RGB"): 12, ("AVIF", "RGB"): 17,
}  # fmt: skip


def saved(form: str, mode: str, side: int = 512, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (side, side)).save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize(("form", "mode"), TAKE)
def test_a_picture_that_takes_more_than_is_granted_is_refused(form: str, mode: str) -> None:
    content = saved(form, mode)
    needed = 512 * 512 * TAKE[form, mode] + 2 * len(content)
    assert decode_image(content, Allowance(needed)).shape == (512, 512, 3)
    with pytest.raises(ImageError) as caught:
        decode_image(content, Allowance(needed - 1))
    most = (needed - 1) // 1_000_000
    assert str(caught.value) == (
        f"512x512 pixels take {needed // 1_000_000} MB to decode, more than the {most} MB that a "
        "picture may take here: make it smaller"
    )


def test_a_progressive_jpeg_takes_its_coefficients_too() -> None:
    content = saved("JPEG", "RGB", progressive=True)
    needed = 512 * 512 * 9 + 2 * len(content)
    decode_image(content, Allowance(needed))
    with pytest.raises(ImageError, match="take 2 MB to decode"):
        decode_image(content, Allowance(needed - 1))


# What people have: form, scans, megapixels and megabytes.
KEPT = [
    ("jpeg", 10, 12, 6), ("jpeg", 10, 24, 12), ("jpeg", 12, 30, 10), ("jpeg", 3, 24, 15),
    ("jpeg", 1, 48, 5), ("jpeg", 1, 36, 30), ("webp", 1, 25, 10), ("avif", 1, 16, 6),
    ("heic", 1, 12, 6),
]  # fmt: skip


@pytest.mark.parametrize(("form", "scans", "megapixels", "megabytes"), KEPT)
def test_pictures_that_people_have_are_let_in_on_512_mb(
    form: str, scans: int, megapixels: int, megabytes: int
) -> None:
    cost = cost_of_scans(scans) if scans > 1 else COSTS[form]
    SMALL_BOARD.check((1000 * megapixels, 1000), cost, megabytes * 1_000_000)


def with_scans(content: bytes, count: int, between: bytes = b"") -> bytes:
    """A JPEG whose last scan comes so many times more."""
    last = content.rindex(b"\xff\xda")
    return content[:-2] + (between + content[last:-2]) * count + content[-2:]


@pytest.mark.parametrize(
    "between", [b"", b"\xff\xfe\0\4\xff\xd9"], ids=["", "a comment with an end"]
)
@pytest.mark.parametrize("is_progressive", [True, False])
def test_a_jpeg_is_refused_by_pixels_times_scans(is_progressive: bool, between: bytes) -> None:
    content = saved("JPEG", "L", 1000, progressive=is_progressive)
    first = 6 if is_progressive else 1  # of Pillow's gray
    assert read_header(content).cost == (cost_of_scans(6) if is_progressive else BASELINE)
    assert decode_image(with_scans(content, 2, between), SMALL_BOARD).shape == (1000, 1000, 3)
    most = 780 - first  # the bytes take time too
    SMALL_BOARD.check((1000, 1000), read_header(with_scans(content, most, between)).cost, 1_000_000)
    many = with_scans(content, 1500, between)
    assert read_header(many).cost == cost_of_scans(first + 1500)
    with pytest.raises(ImageError) as caught:
        decode_image(many, SMALL_BOARD)
    seconds = (1_000_000 * (4 + first + 1500) + 25 * len(many)) * 12 / 1e9
    assert str(caught.value) == (
        f"1000x1000 pixels, as they are packed here, take {seconds:.0f} s of a small board to "
        "decode, more than the 10 s that a picture may take here: save it again"
    )


@pytest.mark.parametrize("form", ["webp", "avif", "heic"])
def test_a_picture_is_refused_by_the_time_that_its_bytes_take(form: str) -> None:
    megapixels = (1000, 1000)
    most = (10**10 // 12 - 10**6 * COSTS[form].pixel_ns) // COSTS[form].byte_ns
    SMALL_BOARD.check(megapixels, COSTS[form], most)
    with pytest.raises(ImageError, match="take 10 s of a small board"):
        SMALL_BOARD.check(megapixels, COSTS[form], most + 1)


def empty_blocks(count: int, then: bytes) -> bytes:
    """A stream of Deflate with so many times eight blocks of nothing before what it gives.

    Each block is 90 bits, nearly all of them the codes that it would have used.
    """
    codes = [(0, 1), (2, 2), (0, 5), (0, 5), (14, 4)]
    order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]  # RFC 1951, 3.2.7
    codes += [(int(length in (18, 1)), 3) for length in order]
    codes += [(1, 1), (127, 7), (1, 1), (107, 7), (0, 1), (0, 1), (0, 1)]  # 256 zeros, 1, 1, end
    number = at = 0
    for value, bits in codes * 8:
        number |= value << at
        at += bits
    eight = number.to_bytes(at // 8, "little")
    stored = b"\x01" + struct.pack("<HH", len(then), len(then) ^ 0xFFFF) + then
    return b"\x78\x9c" + eight * count + stored + struct.pack(">I", zlib.adler32(then))


def test_strips_of_a_tiff_that_share_bytes_are_counted_each() -> None:
    strip = empty_blocks(1000, b"Z" * 8)
    assert zlib.decompress(strip) == b"Z" * 8
    assert (decode_image(packed_tiff(strip, 10, (8, 10), 8), SMALL_BOARD) == ord("Z")).all()
    with pytest.raises(ImageError) as caught:
        decode_image(packed_tiff(strip, 1000, (8, 1000), 8), SMALL_BOARD)
    seconds = 75 * (1000 * len(strip) - 4 * 8000 - 1_000_000) * 12 / 1e9
    assert str(caught.value) == (
        f"8x1000 pixels, as they are packed here, take {seconds:.0f} s of a small board to decode, "
        "more than the 10 s that a picture may take here: save it again"
    )


def test_a_tiff_whose_jpegs_have_many_scans_is_refused_by_pixels_times_scans() -> None:
    content = saved("JPEG", "L", 1000, progressive=True)
    for scans, strips, expected in ((30, 8, ""), (90, 10, "take 11 s of a small board")):
        size_wh = (1000, 1000 * strips)
        tiff = packed_tiff(with_scans(content, scans - 6), strips, size_wh, 7)
        if expected:
            with pytest.raises(ImageError, match=expected):
                decode_image(tiff, SMALL_BOARD)
        else:
            assert decode_image(tiff, SMALL_BOARD).shape == (1000 * strips, 1000, 3)


def test_a_tile_of_a_tiff_counts_with_its_size() -> None:
    tile = zlib.compress(bytes(512 * 512))
    assert decode_image(packed_tiff(tile, 1, (64, 64), 8, tile=512), SMALL_BOARD).shape[0] == 64
    with pytest.raises(ImageError, match="^64x64 pixels take 1073 MB to decode, more than the 300"):
        decode_image(packed_tiff(tile, 1, (64, 64), 8, tile=32768), SMALL_BOARD)


@pytest.mark.parametrize(("compression", "damage"), [(1, ""), (8, "damaged TIFF")])
def test_bytes_that_a_tiff_does_not_have_do_not_count(compression: int, damage: str) -> None:
    pixels = bytes(64 * 64)
    part = pixels if compression == 1 else zlib.compress(pixels)
    tiff = packed_tiff(part, 1, (64, 64), compression)
    entry = struct.pack("<HHII", 279, 4, 1, len(part))
    assert tiff.count(entry) == 1
    boastful = tiff.replace(entry, struct.pack("<HHII", 279, 4, 1, 2**32 - 1))
    if damage:
        with pytest.raises(ImageError, match=f"^{damage}$"):
            decode_image(boastful, SMALL_BOARD)
    else:
        assert decode_image(boastful, SMALL_BOARD).shape == (64, 64, 3)


def test_a_tiff_packed_with_lzma_is_to_be_converted() -> None:
    with pytest.raises(ImageError) as caught:
        decode_image(saved("TIFF", "RGB", compression="lzma"))
    expected = "not supported: a TIFF of this kind (LZMA): convert it to PNG or JPEG"
    assert str(caught.value) == expected


def test_time_goes_with_the_memory() -> None:
    Allowance(600_000_000).check((1000, 1000), cost_of_scans(1660), 0)
    with pytest.raises(ImageError, match="more than the 20 s that"):
        Allowance(600_000_000).check((1000, 1000), cost_of_scans(1670), 0)


def test_what_is_damaged_is_decoded_once() -> None:
    calls = []

    def decoder() -> None:
        calls.append(os.write(2, b"Corrupt JPEG data"))

    assert quiet_stderr.listen(decoder, lambda said: "Corrupt" in said) == (None, True)
    assert len(calls) == 1


def test_the_cap_follows_the_machine_and_the_user() -> None:
    program = "from edge.machine.memory import picture_bytes; print(picture_bytes())"
    for variables, expected in [
        ({}, min(2_000_000_000, int(SHARE * machine_bytes()))),
        ({"HAPPYSAD_PICTURE_MB": "50"}, 50_000_000),
    ]:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True,
            env={"PATH": "/usr/bin", **variables},
        )  # fmt: skip
        assert int(done.stdout) == expected


@pytest.mark.parametrize("wanted", ["abc", "0", "-5", "1.5", "300 MB"])
def test_a_cap_that_is_no_number_is_not_taken_for_none(
    wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAPPYSAD_PICTURE_MB", wanted)
    picture_bytes.cache_clear()
    with pytest.raises(HappySadError) as error:
        decode_image(b"")
    assert str(error.value) == (
        f"HAPPYSAD_PICTURE_MB is {wanted!r}: give whole megabytes, such as 300"
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"proc/meminfo": "MemTotal:  500000 kB\n"}, 512_000_000),
        (
            {
                "proc/meminfo": "MemTotal:  500000 kB\n", "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/memory.max": "90000000\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
            },
            90_000_000,
        ),
        ({}, 2_000_000_000),
    ],
)  # fmt: skip
def test_a_machine_has_what_its_control_groups_leave(
    files: dict[str, str], expected: int, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert machine_bytes(tmp_path) == expected


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_decoding_takes_no_more_than_is_said(tmp_path: Path) -> None:
    """A child decodes each form, 1 million pixels; Linux says what it took at most."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    image = Image.fromarray(noise).resize((1000, 1000))
    names = ["a.jpg", "a.png", "a.webp", "a.gif", "a.bmp", "a.tif"]
    for name in names:
        image.save(tmp_path / name, method=0, compress_level=1)
    program = (
        "import sys; from pathlib import Path\n"
        "from edge.images.image_file import read_image\n"
        "def most(): return int(Path('/proc/self/status').read_text()"
        ".split('VmHWM:')[1].split()[0])\n"
        "for name in sys.argv[2:]:\n"
        "    read_image(Path(sys.argv[1], 'small' + Path(name).suffix))\n"
        "    Path('/proc/self/clear_refs').write_text('5'); before = most()\n"
        "    read_image(Path(sys.argv[1], name)); print(most() - before)\n"
    )
    for name in names:
        image.resize((64, 64)).save(tmp_path / f"small{Path(name).suffix}")
    done = run_program(program, tmp_path, *names)
    if "Permission denied" in done.stderr:
        pytest.skip("this machine does not let the peak be reset")
    assert done.returncode == 0, done.stderr
    bytes_a_pixel = {".jpg": 6, ".png": 7, ".webp": 10}
    for name, taken in zip(names, done.stdout.split(), strict=True):
        path = tmp_path / name
        said = 1_000_000 * bytes_a_pixel.get(path.suffix, 12) + 2 * path.stat().st_size
        assert int(taken) * 1024 < said + 4_000_000, name
