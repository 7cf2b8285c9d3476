"""Errors that a user can cause and fix; every other exception is a bug and keeps its traceback."""

import unicodedata


class HappySadError(Exception):
    """The base: its text is one line that says what happened, to which file, and what to do."""


class ImageError(HappySadError):
    """An image or video that cannot be used, with the reason."""


class NotFoundError(ImageError):
    """A name of an image or video under which there is nothing: no file, no match, no picture."""


class VideoError(HappySadError):
    """A video or stream that cannot be opened, or read on; the reason alone."""


class CameraError(HappySadError):
    """A camera or stream that cannot be opened, or gives no more frames, and what to do."""


class StreamEnd(CameraError):
    """A stream that is a video, not a camera, and has been played to its end."""


class FrameError(HappySadError):
    """A single frame that cannot be used: damaged, or of a shape that is no picture."""


class ModelError(HappySadError):
    """A model file that is missing, damaged, not ours, or beyond what this runner can feed."""


class RuntimeMissingError(HappySadError):
    """A package that the device needs (a TFLite runtime, OpenCV) is missing or does not work."""


class PackageError(HappySadError):
    """A package that pip cannot fetch or build, with the reason."""


class ServiceError(HappySadError):
    """The service manager, or this machine's set-up, does not allow what was asked for."""


class HistoryError(HappySadError):
    """A history file that is missing, damaged or not ours, or cannot be written."""


class OutputError(HappySadError):
    """A result that could not be written: a full disk, a folder without write permission."""


def first_bytes(begin: bytes) -> str:
    """The first twelve bytes of a file, in quotes: somebody may know by them what it is."""
    return repr(begin[:12])[1:]  # without the b


def one_line(message: object) -> str:
    """The text on one line: control characters and undecodable bytes, as in file names, escaped."""
    return "".join(
        repr(c)[1:-1] if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c
        for c in str(message)
    )
