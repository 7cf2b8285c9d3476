"""Tar and zip archives: where in them their pictures are, and one picture's bytes from there.

A worker reads a picture without looking through the archive, so it keeps no list of what is inside.
"""

import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal

from batch.entry import Entry
from edge.errors import HappySadError, ImageError
from edge.images.image_file import MAX_FILE_MB

Kind = Literal["tar", "zip", "compressed"]
BEGIN_BYTES = 512  # of a file, which say what it is

# Of a zip's local header (APPNOTE.TXT 6.3.10, 4.3.7): its length without name and extra field, and
# where in it the lengths of these two are.
_HEADER, _LENGTHS = 30, 26
_ENCRYPTED = 1  # a bit of a member's flags
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")  # gzip, bzip2, xz, zstd


def kind_of(begin: bytes) -> Kind | None:
    """Which archive begins with these bytes, BEGIN_BYTES of them; None if it is none."""
    if begin[257:262] == b"ustar":
        return "tar"
    if begin.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    return "compressed" if begin.startswith(_PACKED) else None


def members(kind: Kind, file: BinaryIO, name: str) -> Iterator[Entry]:
    """The files in an archive, in its order; with a tar one at a time, a zip's list as a whole.

    Args:
        kind: Of the archive.
        file: It, opened; seekable.
        name: What it is called.

    Raises:
        HappySadError: It is damaged, or packed as a whole.
    """
    try:
        if kind == "tar":
            with tarfile.open(fileobj=file, mode="r:") as tar:
                while member := tar.next():
                    tar.members.clear()  # type: ignore  # it would keep all of them
                    if member.isreg():
                        yield Entry(f"{name}/{member.name}", member.offset_data, member.size)
        elif kind == "zip":
            with zipfile.ZipFile(file) as zipped:
                for info in zipped.filelist:
                    if not info.is_dir():
                        method = -1 if info.flag_bits & _ENCRYPTED else info.compress_type
                        place = info.header_offset, info.compress_size, method
                        yield Entry(f"{name}/{info.filename}", *place)
        else:
            raise HappySadError(
                f"{name}: packed as a whole, so that nothing in it can be looked up: unpack it "
                "first, such as with gunzip"
            )
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise HappySadError(f"{name}: a damaged archive ({error})") from error


def content(entry: Entry, read: Callable[[int, int], bytes]) -> bytes:
    """The bytes of a picture in an archive.

    Args:
        entry: With a place in the archive.
        read: Gives the archive's bytes from one place up to another.

    Raises:
        ImageError: They cannot be had: the reason alone.
    """
    assert entry.begin is not None
    assert entry.size is not None
    most = MAX_FILE_MB * 1_000_000
    if entry.size > most:
        raise ImageError(f"{entry.size / 1e6:.0f} MB, more than the cap of {MAX_FILE_MB} MB")
    begin = entry.begin
    if entry.method not in (None, 0, 8):
        raise ImageError("encrypted" if entry.method == -1 else f"zip method {entry.method}")
    if entry.method is not None:
        header = read(begin, begin + _HEADER)
        if len(header) < _HEADER:
            raise ImageError("cut off")
        begin += _HEADER + sum(struct.unpack_from("<HH", header, _LENGTHS))
    packed = read(begin, begin + entry.size) if entry.size else b""  # which HTTP cannot ask for
    if len(packed) < entry.size:
        raise ImageError("cut off")
    if entry.method != 8:
        return packed
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        unpacked = unpacking.decompress(packed, most)
    except zlib.error as error:
        raise ImageError(f"damaged in the archive ({error})") from error
    if unpacking.unconsumed_tail:
        raise ImageError(f"more than the cap of {MAX_FILE_MB} MB")
    return unpacked
