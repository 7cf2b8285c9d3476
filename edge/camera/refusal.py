"""Why a video device cannot be used, what holds it, and what to do."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import one_line
from ..machine import kernel_file
from . import v4l2_abi

# Nodes that capture, but belong to the Pi's own camera port and video units: raw sensor data and
# steps in between, which no program can use like a webcam.
INTERNAL = (
    "bcm2835-codec", "bcm2835-isp", "unicam", "rp1-cfe", "pispbe", "pisp-be", "rpi-hevc-dec",
    "rpivid", "hantro",
)  # fmt: skip
LOOPBACK = "v4l2 loopback"  # a device that captures what another program writes to it
MAX_NAMED = 6  # formats


def is_internal(driver: str) -> bool:
    """Whether the devices of a driver are parts of the board, and no webcams."""
    return driver.replace("_", "-").startswith(INTERNAL)


@contextmanager
def opened(path: str) -> Iterator[int]:
    """An open device as a file descriptor.

    Raises:
        OSError: It cannot be opened; `problem` says it in words.
    """
    # Without O_NONBLOCK some drivers wait until another program lets go.
    device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        yield device
    finally:
        os.close(device)


def why_not(path: str) -> str:
    """Why a device cannot be used, and what to do, in a clause; it is opened to find out."""
    try:
        if not stat.S_ISCHR(Path(path).stat().st_mode):
            return "not a character device"
        with opened(path) as device:
            capability = v4l2_abi.query(device)
            kind = capability.buffer_type
            if kind is not None:
                is_busy = v4l2_abi.is_busy(device, kind)
                formats = v4l2_abi.formats(device, kind)
    except OSError as error:
        return problem(path, error)
    name = one_line(capability.card)
    if is_internal(capability.driver):
        return f"no webcam, but a part of the board ({name})"
    if capability.driver == LOOPBACK and (kind is None or not formats):
        return f"no program feeds it pictures ({name})"
    if kind is None or capability.is_codec:
        return f"not a capture device ({name})"
    if is_busy:
        return _busy(path)
    others = f"; also open in {', '.join(found)}" if (found := holders(path)) else ""
    if not formats:
        return f"gives none of its formats: unplug it and plug it in again{others}"
    fourccs = ", ".join(dict(formats[:MAX_NAMED])) + (", ..." if formats[MAX_NAMED:] else "")
    return f"opens, but gives no picture in its formats ({fourccs}){others}"


def problem(path: str, error: OSError) -> str:
    """Why a device did not open, and what to do, in a clause."""
    if error.errno == errno.EACCES:
        return f"no permission: {_ask_for_permission(path)}"
    if error.errno == errno.EPERM:
        return f"not allowed: if this is a container, start it with --device {path}"
    if error.errno == errno.EBUSY:
        return _busy(path)
    if error.errno == errno.ENOENT:
        return "no such device node: is it plugged in?"
    if error.errno in (errno.ENODEV, errno.ENXIO, errno.EIO):
        return "gone: plug it in again"
    if error.errno in (errno.ENOTTY, errno.EINVAL):
        return "not a video device"
    return f"cannot be opened: {error.strerror or error}"


def holders(path: str) -> list[str]:
    """The programs that have a device open, such as "cheese (pid 123)", as far as /proc shows.

    Those of other users are seen by root only. This very program may be among them.
    """
    node = os.path.realpath(path)
    found = []
    for process in kernel_file.entries(Path("/proc")):
        if process.name.isdecimal() and any(
            _is_on(fd, node) for fd in kernel_file.entries(process / "fd")
        ):
            name = one_line(kernel_file.read(process / "comm") or "a program")
            found.append(f"{name} (pid {process.name})")
    return found


def _is_on(file_descriptor: Path, node: str) -> bool:
    """Whether an entry of /proc/PID/fd is the node; judged by its text, without touching files."""
    try:
        return str(file_descriptor.readlink()) == node
    except OSError:  # closed meanwhile
        return False


def _busy(path: str) -> str:
    others = ", ".join(holders(path)) or "another program (sudo fuser -v names it)"
    return f"busy: held by {others}"


def _ask_for_permission(path: str) -> str:
    """How a user gets to open a node: by joining the group that may."""
    import grp  # not on Windows, where there is no V4L2 either

    try:
        about = Path(path).stat()
    except OSError:  # not even its folder may be looked into
        return "run it as a user who may open it"
    if not about.st_mode & stat.S_IRGRP or not about.st_gid:
        return f"only root may open it: sudo chmod a+rw {path}"
    try:
        group = grp.getgrgid(about.st_gid).gr_name
    except KeyError:  # in a container the groups of the host have no names
        return f"run it as a member of the group {about.st_gid}"
    return f"sudo usermod -aG {group} $USER, then log in again"
