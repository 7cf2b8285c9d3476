"""The Pi's CSI cameras, as picamera2 or the rpicam programs list them."""

import importlib.util
import json
import re
import shutil
from dataclasses import dataclass

from ..machine.child import ask, ask_python

PROGRAMS = ("rpicam-hello", "libcamera-hello")  # the second is its name before 2024
TIMEOUT_S = 5.0
IMPORT_TIMEOUT_S = 20.0  # a Pi Zero 2 imports picamera2 in about 5 s
# "0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)"
LISTED = re.compile(r"^\s*(\d+)\s*:\s*(\S+)(?:\s*\[([^]]*)\])?(?:\s*\(([^)]*)\))?\s*$", re.M)


@dataclass(frozen=True, slots=True)
class CsiCamera:
    """A camera on the Pi's own port.

    Attributes:
        source: What the runner calls it, such as "picamera2:0" or "rpicam-vid:0".
        model: Of the sensor, such as "imx219".
        details: What else is known about it; may be empty.
    """

    source: str
    model: str
    details: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The cameras found in one way.

    Attributes:
        way: "picamera2", or the path of the program.
        cameras: On the Pi's own port, without the USB cameras that libcamera lists too.
        problem: Why it does not work, from its last words; None if it does.
    """

    way: str
    cameras: tuple[CsiCamera, ...]
    problem: str | None


def csi_cameras() -> tuple[CsiCamera, ...]:
    """The cameras, by picamera2 where it works, else by the rpicam programs."""
    for look in (by_picamera2, by_rpicam):
        if (seen := look()) and seen.cameras:
            return seen.cameras
    return ()


def by_picamera2() -> Seen | None:
    """What picamera2 sees; None where it is not installed for this Python.

    It is imported in a child process: it can fail in several ways, and libcamera prints.
    """
    if importlib.util.find_spec("picamera2") is None:
        return None
    program = (
        "import json; from picamera2 import Picamera2\n"
        "print(json.dumps(Picamera2.global_camera_info(), default=str))"
    )
    answer = ask_python(program, timeout_s=IMPORT_TIMEOUT_S)
    if answer.code != 0:
        return Seen("picamera2", (), answer.last_words)
    try:
        listed = json.loads(answer.out.splitlines()[-1])
        cameras = [
            CsiCamera(f"picamera2:{int(camera['Num'])}", str(camera["Model"]), str(camera["Id"]))
            for camera in listed
        ]
    except (ValueError, KeyError, TypeError, IndexError):
        return Seen("picamera2", (), "its list of cameras cannot be read")
    return Seen("picamera2", tuple(camera for camera in cameras if not _is_usb(camera)), None)


def by_rpicam() -> Seen | None:
    """What `rpicam-hello --list-cameras` sees; None where it is not installed."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        return None
    answer = ask([program, "--list-cameras"], TIMEOUT_S)
    if answer.code != 0:
        return Seen(program, (), answer.last_words)
    cameras = []  # some versions write their list to stderr
    for number, model, pixels, place in LISTED.findall(f"{answer.out}\n{answer.err}"):
        details = ", ".join(filter(None, (pixels, place)))
        cameras.append(CsiCamera(f"rpicam-vid:{number}", model, details))
    return Seen(program, tuple(camera for camera in cameras if not _is_usb(camera)), None)


def _is_usb(camera: CsiCamera) -> bool:
    """Whether it is a webcam, which is among the video devices already."""
    return "usb" in camera.details.lower()
