"""The files that arguments name: images, videos, folders, globs."""

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..errors import ImageError, NotFoundError, one_line
from ..video.known import SUFFIXES as VIDEO_SUFFIXES
from ..wording import counted
from .image_file import SUFFIXES

PICTURE_SUFFIXES = SUFFIXES | VIDEO_SUFFIXES


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
    if re.match("[a-z]{2,9}://", argument, re.IGNORECASE):
        raise ImageError(f"{name}: an address: download it, or watch it with 'webcam'")
    try:
        found = _find(argument)
    except (OSError, ValueError) as error:  # no permission; a name that no file can have
        reason = getattr(error, "strerror", error)
        raise ImageError(f"{name}: cannot be read ({reason})") from error
    if all(isinstance(file, Ignored) for file in found):
        held = f" (only {counted(len(found), 'file')} of other kinds)" if found else ""
        raise NotFoundError(f"{name}: no image or video there{held}")
    return found


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
        if suffix_of(entry.name) in PICTURE_SUFFIXES:
            yield entry.path
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif suffix_of(entry.name) not in PICTURE_SUFFIXES and not entry.is_dir():
            yield Ignored(entry.path)


def suffix_of(name: str) -> str:
    """In lower case, with its dot; empty where there is none."""
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
    return suffix_of(name) in VIDEO_SUFFIXES
