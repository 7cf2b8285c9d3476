"""Pictures from files, one frame after the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import ImageError
from .frame import Frame
from .image_file import SUFFIXES, decode_image, looks_like_image
from .listing import Listed, is_video_name, suffix_of
from .read_ahead import ReadAhead, kept_ahead
from .video_file import BARE_JPEGS, read_video


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
    if suffix_of(file) in BARE_JPEGS:
        return partial(read_video, path)
    if suffix_of(file) in SUFFIXES or _begins_as_image(path):
        return partial(_read_still, path, ahead.begin(path))
    return partial(read_video, path)


def _begins_as_image(path: Path) -> bool:
    """Whether its first bytes are an image's; what cannot be read is refused as an image is."""
    try:
        if not path.is_file():
            return not is_video_name(path.name)
        if not path.stat().st_size:
            return True
        with path.open("rb") as file:
            begin = file.read(32)
    except (OSError, ValueError):
        return not is_video_name(path.name)
    return looks_like_image(begin)


def _refuse(error: ImageError) -> Iterable[Frame]:
    raise error


def _read_piped(content: bytes) -> Iterable[Frame]:
    try:
        return [Frame(Path("-"), None, decode_image(content))]
    except ImageError as error:
        raise ImageError(f"-: {error}") from error


def _read_still(path: Path, read: Callable[[], np.ndarray]) -> Iterable[Frame]:
    return [Frame(path, None, read())]
