"""The machine's V4L2 video devices: which exist, and what they offer."""

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import one_line
from ..machine import kernel_file
from . import v4l2_abi
from .refusal import is_internal, opened, problem


@dataclass(frozen=True, slots=True)
class Format:
    """A pixel format in which a device delivers pictures.

    Attributes:
        fourcc: Four characters, such as "YUYV" or "MJPG"; some end in a space. "-BE" follows for
            the big-endian twin of a format, which OpenCV does not know.
        sizes: (width, height), from small to large; empty where the driver does not say.
    """

    fourcc: str
    sizes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Device:
    """A video device that captures.

    Attributes:
        path: Its node, such as "/dev/video0".
        name: For a person.
        driver: Such as "uvcvideo".
        bus: Where it is connected; empty where it cannot be asked.
        stable_path: A link that leads to it after a restart too; None if there is none.
        formats: What it offers; empty where it cannot be asked.
        problem: Why it cannot be opened and what to do; None if it can.
    """

    path: str
    name: str
    driver: str
    bus: str
    stable_path: str | None
    formats: tuple[Format, ...]
    problem: str | None


def list_devices(dev: Path = Path("/dev")) -> list[Device]:
    """The video devices that capture, by their numbers; none on a machine without V4L2.

    Where a device may not be opened, one of its nodes is listed, with the problem.
    """
    nodes = [path for path in kernel_file.entries(dev) if re.fullmatch(r"video\d+", path.name)]
    nodes.sort(key=lambda path: int(path.name.removeprefix("video")))
    return [device for device in map(_device, nodes) if device is not None]


def webcams() -> list[Device]:
    """Those that may be webcams, and none of the Pi's internals."""
    return [device for device in list_devices() if not is_internal(device.driver)]


def _device(node: Path) -> Device | None:
    try:
        with opened(str(node)) as device:
            capability = v4l2_abi.query(device)
            kind = capability.buffer_type
            if kind is None or capability.is_codec:
                return None
            formats = tuple(Format(*found) for found in v4l2_abi.formats(device, kind))
    except OSError as error:
        return _closed_device(node, error)
    return Device(
        path=str(node),
        name=one_line(capability.card),
        driver=one_line(capability.driver),
        bus=one_line(capability.bus),
        stable_path=_stable_path(node),
        formats=formats,
        problem=None,
    )


def _closed_device(node: Path, error: OSError) -> Device | None:
    """A device that cannot be opened, as the kernel describes it; None if it is no camera."""
    if error.errno in (errno.ENOTTY, errno.EINVAL, errno.EISDIR):  # it is no video device
        return None
    about = _about(node)
    # A webcam's further nodes carry metadata; nothing else shows that without opening them.
    if (kernel_file.read_int(about / "index") or 0) > 0:
        return None
    driver = about / "device" / "driver"
    return Device(
        path=str(node),
        name=one_line(kernel_file.read(about / "name") or node.name),
        driver=driver.resolve().name if driver.is_symlink() else "",
        bus="",
        stable_path=_stable_path(node),
        formats=(),
        problem=problem(str(node), error),
    )


def _about(node: Path) -> Path:
    """The folder in which the kernel describes a device, readable for everybody."""
    try:
        number = node.stat().st_rdev
    except OSError:
        number = 0
    return Path(f"/sys/dev/char/{os.major(number)}:{os.minor(number)}")


def _stable_path(node: Path) -> str | None:
    """The first link to the node that names the device by maker and number, or by its socket."""
    for folder in ("by-id", "by-path"):
        for link in kernel_file.entries(node.parent / "v4l" / folder):
            if os.path.realpath(link) == os.path.realpath(node):
                return str(link)
    return None
