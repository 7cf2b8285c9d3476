"""The frames of a video file, and what is wrong with it."""

from collections.abc import Iterator
from pathlib import Path

from ..errors import ImageError, NotFoundError, VideoError, first_bytes, one_line
from ..machine.cores import cores
from ..video.known import DEFAULT_FPS
from ..video.reader import Video
from ..video.whole import is_cut_off
from ..wording import counted
from .frame import Frame, VideoPosition
from .listing import is_video_name, suffix_of

BARE_JPEGS = (".mjpeg", ".mjpg")  # one after the other: they begin as a picture does


def read_video(path: Path) -> Iterator[Frame]:
    """Every frame that the file holds.

    Raises:
        ImageError: After the last frame: a file without any, that is cut off, or where frames are
            damaged; those are left out.
    """
    name = one_line(path)
    try:
        if not path.is_file():
            raise NotFoundError(f"{name}: no such video file")
        if not path.stat().st_size:
            raise ImageError(f"{name}: empty file")
        form = "mjpeg" if suffix_of(path.name) in BARE_JPEGS else None
        with Video(path, form=form, threads=cores()) as video:
            fps = video.fps or DEFAULT_FPS
            for frame in video:
                yield Frame(path, VideoPosition(frame.index, frame.time_s, fps), frame.image())
        if is_cut_off(path):
            raise ImageError(f"{name}: ends after {counted(video.count, 'frame')}: truncated")
    except VideoError as error:
        raise ImageError(f"{name}: {_reason(path, error)}") from error
    except (OSError, ValueError) as error:  # no permission; a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{name}: cannot be read ({reason})") from error
    if not video.count and video.size_wh == (0, 0):
        raise ImageError(f"{name}: no frame of it can be decoded: damaged, or too large")
    if video.damaged:
        raise ImageError(f"{name}: damaged: {counted(video.count, 'frame')} of it can be decoded")
    if not video.count:
        raise ImageError(f"{name}: a video without a frame")


def _reason(path: Path, error: VideoError) -> str:
    try:
        if is_cut_off(path):
            return "cut off before its first frame: truncated"
        if is_video_name(path.name):
            return str(error)
        with path.open("rb") as file:
            return f"not an image or video (starts with {first_bytes(file.read(12))})"
    except OSError as failure:  # as of /proc/self/mem
        return f"cannot be read: {failure.strerror}"
