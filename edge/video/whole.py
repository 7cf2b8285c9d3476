"""Whether a video file is as long as it says: what was cut off can be missed while decoding."""

import struct
from pathlib import Path
from typing import BinaryIO

# Of a DV frame, in bytes, of 50 and 60 fields a second (IEC 61834-2).
DV_PAL, DV_NTSC = 144_000, 120_000
# Where the first packet of an MPEG-TS begins with 0x47, "G", and how long each is; cameras put four
# bytes of time before it (.m2ts), broadcasters 16 of correction behind.
TS_PACKETS = [(0, 188), (4, 192), (0, 204)]


def is_cut_off(path: Path) -> bool:
    """Whether the container's outermost parts reach past the end of the file.

    MP4 and its kin, AVI, WMV and Matroska begin each part with its length; MPEG-TS and DV consist
    of packets of one size. Others (MPEG-PS, FLV) do not say, nor does what was written to a pipe;
    of those nothing is known here, so it is False.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        start = file.read(1000)
        if start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
            return _end_of_boxes(file, size) > size
        if start[:4] == b"RIFF":
            return _end_of_riff(file, size) > size
        if start[:4] == b"\x1a\x45\xdf\xa3":
            return _end_of_segment(file) > size
        if start[:4] == b"\x30\x26\xb2\x75":
            return _end_of_asf(file, size) > size
    if start[:4] == b"\x1f\x07\x00\xbf" or start[:4] == b"\x1f\x07\x00\x3f":
        return size % (DV_PAL if start[3] & 0x80 else DV_NTSC) > 0
    return any(start[at::length][:3] == b"GGG" and size % length > 0 for at, length in TS_PACKETS)


def _end_of_boxes(file: BinaryIO, size: int) -> int:
    """ISO/IEC 14496-12, 4.2: 32 bits of length and a name; 1: 64 bits follow; 0: to the end."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16).ljust(16, b"\0")
        length, large = struct.unpack(">I4xQ", head)
        length = large if length == 1 else length
        if length < 8:
            return size
        at += length
    return at


def _end_of_riff(file: BinaryIO, size: int) -> int:
    """The AVI files of more than 1 GB have several of them."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name != b"RIFF" or not length:  # of an interrupted recording the length is still 0
            return size
        at += 8 + length + (length & 1)
    return at


def _end_of_asf(file: BinaryIO, size: int) -> int:
    """Objects: a GUID of 16 bytes, 8 of length; that of an interrupted recording is too small."""
    at = 0
    while at + 24 <= size:
        file.seek(at + 16)
        (length,) = struct.unpack("<Q", file.read(8))
        if length < 24:
            return size
        at += length
    return at


def _end_of_segment(file: BinaryIO) -> int:
    """RFC 8794 and 9559: the header, then the segment, each an ID and a length."""
    file.seek(4)
    file.seek(_ebml_length(file) or 0, 1)
    if file.read(4) != b"\x18\x53\x80\x67":
        return 0
    length = _ebml_length(file)
    return 0 if length is None else file.tell() + length


def _ebml_length(file: BinaryIO) -> int | None:
    """The leading zeros of the first byte are the bytes that follow; all ones: not known."""
    first = int.from_bytes(file.read(1), "big")
    if not first:
        return None
    more = 8 - first.bit_length()
    value = (first ^ 1 << 7 - more) << 8 * more | int.from_bytes(file.read(more), "big")
    return None if value == (1 << 7 * (more + 1)) - 1 else value
