"""What is piped into `classify -`: names, one a line, or a picture itself."""

import io
import os
import sys
from collections.abc import Iterable, Iterator
from typing import cast

from ..errors import ImageError, one_line

MAX_PICTURE_BYTES = 200_000_000
# No name begins so, but videos and other files do; a NUL is refused by its name.
_BINARY = frozenset(range(1, 9)) | frozenset(range(14, 32))


def arguments(paths: Iterable[str]) -> Iterator[str | bytes | ImageError]:
    """The paths, with '-' replaced by what is on stdin: a picture's content, or names."""
    for path in paths:
        if path == "-":
            yield from _piped()
        else:
            yield path


def _piped() -> Iterator[str | bytes | ImageError]:
    from ..images.image_file import looks_like_image

    if not sys.stdin:  # closed
        return
    stream = cast(io.BufferedReader, sys.stdin.buffer)
    begin = stream.peek(32)[:32]
    if looks_like_image(begin):
        content = stream.read(MAX_PICTURE_BYTES + 1)
        if len(content) > MAX_PICTURE_BYTES:
            yield ImageError(f"-: more than {MAX_PICTURE_BYTES // 1_000_000} MB: save it to a file")
        else:
            yield content
        return
    if _BINARY.intersection(begin):
        yield ImageError(
            f"-: neither a picture nor a list of names (starts with {begin[:12]!r}); a video is "
            "read from a file"
        )
        return
    for line in stream:
        name = os.fsdecode(line.rstrip(b"\r\n"))
        if "\0" in name:
            shown = one_line(name if len(name) < 80 else f"{name[:80]}...")
            yield ImageError(f"{shown}: a NUL in a name: write one name a line")
        elif name:
            yield name
