"""OpenCV's decoder of JPEG, PNG and WebP, spared what crashes it; its errors in our words."""

import struct

import numpy as np

from ..errors import ImageError
from ..machine.opencv import MAX_PIXELS, cv2
from ..machine.quiet import quiet_stderr
from .image_header import ImageHeader


def decode(data: bytes, header: ImageHeader) -> np.ndarray:
    """The pixels as a file stores them, of 8 bits.

    Args:
        data: The content of a JPEG, PNG or WebP.
        header: What `read_header` says of it; without damage.

    Returns:
        uint8, writable: (height, width), gray, or (height, width, 3 or 4), BGR or BGRA.

    Raises:
        ImageError: With the reason alone.
    """
    name = str(header.format).upper()
    still = _still_png(data) if header.format == "png" else data
    try:
        pixels, is_damaged = quiet_stderr.listen(lambda: _imdecode(still), _is_damage)
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in str(error):  # a size that the header did not give
            raise ImageError(
                f"more pixels than the cap of {MAX_PIXELS // 1_000_000} million"
            ) from error
        if error.code == cv2.Error.StsNoMem:
            raise ImageError("too large for this machine's memory") from error
        pixels, is_damaged = None, True
    if pixels is None and header.rarity:
        raise ImageError(f"not supported: a JPEG of this kind ({header.rarity}): convert it")
    if pixels is None or is_damaged:
        raise ImageError(f"damaged {name}")
    if pixels.ndim == 2 and header.transparent_gray is not None:
        pixels[pixels == header.transparent_gray] = np.iinfo(pixels.dtype).max
    return of_8_bits(pixels) if pixels.dtype == np.uint16 else pixels


def _imdecode(data: bytes) -> np.ndarray | None:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def _is_damage(said: str) -> bool:
    """Whether libjpeg warned of pixels that it had to make up (jerror.h): gray rows, mostly.

    Bytes that nobody needs before a marker are none; many cameras leave some there.
    """
    return "Premature end of JPEG" in said or (
        "Corrupt JPEG data" in said and "extraneous bytes" not in said
    )


def of_8_bits(pixels: np.ndarray, most: int = 65535) -> np.ndarray:
    """Each level, of which `most` is white, to the nearest of 256: uint8, of the same shape."""
    scaled = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), 64):  # bands, for the memory that wider numbers take
        band = pixels[top : top + 64].astype(np.uint32)
        scaled[top : top + 64] = ((band * 510 + most) // (2 * most)).clip(0, 255)
    return scaled


def _still_png(png: bytes) -> bytes:
    """Only the chunks that make the picture; an animation's damage crashes OpenCV (issue 27744)."""
    if not any(kind in png for kind in (b"acTL", b"fcTL", b"fdAT")):
        return png
    chunks, at, kind = [png[:8]], 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", png, at)
        if kind[:1].isupper() or kind == b"tRNS":
            chunks.append(png[at : at + 12 + length])
        at += 12 + length
    return b"".join(chunks)
