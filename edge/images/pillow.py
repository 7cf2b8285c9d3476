"""Pillow's decoder of GIF, BMP, TIFF, AVIF and HEIC, which OpenCV reads wrongly or not at all."""

import importlib
import io
import threading
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ImageError, one_line
from ..machine.opencv import cv2
from ..machine.pip import pip_command
from ..machine.quiet import quiet_stderr
from .allowance import Allowance
from .cost import COSTS
from .decode import of_8_bits
from .tiff import check_tiff

if TYPE_CHECKING:
    from PIL.Image import Image

# The module and class of each reader: a file is given to none but its own.
READERS = {
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "heic": ("pillow_heif", "HeifImageFile"),
}
# What readers say of files that may be whole, of kinds that they do not know.
UNKNOWN = (
    "unknown", "unsupported", "not supported", "not available", "not configured", "unrecognized",
)  # fmt: skip
_alone = threading.Lock()  # `catch_warnings` is for one thread at a time


def decode(data: bytes, form: str, allowance: Allowance) -> np.ndarray:
    """The first frame, upright.

    Args:
        data: The content of a file.
        form: Of READERS.
        allowance: What it may take.

    Returns:
        uint8, writable: (height, width, 3 or 4), BGR or BGRA.

    Raises:
        ImageError: With the reason alone.
    """
    open_file = _reader(form)

    def read() -> np.ndarray | Exception:
        try:
            with open_file(io.BytesIO(data)) as image:
                if form == "tiff":
                    check_tiff(image.tag_v2, image.size, data, allowance)
                else:
                    allowance.check(image.size, COSTS[form], len(data))
                box = image.tile[0][1] if form == "gif" else None
                image.load()
                pixels = _pixels(_upright(image))
                return _with_white_around(pixels, box) if box else pixels
        except Exception as error:  # of damaged files the readers raise errors of any kind
            return error

    with _alone, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result, is_unknown = quiet_stderr.listen(read, _says_unknown)
    if isinstance(result, np.ndarray):
        return result
    if isinstance(result, ImageError):
        raise result
    if isinstance(result, MemoryError):
        raise ImageError("too large for this machine's memory") from result
    raise ImageError(_reason(result, is_unknown, form)) from result


def _reader(form: str) -> Any:
    module, name = READERS[form]
    try:
        imported: Any = importlib.import_module(module)
        reader = getattr(imported, name)
        if form == "tiff":  # its own reader of what is not compressed mixes up 16-bit planes
            imported.READ_LIBTIFF = True
        if form == "heic":  # else it keeps the file's thumbnails, and starts threads
            options = importlib.import_module("pillow_heif").options
            options.THUMBNAILS, options.DECODE_THREADS = False, 1
        if form == "avif":
            importlib.import_module("PIL._avif")
    except ImportError as error:
        how = f"convert it to JPEG, or {pip_command('pillow-heif' if form == 'heic' else 'pillow')}"
        raise ImageError(f"{form.upper()} is not read here: {how}") from error
    return reader


def _upright(image: "Image") -> "Image":
    from PIL import ImageOps

    if image.getexif().get(274, 1) == 1:  # Orientation; a TIFF has been turned already
        return image
    return ImageOps.exif_transpose(image)


def _pixels(image: "Image") -> np.ndarray:
    """Any of Pillow's modes as BGR or BGRA."""
    _check_samples(image)
    if image.mode.startswith("I;16"):
        return cv2.cvtColor(_gray(image), cv2.COLOR_GRAY2BGR)
    if image.mode == "LAB":
        image = _from_lab(image)
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        bgra = cv2.cvtColor(np.asarray(image.convert("RGBA")), cv2.COLOR_RGBA2BGRA)
        # A BMP without opacity has only padding there.
        return bgra if bgra[..., 3].any() else bgra[..., :3].copy()
    return cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)


def _with_white_around(pixels: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """A GIF's canvas where the first frame does not reach; browsers show their own ground there."""
    left, top, right, bottom = box
    pixels[:top], pixels[bottom:], pixels[:, :left], pixels[:, right:] = 255, 255, 255, 255
    return pixels


def _check_samples(image: "Image") -> None:
    """Refuses numbers without a white: signed and floating-point ones, and those of 32 bits."""
    kinds = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
    kind = next((kinds[sample] for sample in _tag(image, 339, (1,)) if sample in kinds), None)
    if image.mode in ("I", "F"):
        kind = kind or "32-bit"
    if kind:
        raise ImageError(f"not supported: {kind} pixels: convert it to PNG or JPEG")


def _tag(image: "Image", number: int, default: tuple[int, ...]) -> tuple[int, ...]:
    """Of a TIFF; the default where it has none, or is none."""
    value = getattr(image, "tag_v2", {}).get(number, default)
    return value if isinstance(value, tuple) else (value,)


def _gray(image: "Image") -> np.ndarray:
    """Gray of 9 to 16 bits; the largest number is white, and the nearest of 256 levels is taken."""
    most = (1 << min(_tag(image, 258, (16,))[0], 16)) - 1  # BitsPerSample
    scaled = of_8_bits(np.asarray(image), most)
    # PhotometricInterpretation: of 0, the lowest number is white. Pillow minds it up to 8 bits.
    return 255 - scaled if _tag(image, 262, (1,))[0] == 0 else scaled


def _from_lab(image: "Image") -> "Image":
    from PIL import ImageCms

    profiles = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.applyTransform(
        image, ImageCms.buildTransform(*profiles, inMode="LAB", outMode="RGB")
    )
    assert converted
    return converted


def _says_unknown(said: str) -> bool:
    return any(word in said.lower() for word in UNKNOWN)


def _reason(error: Exception, is_unknown: bool, form: str) -> str:
    text, name = one_line(error), form.upper()
    if isinstance(error.__cause__, KeyError):  # of the table of compressions
        text = f"unknown compression {text}"
    is_pythons = isinstance(error.__cause__ or error, TypeError)  # its words are Python's own
    if is_unknown or (_says_unknown(text) and not is_pythons):
        return f"not supported: a {name} of this kind ({text}): convert it to PNG or JPEG"
    return f"truncated {name}" if "truncated" in text else f"damaged {name}"
