"""Damaged and forged pictures and videos, from a seed; and a child process that reads them.

python -m tests.support.mutants images|videos [--count 2000] [--seed 0]   reads so many, and says
what went wrong: a traceback, a signal, more than 10 s, more memory than is granted.
"""

import argparse
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from tests.support.chain import ROOT

HANG_S = 10
GRANTED_MB = 100  # to a picture; a process takes more than that by what it holds already
EXTREMES = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f",
            b"\0\0\x40\0", b"\0\x40\0\0", b"\1\0\0\0", b"\0\0\0\1", b"\x80\0\0\0"]  # fmt: skip


class Report(NamedTuple):
    """How a number of mutants fared: those that were read, refused, and what went wrong."""

    read: int
    refused: int
    faults: list[str]
    peak_mb: int


def mutant(seeds: list[bytes], number: int, seed: int = 0) -> bytes:
    """One of the seeds, changed in one of a dozen ways; the same for the same arguments."""
    chance = random.Random(seed * 1_000_003 + number)
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        at = _place(chance, len(data))
        length = min(chance.choice([1, 2, 4, 16, 200]), len(data) - at)
        kind = chance.randrange(10)
        if kind < 3:
            for _ in range(chance.choice([1, 3, 20])):
                data[_place(chance, len(data))] ^= 1 << chance.randrange(8)
        elif kind == 3:
            data[at : at + length] = chance.randbytes(length)
        elif kind == 4:
            data[at : at + length] = bytes(length)
        elif kind < 7:
            data[at : at + 4] = chance.choice(EXTREMES)
        elif kind == 7:
            del data[at : at + length]
        elif kind == 8:
            data[at:at] = data[at : at + length]
        else:
            other = chance.choice(seeds)
            data = data[:at] + other[min(at, len(other)) :]
        if not data:
            return b"\0"
    if chance.random() < 0.15:
        data = data[: chance.randrange(len(data)) + 1]
    return bytes(data)


def _place(chance: random.Random, length: int) -> int:
    """Anywhere, but half of the time near the beginning, where headers are."""
    return chance.randrange(min(length, 200) if chance.random() < 0.5 else length)


def images() -> list[bytes]:
    """Small pictures of every form and layout."""
    from tests.support.image_forms import GOOD
    from tests.support.odd_pictures import (
        BMP_HEADERS,
        MASKS_565,
        RGB,
        bmp,
        gif,
        packed_tiff,
        tiff,
    )

    seeds = [form.content for form in GOOD.values()]
    seeds += [bmp(header, 8) for header in BMP_HEADERS]
    seeds += [bmp(40, bits, runs=True) for bits in (4, 8)] + [bmp(124, 16, masks=MASKS_565)]
    seeds += [gif(clear=(0, None)), gif(application=b"NETSCAPE2.0"), gif(canvas_wh=(50, 40))]
    seeds += [tiff(RGB.astype(np.uint16) * 257, 16, planar=planar) for planar in (False, True)]
    gray = RGB[..., 0]
    deflated, jpeg = zlib.compress(gray.tobytes()), io.BytesIO()
    Image.fromarray(gray).save(jpeg, "JPEG", progressive=True)
    seeds += [packed_tiff(deflated, 3, (37, 69), 8), packed_tiff(jpeg.getvalue(), 2, (37, 46), 7)]
    seeds.append(packed_tiff(zlib.compress(bytes(64 * 64)), 2, (37, 69), 8, tile=64))
    return seeds + _of_phones()


def _of_phones() -> list[bytes]:
    from tests.support.odd_pictures import RGB

    seeds = []
    try:
        import pillow_heif

        pillow_heif.register_heif_opener()
        forms = ["AVIF", "HEIF"]
    except ImportError:
        forms = ["AVIF"]
    for form in forms:
        file = io.BytesIO()
        Image.fromarray(RGB).resize((64, 64)).save(file, form, quality=40)
        seeds.append(file.getvalue())
    return seeds


def videos() -> list[bytes]:
    """Small videos of the containers and codecs that people have."""
    from tests.support.videos import write

    kinds = [("libx264", ".mp4"), ("libx264", ".mkv"), ("libx264", ".ts"), ("mpeg4", ".avi"),
             ("mpeg2video", ".mpg"), ("mjpeg", ".avi"), ("libvpx", ".webm"), ("flv", ".flv"),
             ("wmv2", ".wmv"), ("libx265", ".mp4"), ("libsvtav1", ".mp4")]  # fmt: skip
    seeds = []
    with tempfile.TemporaryDirectory() as folder:
        for codec, suffix in kinds:
            options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
            form = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            fps = 25 if codec == "mpeg2video" else 10
            path = write(Path(folder, f"film{suffix}"), codec, frames=6, fps=fps, options=options,
                         pixel_format=form)  # fmt: skip
            seeds.append(path.read_bytes())
    return seeds


def read_image_mutant(content: bytes, folder: Path) -> bool:
    """Whether it is read; it is to be read, or refused in one printable line."""
    from edge.errors import ImageError
    from edge.images.image_file import decode_image

    try:
        pixels = decode_image(content)
    except ImageError as error:
        assert str(error).isprintable(), repr(str(error))
        return False
    assert pixels.dtype == np.uint8, pixels.dtype
    assert pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size, pixels.shape  # noqa: PT018
    return True


def read_video_mutant(content: bytes, folder: Path) -> bool:
    """Whether it is read to its end; a video may be refused after its last good frame."""
    from edge.errors import ImageError
    from edge.images.video_file import read_video

    path, last_s = folder / "mutant.mp4", -1.0
    path.write_bytes(content)
    try:
        for frame in read_video(path):
            assert frame.image.dtype == np.uint8
            assert frame.video
            assert frame.video.time_s > last_s, (frame.video.time_s, last_s)
            last_s = frame.video.time_s
    except ImageError as error:
        assert str(error).isprintable(), repr(str(error))
        return False
    return True


KINDS: dict[str, tuple[Callable[[], list[bytes]], Callable[[bytes, Path], bool]]] = {
    "images": (images, read_image_mutant),
    "videos": (videos, read_video_mutant),
}


def check(kind: str, count: int, seed: int = 0) -> Report:
    """Has so many mutants read by children; one that a child dies of is named, the next goes on."""
    read = refused = peak_mb = 0
    faults: list[str] = []
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        while number < count:
            command = [sys.executable, "-m", "tests.support.mutants", kind, "--child",
                       "--first", str(number), "--count", str(count), "--seed", str(seed),
                       "--folder", folder]  # fmt: skip
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, errors="replace",
                env={**os.environ, "HAPPYSAD_PICTURE_MB": str(GRANTED_MB)},
            )  # fmt: skip
            lines = [line.split(" ", 2) for line in done.stdout.splitlines()]
            for what, amount, *text in lines:
                read += what == "read"
                refused += what == "refused"
                peak_mb = max(peak_mb, int(amount)) if what == "peak" else peak_mb
                if what == "fault":
                    faults.append(f"{kind} {amount}: {text[0]}")
            number = max((int(n) for what, n, *_ in lines if what == "begun"), default=number) + 1
            if done.returncode:
                how = signal.Signals(-done.returncode).name if done.returncode < 0 else "exit"
                how = f"took more than {HANG_S} s" if how == "SIGALRM" else how
                tail = done.stderr.strip().splitlines()[-1:]
                faults.append(f"{kind} {number - 1}: {how} {done.returncode} {tail}")
            else:
                break
    return Report(read, refused, faults, peak_mb)


def _read_all(kind: str, first: int, count: int, seed: int, folder: Path) -> None:
    """In the child: a line before and after each; killed by the alarm where one takes too long."""
    make_seeds, read_mutant = KINDS[kind]
    seeds = make_seeds()
    read_mutant(seeds[0], folder)
    before_mb = _peak_mb()
    for number in range(first, count):
        print("begun", number, flush=True)
        content = mutant(seeds, number, seed)
        signal.alarm(HANG_S)
        try:
            print("read" if read_mutant(content, folder) else "refused", number)
        except Exception as error:
            print("fault", number, f"{type(error).__name__}: {error}".replace("\n", " "))
        signal.alarm(0)
    print("peak", _peak_mb() - before_mb)


def _peak_mb() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    return int(status.read_text().split("VmHWM:")[1].split()[0]) // 1024


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--child", action="store_true")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    if chosen.child:
        _read_all(chosen.kind, chosen.first, chosen.count, chosen.seed, chosen.folder)
        return
    report = check(chosen.kind, chosen.count, chosen.seed)
    print("\n".join(report.faults))
    print(f"{chosen.kind}: {report.read} read, {report.refused} refused, {len(report.faults)} "
          f"faults, {report.peak_mb} MB at most")  # fmt: skip
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
