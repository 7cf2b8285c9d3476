"""BMP, GIF and TIFF files of every layout, byte by byte: what no encoder at hand writes."""

import struct
from collections.abc import Sequence

import numpy as np

# 23 rows of 37 pixels, so that rows need padding; three colours, RGB, and which is where.
COLOURS = [(200, 60, 30), (20, 180, 40), (30, 40, 220)]
INDEX = np.zeros((23, 37), np.uint8)
INDEX[11:, :18], INDEX[11:, 18:] = 1, 2
RGB = np.array(COLOURS, np.uint8)[INDEX]
BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
MASKS_565 = (0xF800, 0x07E0, 0x001F)


def bmp(header: int, bits: int, *, runs: bool = False, masks: Sequence[int] = ()) -> bytes:
    """A BMP of RGB.

    Args:
        header: Its size in bytes, of BMP_HEADERS; 12 and 64 are OS/2's.
        bits: A pixel; 1 for only the first two colours.
        runs: Whether it is run-length encoded (8 and 4 bits).
        masks: Of red, green and blue (16 and 32 bits).
    """
    height, width = INDEX.shape
    rows = [_runs(row, bits) if runs else _packed(y, bits, masks) for y, row in enumerate(INDEX)]
    data = b"".join(reversed(rows)) + (b"\0\1" if runs else b"")
    compression = {8: 1, 4: 2}[bits] if runs else 3 if masks else 0
    count = 1 << bits if bits <= 8 else 0
    padding = b"" if header == 12 else b"\0"
    palette = b"".join(bytes(colour[::-1]) + padding for colour in COLOURS[:count])
    palette = palette.ljust(count * (3 + len(padding)), b"\0")
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(data),
                           0, 0, count, 0)  # fmt: skip
        fields = struct.pack(f"<{len(masks)}I", *masks)
        info += fields.ljust(header - 40, b"\0")  # behind a header of 40 bytes, or within
    start = 14 + len(info) + len(palette)
    return struct.pack("<2sIII", b"BM", start + len(data), 0, start) + info + palette + data


def _packed(y: int, bits: int, masks: Sequence[int]) -> bytes:
    row = RGB[y, :, ::-1]
    if bits <= 8:
        values = INDEX[y] if bits > 1 else np.minimum(INDEX[y], 1)
        digits = np.unpackbits(values[:, np.newaxis], axis=1)[:, 8 - bits :]
        packed = np.packbits(digits.ravel()).tobytes()
    elif masks:
        value = np.zeros(len(row), np.uint32)
        for mask, levels in zip(masks, RGB[y].T, strict=True):
            lowest = (mask & -mask).bit_length() - 1
            scaled = np.rint(levels * ((mask >> lowest) / 255))
            value |= scaled.astype(np.uint32) << np.uint32(lowest)
        packed = value.astype(f"<u{bits // 8}").tobytes()
    else:
        packed = np.pad(row, ((0, 0), (0, bits // 8 - 3))).tobytes()
    return packed + bytes(-len(packed) % 4)


def _runs(row: np.ndarray, bits: int) -> bytes:
    """A stretch of pixels as they are, of an odd length, then runs; and the end of the line."""
    packed = np.packbits(np.unpackbits(row[:5, np.newaxis], axis=1)[:, 8 - bits :].ravel())
    encoded = bytes([0, 5]) + packed.tobytes() + bytes(len(packed) & 1)
    at = 5
    while at < len(row):
        length = next((n for n, v in enumerate(row[at:]) if v != row[at]), len(row) - at)
        encoded += bytes([length, int(row[at]) * (17 if bits == 4 else 1)])
        at += length
    return encoded + b"\0\0"


def gif(
    *, clear: Sequence[int | None] = (None,), application: bytes = b"", canvas_wh: Sequence = ()
) -> bytes:
    """A GIF of RGB, with a frame for each of `clear`.

    Args:
        clear: The colour that is transparent in each frame.
        application: Eleven bytes of a name, for a block of somebody's application.
        canvas_wh: (width, height), if not the frame's.
    """
    height, width = INDEX.shape
    palette = bytes(np.array([*COLOURS, (0, 0, 0)], np.uint8))
    file = b"GIF89a" + struct.pack("<HHBBB", *(canvas_wh or (width, height)), 0xF1, 0, 0) + palette
    if application:
        file += b"\x21\xff\x0b" + application + b"\3\1\0\0\0"
    for colour in clear:
        file += b"\x21\xf9\4" + struct.pack("<BHB", colour is not None, 10, colour or 0) + b"\0"
        file += b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2"
        # Codes of 3 bits: 4 clears the table before it can grow, 5 ends.
        codes = [code for pair in INDEX.reshape(-1)[:, np.newaxis] for code in (4, *pair)] + [5]
        digits = np.unpackbits(np.array(codes, np.uint8)[:, np.newaxis], axis=1, bitorder="little")[
            :, :3
        ]
        data = np.packbits(digits.ravel(), bitorder="little").tobytes()
        for at in range(0, len(data), 255):
            file += bytes([len(data[at : at + 255])]) + data[at : at + 255]
        file += b"\0"
    return file + b";"


def tiff(
    planes: np.ndarray, bits: int, *, order: str = "<", photometric: int = 2, planar: bool = False,
    tags: Sequence[tuple[int, int, int]] = (),
) -> bytes:  # fmt: skip
    """An uncompressed TIFF with a strip for all, or for each plane.

    Args:
        planes: uint8 or uint16 (height, width, samples).
        bits: A sample, 1 to 8 or 16.
        order: "<" or ">".
        photometric: 0 white is zero, 1 black is zero, 2 RGB.
        planar: Whether the samples are in planes of their own.
        tags: More of them: number, type, value.
    """
    height, width, samples = planes.shape
    parts = [planes[..., [i]] for i in range(samples)] if planar else [planes]
    strips = [_samples(part, bits, order) for part in parts]
    entries = {
        256: (4, width), 257: (4, height), 259: (3, 1), 262: (3, photometric), 277: (3, samples),
        278: (4, height), 284: (3, 2 if planar else 1), **{n: (k, v) for n, k, v in tags},
    }  # fmt: skip
    body, places = b"", []
    for strip in strips:
        places.append(8 + len(body))
        body += strip
    lists = {258: (3, [bits] * samples), 273: (4, places), 279: (4, [len(s) for s in strips])}
    for number, (kind, values) in lists.items():
        if len(values) == 1:
            entries[number] = (kind, values[0])
            continue
        entries[number] = (kind, -8 - len(body), len(values))  # type: ignore[assignment]
        body += struct.pack(f"{order}{len(values)}{'H' if kind == 3 else 'I'}", *values)
    body += bytes(len(body) & 1)
    directory = struct.pack(order + "H", len(entries))
    for number, (kind, value, *count) in sorted(entries.items()):
        directory += struct.pack(order + "HHI", number, kind, *(count or [1]))
        form = {1: "B3x", 3: "H2x", 4: "I", 8: "h2x", 9: "i"}[4 if count else kind]
        directory += struct.pack(order + form, -value if count else value)
    start = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return start + struct.pack(order + "I", 8 + len(body)) + body + directory + bytes(4)


def packed_tiff(
    part: bytes, count: int, size_wh: tuple[int, int], compression: int, *, tile: int = 0
) -> bytes:
    """A gray TIFF of 8 bits whose strips, or tiles, are all the same bytes of the file.

    Args:
        part: A strip or tile as it is packed.
        count: How many there are.
        size_wh: (width, height) of the picture, in pixels.
        compression: As of tag 259.
        tile: The side of a tile; 0 for strips of equal height.
    """
    places, counts = (324, 325) if tile else (273, 279)
    sizes = {322: tile, 323: tile} if tile else {278: -(-size_wh[1] // count)}
    entries = {
        256: size_wh[0], 257: size_wh[1], 258: 8, 259: compression, 262: 1, 277: 1, **sizes,
    }  # fmt: skip
    lists = struct.pack(f"<{2 * count}I", *[8] * count, *[len(part)] * count)
    at = 8 + len(part)
    entries |= {places: at, counts: at + 4 * count} if count > 1 else {places: 8, counts: len(part)}
    directory = struct.pack("<H", len(entries))
    for number, value in sorted(entries.items()):
        directory += struct.pack(
            "<HHII", number, 4, count if number in (places, counts) else 1, value
        )
    start = b"II*\0" + struct.pack("<I", at + len(lists))
    return start + part + lists + directory + bytes(4)


def _samples(part: np.ndarray, bits: int, order: str) -> bytes:
    if bits == 16:
        return part.astype(order + "u2").tobytes()
    digits = np.unpackbits(part[..., np.newaxis].astype(np.uint8), axis=-1)[..., 8 - bits :]
    return np.packbits(digits.reshape(len(part), -1), axis=1).tobytes()
