"""What the bytes of an image file say about it before anything is decoded."""

import contextlib
import re
import struct
import zlib
from dataclasses import dataclass
from struct import unpack_from

from .cost import BASELINE, COSTS, Cost, cost_of_scans


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """The container's own account of an image.

    Attributes:
        format: "png", "jpeg", "webp", "gif", "bmp", "tiff", "avif" or "heic"; None for any other
            bytes. Of the last five nothing else is told: their decoder knows.
        size_wh: (width, height) in pixels, as stored; None if it breaks off before.
        orientation: EXIF orientation, 1 to 8; 1 when there is none or it is nonsense.
        cost: What decoding takes.
        transparent_gray: The level that a gray PNG declares transparent (its tRNS chunk), as
            decoded: 0 to 255, or to 65535 in a 16-bit PNG; None when there is none.
        damage: Why the picture cannot be whole, as in "truncated PNG"; None when nothing shows.
        rarity: What may keep a whole JPEG from being decoded, as in "12-bit"; None of others.
    """

    format: str | None = None
    size_wh: tuple[int, int] | None = None
    orientation: int = 1
    cost: Cost = BASELINE
    transparent_gray: int | None = None
    damage: str | None = None
    rarity: str | None = None


def read_header(data: bytes) -> ImageHeader:
    """Returns what `data`, the content of a whole file, says about itself; never raises."""
    for name, magic, read in _FORMATS:
        if re.match(magic, data, re.DOTALL):
            try:
                return read(data)
            except (struct.error, IndexError):  # a length points past the end
                return ImageHeader(name, damage=f"truncated {name.upper()}")
    return ImageHeader()


def _read_jpeg(data: bytes) -> ImageHeader:
    size_wh, exif, at, rarity, is_progressive = None, b"", 2, None, False
    while marker := _JPEG_MARKER.search(data, at):
        at = marker.end()
        kind = data[at - 1]
        if kind in b"\xd9\xda":  # end of image, start of scan
            break
        (length,) = unpack_from(">H", data, at)
        if kind < 0xD0 and kind not in b"\xc4\xc8\xcc":  # SOF0 to SOF15, without DHT, JPG and DAC
            height, width = unpack_from(">HH", data, at + 3)
            size_wh = size_wh or (width, height)
            is_progressive |= kind in _PROGRESSIVE
            if kind not in _COMMON or data[at + 2] != 8:
                rarity = _RARE.get(kind, f"{data[at + 2]}-bit")
        elif kind == 0xE1 and not exif and data.startswith(b"Exif\0\0", at + 2):
            exif = data[at + 2 : at + length]
        at += length
    # From the scan on FF D9 can only be the end of the image: there FF is followed by 00.
    damage = "truncated JPEG" if data.rfind(b"\xff\xd9", at - 2) < 0 else None
    scans = count_scans(data, at - 2)
    cost = cost_of_scans(scans) if is_progressive or scans > 1 else BASELINE
    return ImageHeader("jpeg", size_wh, _orientation(exif), cost, damage=damage, rarity=rarity)


def count_scans(data: bytes, at: int = 0) -> int:
    """How many a JPEG has, to the end of the image; damage there is the decoder's to find.

    Args:
        data: The JPEG.
        at: Where to begin: at its start, or at its first scan.
    """
    scans = 0
    with contextlib.suppress(struct.error):  # it breaks off
        while (marker := _JPEG_MARKER.search(data, at)) and marker[1] != b"\xd9":
            scans += marker[1] == b"\xda"
            at = marker.end() + unpack_from(">H", data, marker.end())[0]
    return scans


def _read_png(data: bytes) -> ImageHeader:
    size_wh, transparent_gray, exif, at, kind, cost = None, None, b"", 8, b"", BASELINE
    while kind != b"IEND":
        length, kind = unpack_from(">I4s", data, at)
        body, end = at + 8, at + 8 + length
        (checksum,) = unpack_from(">I", data, end)
        is_whole = zlib.crc32(memoryview(data)[at + 4 : end]) == checksum
        # A chunk with a capital first letter is critical: no picture without it.
        if not is_whole and (kind[:1].isupper() or kind == b"tRNS"):
            damage = f"damaged PNG (bad checksum in {repr(kind)[2:-1]})"
            return ImageHeader("png", size_wh, damage=damage)
        if kind == b"IHDR":
            size_wh = unpack_from(">II", data, body)
            samples = {0: 1, 4: 4, 6: 4}.get(data[25], 3)
            pixel_bytes = {1: 5, 3: 7, 4: 10}[samples]
            if data[24] == 16:
                pixel_bytes += -(-3 * samples // 2)
            cost = Cost(pixel_bytes)
        elif kind == b"tRNS" and data[25] == 0:  # bytes 24 and 25: bit depth and colour type
            (level,) = unpack_from(">H", data, body)
            transparent_gray = level * {1: 255, 2: 85, 4: 17}.get(data[24], 1)  # as if of 8 bits
        elif kind == b"eXIf" and is_whole:
            exif = data[body:end]
        at = end + 4
    return ImageHeader("png", size_wh, _orientation(exif), cost, transparent_gray)


def _read_webp(data: bytes) -> ImageHeader:
    size_wh, exif, at = None, b"", 12
    end = 8 + unpack_from("<I", data, 4)[0]
    while at + 8 <= end:
        kind, length = unpack_from("<4sI", data, at)
        body = at + 8
        if kind == b"VP8X":  # comes first where there is one, and has the size of the canvas
            bits = int.from_bytes(data[body + 4 : body + 10], "little")
            size_wh = (1 + (bits & 0xFFFFFF), 1 + (bits >> 24))
        elif kind == b"VP8 " and not size_wh:
            width, height = unpack_from("<HH", data, body + 6)
            size_wh = (width & 0x3FFF, height & 0x3FFF)
        elif kind == b"VP8L" and not size_wh:
            (bits,) = unpack_from("<I", data, body + 1)
            size_wh = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        elif kind == b"EXIF":
            exif = data[body : body + length]
        at = body + length + (length & 1)
    damage = "truncated WEBP" if max(at, end) > len(data) else None
    return ImageHeader("webp", size_wh, _orientation(exif), COSTS["webp"], damage=damage)


def _orientation(exif: bytes) -> int:
    """From EXIF, which is TIFF data: a byte order, then the offset of a directory of tags."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order:
        with contextlib.suppress(struct.error):  # it breaks off
            (start,) = unpack_from(order + "I", tiff, 4)
            (count,) = unpack_from(order + "H", tiff, start)
            for at in range(start + 2, start + 2 + 12 * count, 12):
                tag, kind = unpack_from(order + "HH", tiff, at)
                if tag == 0x0112 and kind in _INTEGERS:
                    (value,) = unpack_from(order + _INTEGERS[kind], tiff, at + 8)
                    return value if 1 <= value <= 8 else 1
    return 1


# TIFF 6.0, section 2: BYTE, SHORT, LONG, SBYTE, SSHORT and SLONG. SHORT is what EXIF asks for;
# programs write the others too.
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}
# SOF0, 1 and 2: what cameras and programs write. Others are not in every decoder (T.81, table B.1).
_COMMON = b"\xc0\xc1\xc2"
_RARE = {
    0xC3: "lossless", 0xC5: "hierarchical", 0xC6: "hierarchical", 0xC7: "lossless",
    0xC9: "arithmetic", 0xCA: "arithmetic", 0xCB: "lossless", 0xCD: "hierarchical",
    0xCE: "hierarchical", 0xCF: "lossless",
}  # fmt: skip
# SOF2, 6, 10 and 14: progressive.
_PROGRESSIVE = b"\xc2\xc6\xca\xce"
_JPEG_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_FORMATS = [
    ("jpeg", rb"\xff\xd8\xff", _read_jpeg),
    ("png", rb"\x89PNG\r\n\x1a\n", _read_png),
    ("webp", rb"RIFF.{4}WEBP", _read_webp),
    ("gif", rb"GIF8[79]a", lambda data: ImageHeader("gif")),
    # "BM" alone begins too many texts; the size of the header that follows is one of eight.
    ("bmp", rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", lambda data: ImageHeader("bmp")),
    ("tiff", rb"II[*+]\0|MM\0[*+]", lambda data: ImageHeader("tiff")),
    (
        "avif",
        rb".{4}ftyp(?:avi[fs]|m[is]f1.{4}(?:.{4}){0,8}?avi[fs])",
        lambda data: ImageHeader("avif"),
    ),
    ("heic", rb".{4}ftyp(?:hei[cmsx]|hev[cmx]|mif1|msf1)", lambda data: ImageHeader("heic")),
]
