"""The odd image files that tests read: what each must decode to, or why it must be refused."""

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image


class GoodForm(NamedTuple):
    """A file's content, its pixels (uint8 BGR), and what a lossy codec may miss them by."""

    content: bytes
    pixels: np.ndarray
    tolerance: int = 0


class BadForm(NamedTuple):
    """What makes a file that does not decode, from its path, and the reason it is refused for."""

    make: Callable[[Path], object]
    reason: str


def write_forms(directory: Path) -> dict[str, Path]:
    """Writes every form of GOOD and BAD under its name, and returns the paths by name."""
    for name, form in GOOD.items():
        (directory / name).write_bytes(form.content)
    for name, bad in BAD.items():
        bad.make(directory / name)
    return {name: directory / name for name in (*GOOD, *BAD)}


EXACT = {"lossless": True, "exact": True}  # options of WebP
FINE = {"quality": 95, "subsampling": 0}  # of JPEG


def upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """The picture as it is to be seen, from the EXIF orientation of the stored one."""
    turned = stored.swapaxes(0, 1) if orientation >= 5 else stored
    rows = -1 if orientation in (3, 4, 7, 8) else 1
    columns = -1 if orientation in (2, 3, 6, 7) else 1
    return turned[::rows, ::columns]


def _quadrants(values: list, dtype: type = np.uint8) -> np.ndarray:
    """32 rows of 64 pixels, in whole blocks of JPEG so that its four colours stay clean."""
    return np.array(values, dtype).reshape(2, 2, -1).repeat(16, 0).repeat(32, 1).squeeze()


RGB = _quadrants([(200, 20, 10), (10, 180, 30), (20, 40, 220), (240, 200, 60)])
BGR = RGB[..., ::-1]
GRAY = RGB[..., 0]
ALPHA = _quadrants([0, 128, 255, 77])
RGBA = np.dstack([RGB, ALPHA])


def _on_white(bgr: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    opacity = alpha[..., np.newaxis] / 255
    return np.rint(bgr * opacity + 255 * (1 - opacity)).astype(np.uint8)


def _gray(levels: np.ndarray) -> np.ndarray:
    return np.dstack([levels] * 3)


def _saved(pixels: np.ndarray, file_format: str, mode: str | None = None, **options) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    image.convert(mode or image.mode).save(buffer, file_format, **options)
    return buffer.getvalue()


def _exif(orientation: int, order: str = "<") -> bytes:
    tiff = {"<": b"II*\0", ">": b"MM\0*"}[order]
    entry = struct.pack(order + "IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    return b"Exif\0\0" + tiff + entry


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png_file(size_wh: tuple, depth: int, colour: int, data: bytes, *chunks: bytes) -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", *size_wh, depth, colour, 0, 0, 0))
    body = [header, *chunks, _chunk(b"IDAT", data), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def _png(samples: np.ndarray, colour: int, *chunks: bytes, depth: int = 8) -> bytes:
    """A PNG of 1, 8 or 16 bits and any colour type; Pillow does not write them all."""
    height, width = samples.shape[:2]
    rows = np.packbits(samples, axis=1) if depth == 1 else samples
    rows = rows.astype(">u2" if depth == 16 else np.uint8).reshape(height, -1)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    return _png_file((width, height), depth, colour, data, *chunks)


def _padded_bmp() -> bytes:
    """32 bits a pixel of which 8 are unused and zero."""
    pixels = np.dstack([BGR, np.zeros_like(ALPHA)])[::-1].tobytes()
    info = struct.pack("<IiiHHIIiiII", 40, 64, 32, 1, 32, 3, len(pixels), 0, 0, 0, 0)
    masks = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
    return struct.pack("<2sIII", b"BM", 66 + len(pixels), 0, 66) + info + masks + pixels


def _tiff_bomb() -> bytes:
    tiff = _saved(GRAY[:1, :1], "TIFF")
    for tag in (256, 257):  # ImageWidth, ImageLength
        at = tiff.index(struct.pack("<H", tag), 8)
        tiff = tiff[:at] + struct.pack("<HHII", tag, 4, 1, 30000) + tiff[at + 12 :]
    return tiff


def _good() -> Iterator[tuple]:
    """(name, content, pixels[, tolerance]) of each file that decodes."""
    flat, animated = _on_white(BGR, ALPHA), {"append_images": [Image.fromarray(255 - RGB)]}
    holes = np.where(GRAY == 200, 0, 255).astype(np.uint8)
    for kind in ("PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG"):
        options, miss = {"WEBP": (EXACT, 0), "JPEG": (FINE, 3)}.get(kind, ({}, 0))
        suffix = {"WEBP": "webp", "JPEG": "jpg"}.get(kind, kind[:3].lower())
        yield f"rgb.{suffix}", _saved(RGB, kind, **options), BGR, miss
        if kind not in ("BMP", "JPEG"):
            frames = _saved(RGB, kind, save_all=True, **animated, **options)
            yield f"animated.{suffix}", frames, BGR
        for orientation in range(1, 9) if kind not in ("BMP", "GIF") else ():
            content = _saved(RGB, kind, exif=_exif(orientation), **options)
            yield f"exif-{orientation}.{suffix}", content, upright(BGR, orientation), miss

    indices, palette = _quadrants([0, 1, 2, 3]), _chunk(b"PLTE", RGB[::16, ::32].tobytes())
    alphas = _chunk(b"tRNS", ALPHA[::16, ::32].tobytes())
    yield "palette.png", _png(indices, 3, palette), BGR
    yield "palette-alpha.png", _png(indices, 3, palette, alphas), flat
    yield "rgba.png", _saved(RGBA, "PNG"), flat
    key = _chunk(b"tRNS", struct.pack(">3H", 200, 20, 10))
    yield "rgb-one-clear.png", _png(RGB, 2, key), _on_white(BGR, holes)
    yield "gray.png", _png(GRAY, 0), _gray(GRAY)
    yield "gray-alpha.png", _png(RGBA[..., [0, 3]], 4), _on_white(_gray(GRAY), ALPHA)
    key = _chunk(b"tRNS", b"\0\xc8")
    yield "gray-one-clear.png", _png(GRAY, 0, key), _on_white(_gray(GRAY), holes)
    bits = _quadrants([0, 1, 1, 0])
    yield "1-bit.png", _png(bits, 0, depth=1), _gray(bits * 255)
    key = _chunk(b"tRNS", b"\0\0")
    yield "1-bit-one-clear.png", _png(bits, 0, key, depth=1), np.full_like(BGR, 255)
    levels = _quadrants([0, 51500, 65535, 130], np.uint16)  # cut off, not rounded: 201 and 0
    rounded = _gray(_quadrants([0, 200, 255, 1]))
    yield "16-bit-gray.png", _png(levels, 0, depth=16), rounded
    key = _chunk(b"tRNS", struct.pack(">H", 51500))
    cleared = _gray(_quadrants([0, 255, 255, 1]))
    yield "16-bit-gray-one-clear.png", _png(levels, 0, key, depth=16), cleared
    yield "16-bit-rgb.png", _png(RGB * np.uint16(257), 2, depth=16), BGR
    yield "16-bit-rgba.png", _png(RGBA * np.uint16(257), 6, depth=16), flat
    wide = np.arange(3 * 20000 * 3).reshape(3, 20000, 3).astype(np.uint8)
    yield "wide.png", _saved(wide, "PNG"), wide[..., ::-1]
    yield "1x1.png", _saved(RGB[:1, :1], "PNG"), BGR[:1, :1]
    profile = _chunk(b"iCCP", b"x\0\0" + zlib.compress(b"not a profile"))
    yield "bad-profile.png", _png(RGB, 2, profile), BGR  # libpng prints a warning
    yield "exif-bad-checksum.png", _png(RGB, 2, _chunk(b"eXIf", _exif(6))[:-4] + b"zero"), BGR
    yield "exif-rgba.png", _saved(RGBA, "PNG", exif=_exif(6)), upright(flat, 6)
    yield "png-named.jpg", _saved(RGB, "PNG"), BGR
    yield "a space, \u00e9 and \u540d.PNG", _saved(RGB, "PNG"), BGR

    yield "gray.jpg", _saved(GRAY, "JPEG", **FINE), _gray(GRAY), 3
    yield "cmyk.jpg", _saved(RGB, "JPEG", "CMYK", **FINE), BGR, 3
    yield "progressive.jpg", _saved(RGB, "JPEG", progressive=True, **FINE), BGR, 3
    yield "bytes-after-the-end.jpg", _saved(RGB, "JPEG", **FINE) + b"and more", BGR, 3
    yield "exif-big-endian.jpg", _saved(RGB, "JPEG", exif=_exif(6, ">"), **FINE), upright(BGR, 6), 3
    yield "exif-nonsense.jpg", _saved(RGB, "JPEG", exif=_exif(9), **FINE), BGR, 3
    yield "rgba.webp", _saved(RGBA, "WEBP", **EXACT), flat
    yield "exif-rgba.webp", _saved(RGBA, "WEBP", exif=_exif(8), **EXACT), upright(flat, 8)
    yield "lossy.webp", _saved(_gray(GRAY), "WEBP", quality=95), _gray(GRAY), 3
    yield "one-clear.gif", _saved(np.dstack([RGB, holes]), "GIF"), _on_white(BGR, holes)
    yield os.fsdecode(b"undecodable-\xff.gif"), _saved(RGB, "GIF"), BGR
    yield "padded.bmp", _padded_bmp(), BGR
    yield "rgba.tif", _saved(RGBA, "TIFF"), flat, 1  # stored multiplied by alpha: rounded twice
    yield "16-bit-gray.tif", _saved(levels, "TIFF"), rounded
    yield "cmyk.tif", _saved(RGB, "TIFF", "CMYK"), BGR
    yield "lzw.tif", _saved(RGB, "TIFF", compression="tiff_lzw"), BGR


def _bad() -> Iterator[tuple[str, Callable[[Path], object], str]]:
    """(name, what makes it, reason) of each file that does not decode."""

    def content(data: bytes) -> Callable[[Path], object]:
        return lambda path: path.write_bytes(data)

    def cut(name: str) -> Callable[[Path], object]:
        return content(GOOD[name].content[: len(GOOD[name].content) * 6 // 10])

    def bomb(path: Path) -> None:  # half a megabyte that decodes to 900
        path.write_bytes(_png_file((30000, 30000), 1, 0, zlib.compress(bytes(30000 * 3751), 1)))

    def huge(path: Path) -> None:
        path.touch()
        os.truncate(path, 300_000_000)  # sparse: takes no room

    def unreadable(path: Path) -> None:
        path.write_bytes(png)
        path.chmod(0)

    png, gif = GOOD["rgb.png"].content, GOOD["rgb.gif"].content
    yield "truncated.png", cut("rgb.png"), "truncated PNG"
    yield "truncated.jpg", cut("rgb.jpg"), "truncated JPEG"
    yield "truncated.webp", cut("rgb.webp"), "truncated WEBP"
    yield "truncated.gif", cut("rgb.gif"), "truncated GIF"
    yield "truncated.bmp", cut("rgb.bmp"), "truncated BMP"
    yield "truncated.tif", cut("rgb.tif"), "damaged TIFF"
    bad_checksum = png.replace(b"IDATx", b"IDATy")
    yield "bad-checksum.png", content(bad_checksum), "damaged PNG (bad checksum in IDAT)"
    yield "not-deflated.png", content(_png_file((9, 9), 8, 0, b"nonsense")), "damaged PNG"
    yield "nothing-inside.jpg", content(b"\xff\xd8\xff\xd9"), "damaged JPEG"
    yield "nothing-inside.webp", content(b"RIFF\4\0\0\0WEBP"), "damaged WEBP"
    yield "nothing-inside.gif", content(gif[:10] + b"\0\0\0;"), "damaged GIF"
    yield "empty.png", Path.touch, "empty file"
    yield "text.jpg", content(b"hello, I am a text"), "not an image (starts with 'hello, I am ')"
    yield "folder.png", Path.mkdir, "is a folder"
    yield "missing.png", lambda path: None, "no such file"
    nowhere = "broken symbolic link to nowhere.png"
    yield "broken-link.png", lambda path: path.symlink_to("nowhere.png"), nowhere
    yield "unreadable.png", unreadable, "no permission to read"
    yield "fifo.png", os.mkfifo, "not a regular file"
    yield "huge.png", huge, "300 MB on disk, more than the cap of 200 MB"
    yield "bomb.png", bomb, "30000x30000 pixels, more than the cap of 100 million"
    yield "bomb.tif", content(_tiff_bomb()), "30000x30000 pixels, more than the cap of 100 million"
    unsupported = "not supported: {} pixels: convert it to PNG or JPEG"
    floats, integers = _saved(GRAY.astype("f4"), "TIFF"), _saved(GRAY.astype("i4"), "TIFF")
    yield "float.tif", content(floats), unsupported.format("floating-point")
    yield "32-bit.tif", content(integers), unsupported.format("signed")


GOOD = {name: GoodForm(*form) for name, *form in _good()}
BAD = {name: BadForm(*form) for name, *form in _bad()}
