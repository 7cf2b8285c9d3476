"""Pictures from files: images, folders, globs and videos, one frame after the other."""

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import ImageError, VideoError, one_line
from ..machine.cores import cores
from ..video.known import SUFFIXES as VIDEO_SUFFIXES
from ..video.reader import DEFAULT_FPS, Video
from ..video.whole import is_cut_off
from .image_file import SUFFIXES
from .read_ahead import ReadAhead, kept_ahead

PICTURE_SUFFIXES = SUFFIXES | VIDEO_SUFFIXES


@dataclass(frozen=True, slots=True)
class VideoPosition:
    """The position of a frame in its video.

    Attributes:
        index: Number of the frame, from 0.
        time_s: Its time from the start, in seconds.
        fps: The video's frames per second.
    """

    index: int
    time_s: float
    fps: float


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and where it comes from.

    Attributes:
        path: The image or video file.
        video: Its place in the video; None for an image.
        image: uint8 (height, width, 3), BGR.
    """

    path: Path
    video: VideoPosition | None
    image: np.ndarray


def expand(argument: str) -> list[str | ImageError]:
    """The files that an argument names; a folder's images and videos sorted as paths are.

    All are listed before the first is read, so that what is written meanwhile is none of them; as
    text, which takes a third of the memory of paths.

    Args:
        argument: A file, a folder (read recursively) or a glob pattern (`**` included). A file
            named outright is given whatever its suffix, and whether or not it exists.

    Returns:
        The files; in place of a folder that may not be read, the reason.

    Raises:
        ImageError: A folder or pattern that holds no image and no video.
    """
    try:
        found = _find(argument)
    except OSError as error:  # a name too long, a folder without permission
        raise ImageError(f"{argument}: cannot be read ({error.strerror})") from error
    if not found:
        raise ImageError(f"{argument}: no image or video there")
    return found


def _find(argument: str) -> list[str | ImageError]:
    if not argument:  # an unset shell variable is not the working directory
        return []
    path = Path(argument)
    if path.is_dir():
        return list(_walk(str(path)))
    if not path.exists() and glob.has_magic(argument):
        return [found for found in sorted(glob.glob(argument, recursive=True))
                if not Path(found).is_dir()]  # fmt: skip
    return [argument]


def _walk(folder: str) -> Iterator[str | ImageError]:
    """Images and videos in a folder and those inside, hidden ones not; links are not followed."""
    try:
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
    except PermissionError:
        yield ImageError(f"{folder}: no permission to read the folder")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if os.path.splitext(entry.name)[1].lower() in PICTURE_SUFFIXES:  # noqa: PTH122
            yield entry.path
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)


def list_files(arguments: Iterable[str]) -> Iterator[str | ImageError]:
    """What `expand` finds for each argument, or why it finds nothing."""
    for argument in arguments:
        try:
            yield from expand(argument)
        except ImageError as error:
            yield error


def is_video_name(name: str) -> bool:
    """Whether the suffix, in either case, is one of VIDEO_SUFFIXES."""
    return os.path.splitext(name)[1].lower() in VIDEO_SUFFIXES  # noqa: PTH122


def count_images(files: Iterable[str | ImageError]) -> int | None:
    """How many pictures `read_frames` will come to; None for an iterator or where videos are."""
    if not isinstance(files, Sequence) or any(
        isinstance(file, str) and is_video_name(file) for file in files
    ):
        return None
    return len(files)


def read_frames(
    files: Iterable[str | ImageError], on_unreadable: Callable[[ImageError], None]
) -> Iterator[Frame]:
    """Every frame of every file, in this order; the next images are decoded meanwhile.

    Args:
        files: As from `list_files`. Of an iterator, which may have to wait for the next one,
            nothing is taken before it is asked for.
        on_unreadable: Called with the reason for each file that cannot be used; the rest goes on.
    """
    with ReadAhead(isinstance(files, Sequence)) as ahead:
        for read in kept_ahead((_begin(file, ahead) for file in files), ahead.depth):
            try:
                yield from read()
            except ImageError as error:
                on_unreadable(error)


def _begin(file: str | ImageError, ahead: ReadAhead) -> Callable[[], Iterable[Frame]]:
    """A function that returns the frames of a file."""
    if isinstance(file, ImageError):
        return partial(_refuse, file)
    path = Path(file)
    if is_video_name(file):
        return partial(read_video, path)
    return partial(_read_still, path, ahead.begin(path))


def _refuse(error: ImageError) -> Iterable[Frame]:
    raise error


def _read_still(path: Path, read: Callable[[], np.ndarray]) -> Iterable[Frame]:
    return [Frame(path, None, read())]


def read_video(path: Path) -> Iterator[Frame]:
    """Every frame that the file holds.

    Raises:
        ImageError: After the last frame: a file without any, that is cut off, or where frames are
            damaged; those are left out.
    """
    name = one_line(path)
    try:
        if not path.is_file():
            raise ImageError(f"{name}: no such video file")
        with Video(path, threads=cores()) as video:
            fps = video.fps or DEFAULT_FPS
            for frame in video:
                yield Frame(path, VideoPosition(frame.index, frame.time_s, fps), frame.image())
        if is_cut_off(path):
            raise ImageError(f"{name}: ends after {_frames(video.count)}: truncated")
    except VideoError as error:
        cut_off = "cut off before its first frame: truncated" if is_cut_off(path) else ""
        raise ImageError(f"{name}: {cut_off or error}") from error
    except (OSError, ValueError) as error:  # no permission; a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{name}: cannot be read ({reason})") from error
    if video.damaged:
        raise ImageError(f"{name}: damaged: {_frames(video.count)} of it can be decoded")
    if not video.count:
        raise ImageError(f"{name}: a video without a frame")


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"
