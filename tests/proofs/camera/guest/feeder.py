"""Feeds a v4l2loopback device with a film, over and over, until it is ended.

python3 -m tests.proofs.camera.guest.feeder DEVICE FILM
"""

import fcntl
import itertools
import json
import os
import struct
import sys
import time
from pathlib import Path

SET_FORMAT = 0xC0D05605  # VIDIOC_S_FMT
# struct v4l2_format with its v4l2_pix_format: type; width, height, pixelformat, field,
# bytesperline, sizeimage, colorspace.
FORMAT = struct.Struct("=I4x7I172x")
VIDEO_OUTPUT, PROGRESSIVE, SRGB = 2, 1, 8


def feed(device: str, film: Path) -> None:
    """Writes the film's frames to the device, at the film's own speed."""
    about = json.loads((film / "film.json").read_text())
    width, height = about["size_wh"]
    frames = [path.read_bytes() for path in sorted(film.glob("*.frame"))]
    number = int.from_bytes(about["fourcc"].encode(), "little")
    # A compressed format has no bytes per line; 3 bytes a pixel are enough for a frame of any.
    bytes_per_line = 0 if about["fourcc"] == "MJPG" else len(frames[0]) // height
    size = max(map(len, frames)) if bytes_per_line else 3 * width * height
    packed = FORMAT.pack(
        VIDEO_OUTPUT, width, height, number, PROGRESSIVE, bytes_per_line, size, SRGB
    )
    file = os.open(device, os.O_RDWR)
    fcntl.ioctl(file, SET_FORMAT, bytearray(packed))
    os.write(file, frames[0])
    sys.stdout.write("feeding\n")
    sys.stdout.flush()
    for frame in itertools.cycle(frames):
        os.write(file, frame)
        time.sleep(1 / about["fps"])


if __name__ == "__main__":
    feed(sys.argv[1], Path(sys.argv[2]))
