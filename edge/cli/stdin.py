"""What is piped into `classify -`: names, one a line, or a picture itself."""

import io
import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from typing import cast

from ..errors import ImageError, first_bytes, one_line

BEGIN_BYTES = 32
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
    from ..images.image_file import MAX_FILE_MB, looks_like_image

    if not sys.stdin:  # closed
        return
    stream = cast(io.BufferedReader, sys.stdin.buffer)
    begin = _begin(stream)
    if looks_like_image(begin):
        content = begin + stream.read(MAX_FILE_MB * 1_000_000)
        if len(content) > MAX_FILE_MB * 1_000_000:
            yield ImageError(f"-: more than the cap of {MAX_FILE_MB} MB")
        else:
            yield content
        return
    if _BINARY.intersection(begin):
        yield ImageError(
            f"-: neither a picture nor a list of names (starts with {first_bytes(begin)}); a "
            "video is read from a file"
        )
        return
    if not begin.endswith(b"\n"):
        begin += stream.readline()
    for line in itertools.chain(io.BytesIO(begin), stream):
        name = os.fsdecode(line.rstrip(b"\r\n"))
        if "\0" in name:
            shown = one_line(name if len(name) < 80 else f"{name[:80]}...")
            yield ImageError(f"{shown}: a NUL in a name: write one name a line")
        elif name:
            yield name


def _begin(stream: io.BufferedReader) -> bytes:
    """The first bytes, however they dribble in: 32, or all, or a name and its line's end."""
    begin = b""
    while len(begin) < BEGIN_BYTES and not _has_name(begin):
        if not (more := stream.read1(BEGIN_BYTES - len(begin))):
            break
        begin += more
    return begin


def _has_name(begin: bytes) -> bool:
    """Whether there is a whole name: who writes one may wait for its answer before the next."""
    name, end, _ = begin.partition(b"\n")
    return bool(name and end) and os.fsdecode(name.rstrip(b"\r")).isprintable()
