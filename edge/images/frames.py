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
from .image_file import SUFFIXES, decode_image, looks_like_image
from .read_ahead import ReadAhead, kept_ahead

PICTURE_SUFFIXES = SUFFIXES | VIDEO_SUFFIXES
BARE_JPEGS = (".mjpeg", ".mjpg")  # one after the other: they begin as a picture does


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


class Ignored(str):
    """A file in a folder that is passed over: its suffix is of no picture and no video."""

    __slots__ = ()


Listed = str | bytes | ImageError


def expand(argument: str) -> list[Listed]:
    """The files that an argument names; those of a folder sorted as paths are.

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
    name = one_line(argument)
    try:
        found = _find(argument)
    except OSError as error:  # a name too long, a folder without permission
        raise ImageError(f"{name}: cannot be read ({error.strerror})") from error
    except ValueError as error:  # a name that no file can have
        raise ImageError(f"{name}: cannot be read ({error})") from error
    if all(isinstance(file, Ignored) for file in found):
        held = f" (only {_files(len(found))} of other kinds)" if found else ""
        raise ImageError(f"{name}: no image or video there{held}")
    return found


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _find(argument: str) -> list[Listed]:
    if not argument:  # an unset shell variable is not the working directory
        return []
    path = Path(argument)
    if path.is_dir():
        return list(_walk(str(path)))
    if not path.exists() and glob.has_magic(argument):
        return [found for found in sorted(glob.glob(argument, recursive=True))
                if not Path(found).is_dir()]  # fmt: skip
    return [argument]


def _walk(folder: str) -> Iterator[Listed]:
    """The files in a folder and those inside, hidden ones not; links to folders not followed."""
    try:
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
    except PermissionError:
        yield ImageError(f"{one_line(folder)}: no permission to read the folder")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if _suffix(entry.name) in PICTURE_SUFFIXES:
            yield entry.path
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif _suffix(entry.name) not in PICTURE_SUFFIXES and not entry.is_dir():
            yield Ignored(entry.path)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122


def list_files(
    arguments: Iterable[Listed], on_ignored: Callable[[], None] = lambda: None
) -> Iterator[Listed]:
    """What `expand` finds for each argument, or why it finds nothing.

    Args:
        arguments: As of `expand`; the content of a picture and an error are given on as they are.
        on_ignored: Called for each file that is passed over; it is not given.
    """
    for argument in arguments:
        if not isinstance(argument, str):
            yield argument
            continue
        try:
            for file in expand(argument):
                if isinstance(file, Ignored):
                    on_ignored()
                else:
                    yield file
        except ImageError as error:
            yield error


def is_video_name(name: str) -> bool:
    """Whether the suffix, in either case, is one of VIDEO_SUFFIXES."""
    return _suffix(name) in VIDEO_SUFFIXES


def count_images(files: Iterable[Listed]) -> int | None:
    """How many pictures `read_frames` will come to; None for an iterator or where videos are."""
    if not isinstance(files, Sequence) or any(
        isinstance(file, str) and is_video_name(file) for file in files
    ):
        return None
    return len(files)


def read_frames(
    files: Iterable[Listed], on_unreadable: Callable[[ImageError], None]
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


def _begin(file: Listed, ahead: ReadAhead) -> Callable[[], Iterable[Frame]]:
    """A function that returns the frames of a file; the content decides where no suffix does."""
    if isinstance(file, ImageError):
        return partial(_refuse, file)
    if isinstance(file, bytes):
        return partial(_read_piped, file)
    path = Path(file)
    if _suffix(file) in BARE_JPEGS:
        return partial(read_video, path)
    if _suffix(file) in SUFFIXES or _begins_as_image(path):
        return partial(_read_still, path, ahead.begin(path))
    return partial(read_video, path)


def _begins_as_image(path: Path) -> bool:
    """Whether its first bytes are an image's; what cannot be read is refused as an image is."""
    try:
        if not path.is_file():
            return not is_video_name(path.name)
        with path.open("rb") as file:
            begin = file.read(32)
    except (OSError, ValueError):
        return not is_video_name(path.name)
    return looks_like_image(begin) or not begin


def _refuse(error: ImageError) -> Iterable[Frame]:
    raise error


def _read_piped(content: bytes) -> Iterable[Frame]:
    try:
        return [Frame(Path("-"), None, decode_image(content))]
    except ImageError as error:
        raise ImageError(f"-: {error}") from error


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
        form = "mjpeg" if _suffix(path.name) in BARE_JPEGS else None
        with Video(path, form=form, threads=cores()) as video:
            fps = video.fps or DEFAULT_FPS
            for frame in video:
                yield Frame(path, VideoPosition(frame.index, frame.time_s, fps), frame.image())
        if is_cut_off(path):
            raise ImageError(f"{name}: ends after {_frames(video.count)}: truncated")
    except VideoError as error:
        raise ImageError(f"{name}: {_reason(path, error)}") from error
    except (OSError, ValueError) as error:  # no permission; a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{name}: cannot be read ({reason})") from error
    if not video.count and video.size_wh == (0, 0):
        raise ImageError(f"{name}: no frame of it can be decoded: damaged, or too large")
    if video.damaged:
        raise ImageError(f"{name}: damaged: {_frames(video.count)} of it can be decoded")
    if not video.count:
        raise ImageError(f"{name}: a video without a frame")


def _reason(path: Path, error: VideoError) -> str:
    try:
        if is_cut_off(path):
            return "cut off before its first frame: truncated"
        if is_video_name(path.name):
            return str(error)
        with path.open("rb") as file:
            return f"not an image or video (starts with {file.read(12)!r})"
    except OSError as failure:  # as of /proc/self/mem
        return f"cannot be read: {failure.strerror}"


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"
