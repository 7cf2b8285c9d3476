"""Python, OpenCV and what else reads pictures: which are installed, and what they can do."""

import io
import platform
import struct
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout

from ..errors import RuntimeMissingError
from ..machine.pip import pip_command, version_of
from .finding import Finding, judged

OPENCV = (
    "opencv-python", "opencv-python-headless", "opencv-contrib-python",
    "opencv-contrib-python-headless",
)  # fmt: skip


def python() -> Iterator[Finding]:
    """The interpreter's version, and for which machine it is built."""
    bits = struct.calcsize("P") * 8
    found = f"Python {platform.python_version()}, {bits}-bit, {platform.machine()}"
    fix = "a 64-bit system runs the models several times as fast"
    yield judged("python", found, bits != 32, fix, "note")


def opencv() -> Iterator[Finding]:
    """OpenCV, and what it was built to do."""
    installed = [name for name in OPENCV if version_of(name)]
    try:
        with redirect_stdout(io.StringIO()):  # where OpenCV asks for numpy
            from ..machine.opencv import cv2
    except RuntimeMissingError as error:
        fix = "pip install numpy opencv-python-headless"
        if ".so" in str(error) and installed:  # libGL, libxcb: only the headless one does without
            fix = f"pip uninstall {' '.join(installed)}, then {fix}"
        yield Finding("opencv", "problem", str(error).split(": install")[0], fix)
        return
    names = " and ".join(f"{name} {version_of(name)}" for name in installed)
    has_v4l2 = cv2.videoio_registry.hasBackend(cv2.CAP_V4L2)
    found = (
        f"{names or f'OpenCV {cv2.__version__}'}, windows: {window_system()}, "
        f"cameras: {'V4L2' if has_v4l2 else 'not V4L2'}"
    )
    if len(installed) > 1:  # they overwrite each other's files
        fix = f"pip uninstall {' '.join(installed)}, then pip install one of them"
        yield Finding("opencv", "problem", found, fix)
    else:
        fix = "cameras cannot be read: pip install opencv-python-headless"
        yield judged("opencv", found, has_v4l2 or sys.platform != "linux", fix)


def readers() -> Iterator[Finding]:
    """What reads videos, and the pictures that OpenCV does not."""
    from ..video.pyav import pyav

    try:
        av = pyav()
    except RuntimeMissingError as error:
        yield Finding("videos", "note", str(error), None)
    else:
        version = f"PyAV {av.__version__} with FFmpeg {av.ffmpeg_version_info}"
        yield Finding("videos", "ok", version, None)
    missing = [name for name in ("pillow", "pillow-heif") if not version_of(name)]
    what = {"pillow": "GIF, BMP, TIFF and AVIF", "pillow-heif": "HEIC"}
    for name in missing:
        found, fix = f"{what[name]} cannot be read", pip_command(name)
        yield Finding("pictures", "note", found, fix)
    if not missing:
        yield Finding("pictures", "ok", "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF and HEIC", None)


def window_system() -> str:
    """What OpenCV opens windows with, such as "QT5"; "none" for the headless package."""
    from ..machine.opencv import cv2

    lines = (line.partition("GUI:") for line in cv2.getBuildInformation().splitlines())
    named = next((value.strip() for _, found, value in lines if found), "")
    return "none" if named in ("", "NONE") else named
