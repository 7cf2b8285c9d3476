"""What the user calls a camera, a stream or a video, and what it means."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import CameraError
from ..images.image_file import is_image_name, looks_like_image
from ..masking import masked
from ..video.known import SUFFIXES as VIDEO_SUFFIXES

STREAM_SCHEMES = frozenset(["http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "tcp", "udp"])


@dataclass(frozen=True, slots=True)
class Address:
    """Where frames are to come from.

    Attributes:
        kind: "auto", "device", "stream", "video", "picamera2" or "rpicam-vid".
        place: The device's path, the stream's URL, the video's path, or the number of the CSI
            camera; empty for "auto".
        name: What it is called in messages: an address without its secrets.
    """

    kind: str
    place: str
    name: str


def parse_address(text: str) -> Address:
    """What the user means.

    Args:
        text: "auto", the index of a camera, a path such as /dev/video0 or
            /dev/v4l/by-id/usb-..., a video file, a URL, or "picamera2" or "rpicam-vid", either
            with ":1" for the second CSI camera.

    Raises:
        CameraError: It is a picture, a folder, no file at all, or a URL that cannot be read.
    """
    if not text:  # an unset shell variable
        raise CameraError("the source is empty: leave it out, or name a camera, video or address")
    if text == "auto":
        return Address("auto", "", "auto")
    if re.fullmatch(r"\d+", text):
        return Address("device", f"/dev/video{text}", f"/dev/video{text}")
    if csi := re.fullmatch(r"(picamera2|rpicam-vid)(?::(\d+))?", text):
        return Address(csi[1], csi[2] or "0", text)
    if text.startswith("/dev/"):
        return Address("device", text, text)
    if "://" in text:
        return _parse_url(text)
    try:
        return _parse_path(text)
    except (OSError, ValueError) as error:  # a name too long, no permission, a NUL
        reason = getattr(error, "strerror", None) or error
        raise CameraError(f"{masked(text)}: cannot be read ({reason})") from error


def _parse_path(text: str) -> Address:
    path, name = Path(text), masked(text)
    if path.is_dir():
        raise CameraError(f"{name} is a folder: use 'classify' for the files in it")
    if not path.exists() and path.suffix.lower() in VIDEO_SUFFIXES:
        raise CameraError(f"{name}: no such video file")
    if not path.exists():
        raise CameraError(
            f"no camera, video or address {name}: 'cameras' lists the cameras that are there, and "
            "an address begins with http:// or rtsp://"
        )
    if not path.is_file():  # reading a pipe may never end
        raise CameraError(f"{name} is no regular file: give a video, a device or a URL")
    if not path.stat().st_size:  # of /proc/kmsg reading waits for the kernel
        raise CameraError(f"{name} is an empty file: give a video, a device or a URL")
    if is_image_name(path) and looks_like_image(_begin(path)):
        raise CameraError(f"{name} is a picture: use 'classify' for it, in Python happysad.load()")
    return Address("video", text, text)


def _begin(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(32)


def _parse_url(text: str) -> Address:
    name = masked(text)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        # Python's reason may quote a part of a password.
        reason = "its host or port is malformed"
        if "@" in text:
            reason = "write # and / in its password as %23 and %2F"
        raise CameraError(f"{name} is no address: {reason}") from error
    if parts.scheme not in STREAM_SCHEMES:
        known = ", ".join(sorted(STREAM_SCHEMES))
        raise CameraError(f"{parts.scheme}:// is no kind of stream known here: {known}")
    if not host:
        raise CameraError(f"{name} is no address: it names no host")
    if any(character <= " " for character in text):
        raise CameraError(f"{name} is no address: it has a space or a line break inside")
    # FFmpeg knows schemes in small letters only.
    return Address("stream", parts.scheme + text[len(parts.scheme) :], name)
