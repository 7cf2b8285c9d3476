"""OpenCV's image decoder, spared the files that crash it, its errors in our words."""

import io
import struct

import numpy as np

from ..errors import ImageError
from ..machine.opencv import MAX_PIXELS, cv2
from ..machine.quiet import quiet_stderr

_TINY_GIF = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")


def decode(data: bytes, form: str) -> np.ndarray:
    """The pixels as a file stores them; a TIFF's are already upright.

    Args:
        data: The content of an image file that `read_header` finds no damage in.
        form: Its `ImageHeader.format`.

    Returns:
        uint8 or uint16, writable: (height, width), gray, or (height, width, 3 or 4), BGR or BGRA.

    Raises:
        ImageError: With the reason alone.
    """
    try:
        with quiet_stderr:
            pixels = _imdecode(_still_png(data) if form == "png" else data)
            if pixels is None and form == "gif" and _imdecode(_TINY_GIF) is None:
                pixels = _first_frame(data)  # this OpenCV has no GIF decoder, as before 4.12
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in str(error):  # a size that the header did not give
            raise ImageError(
                f"more pixels than the cap of {MAX_PIXELS // 1_000_000} million"
            ) from error
        if error.code == cv2.Error.StsNoMem:
            raise ImageError("too large for this machine's memory") from error
        pixels = None
    if pixels is None:
        raise ImageError(f"damaged {form.upper()}")
    if pixels.dtype not in (np.uint8, np.uint16):
        kind = "floating-point" if pixels.dtype.kind == "f" else pixels.dtype
        raise ImageError(f"{kind} pixels are not supported")
    if pixels.ndim == 3 and pixels.shape[2] not in (3, 4):
        raise ImageError(f"{pixels.shape[2]} channels are not supported")
    if form == "bmp" and pixels.shape[2:] == (4,) and not pixels[..., 3].any():
        return cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR)  # the fourth byte was only padding
    return pixels


def _imdecode(data: bytes) -> np.ndarray | None:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def _still_png(png: bytes) -> bytes:
    """Only the chunks that make the picture; an animation's damage crashes OpenCV (issue 27744)."""
    chunks, at, kind = [png[:8]], 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", png, at)
        if kind[:1].isupper() or kind == b"tRNS":
            chunks.append(png[at : at + 12 + length])
        at += 12 + length
    return b"".join(chunks)


def _first_frame(gif: bytes) -> np.ndarray | None:
    """From FFmpeg, which paints what is transparent white (GIF_TRANSPARENT_COLOR in gifdec.c)."""
    # From memory: a name that is not UTF-8 crashes VideoCapture (4.11 and 5.0). It keeps no
    # reference to the stream, so the stream must outlive it.
    stream = io.BytesIO(gif)
    capture = cv2.VideoCapture(stream, cv2.CAP_FFMPEG, [])  # type: ignore[call-overload]
    try:
        return capture.read()[1]
    finally:
        capture.release()
