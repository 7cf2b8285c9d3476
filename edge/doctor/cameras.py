"""The cameras: those of the system, and those on the Pi's own port."""

import sys
from collections.abc import Iterator
from pathlib import Path

from ..camera.csi import Seen, by_picamera2, by_rpicam
from ..camera.refusal import holders
from ..camera.v4l2 import Device, webcams
from ..machine.board import Board
from .finding import Finding
from .models import NUMPY_1

SYSTEM_PICAMERA2 = Path("/usr/lib/python3/dist-packages/picamera2")  # where the Pi's apt puts it
ABI_CLASH = "numpy.dtype size changed"


def cameras(board: Board) -> Iterator[Finding]:
    """Every camera, and whether it may be used; having none is not a problem yet."""
    devices = webcams()
    yield from map(_device, devices)
    ways = [seen for seen in (by_picamera2(), by_rpicam()) if seen]
    seen_by = next((seen for seen in ways if seen.cameras), None)
    for camera in seen_by.cameras if seen_by else ():
        yield Finding("camera", "ok", f"{camera.source} {camera.model}".rstrip(), None)
    if sys.platform != "linux":
        yield Finding("camera", "note", "cannot be listed on this system", None)
    elif not devices and seen_by is None:
        is_pi = (board.model or "").startswith("Raspberry Pi")
        fix = "plug one in"
        if is_pi and not ways:
            fix += "; for one on the Pi's own port, sudo apt install rpicam-apps"
        yield Finding("camera", "note", "none is seen", fix)
    for seen in ways:
        if seen.problem:
            yield _broken(seen)
    if SYSTEM_PICAMERA2.exists() and "picamera2" not in [seen.way for seen in ways]:
        yield Finding(
            "picamera2", "note", "is installed, but not to be seen from this environment",
            "python3 -m venv --system-site-packages, or use rpicam-vid as the source",
        )  # fmt: skip


def _device(device: Device) -> Finding:
    about = f"{device.path} ({device.name})"
    if device.problem:
        reason, _, fix = device.problem.partition(": ")
        return Finding("camera", "problem", f"{about}: {reason}", fix or None)
    if others := holders(device.path):
        found = f"{about} is open in {', '.join(others)}"
        return Finding("camera", "note", found, "end it if the camera is said to be busy")
    if not device.formats:
        return Finding("camera", "note", f"{about} gives no pictures now", "plug it in again")
    forms = ", ".join(list(dict.fromkeys(form.fourcc.strip() for form in device.formats))[:6])
    sizes = [size for form in device.formats for size in form.sizes]
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    largest = f", up to {width}x{height}" if width else ""
    return Finding("camera", "ok", f"{about}: {forms}{largest}", None)


def _broken(seen: Seen) -> Finding:
    if seen.problem and ABI_CLASH in seen.problem:
        return Finding(
            "picamera2", "problem",
            "does not import, as it was built for another numpy than this environment's",
            f"{NUMPY_1}, or use rpicam-vid as the source",
        )  # fmt: skip
    what = "picamera2" if seen.way == "picamera2" else "rpicam"
    return Finding(what, "note", f"{seen.way} does not work ({seen.problem})", None)
