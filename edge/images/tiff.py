"""What decoding a TIFF takes by its tags: each of its strips or tiles is packed by itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import ImageError
from .allowance import Allowance
from .cost import COSTS, cost_of_scans
from .image_header import count_scans

# Tags of TIFF 6.0.
BITS, COMPRESSION, SAMPLES = 258, 259, 277
STRIPS, TILES = (273, 279), (324, 325)  # where each begins, and its bytes
TILE_SIZE = (322, 323)
JPEG = (6, 7)  # of COMPRESSION
LZMA = 34925  # it may ask for a dictionary of 4 GB

# Bytes that give no pixel, such as empty blocks of Deflate, the slowest that is known; strips may
# share them, so that a small file takes hours. Whole pictures have few: 1-bit ones, packed badly.
EMPTY_NS = 75
MOST_PACKED, SPARE_BYTES = 4, 1_000_000


def check_tiff(
    tags: Mapping[int, Any], size_wh: tuple[int, int], data: bytes, allowance: Allowance
) -> None:
    """Refuses what takes too much, before it is decoded.

    Args:
        tags: The values of the first picture's tags, each a number or a tuple of them.
        size_wh: (width, height) in pixels.
        data: The content of the file.
        allowance: What it may take.

    Raises:
        ImageError: With the reason alone.
    """
    compression = tags.get(COMPRESSION, 1)
    if compression == LZMA:
        raise ImageError("not supported: a TIFF of this kind (LZMA): convert it to PNG or JPEG")
    is_tiled = TILES[0] in tags
    places, counts = (_numbers(tags, tag) for tag in (TILES if is_tiled else STRIPS))
    if not counts and compression != 1:  # libtiff takes each to go on to the end of the file
        counts = (len(data),) * len(places)
    pixel_bits = tags.get(SAMPLES, 1) * max(_numbers(tags, BITS) or (1,))
    tile_bytes = tags[TILE_SIZE[0]] * tags[TILE_SIZE[1]] * pixel_bits // 8 if is_tiled else 0
    raw_bytes = max(size_wh[0] * size_wh[1] * pixel_bits // 8, tile_bytes * len(counts))
    # Some writers leave counts out or say the most; what is not packed is read by its pixels alone.
    packed_bytes = 0 if compression == 1 else sum(min(count, len(data)) for count in counts)
    empty_bytes = max(0, packed_bytes - MOST_PACKED * raw_bytes - SPARE_BYTES)
    cost = replace(COSTS["tiff"], fixed_bytes=tile_bytes, fixed_ns=EMPTY_NS * empty_bytes)
    allowance.check(size_wh, cost, len(data))
    if compression in JPEG:
        parts = {*zip(places, counts, strict=True)}
        scans = max(count_scans(data[at : at + size]) for at, size in parts)
        of_scans = cost_of_scans(scans)
        coefficients = 2 * tags.get(SAMPLES, 1) if scans > 1 else 0  # bytes a pixel
        cost = replace(
            cost,
            pixel_bytes=cost.pixel_bytes + coefficients,
            pixel_ns=of_scans.pixel_ns,
            byte_ns=of_scans.byte_ns,
        )
        allowance.check(size_wh, cost, len(data))


def _numbers(tags: Mapping[int, Any], tag: int) -> tuple[int, ...]:
    value = tags.get(tag, ())
    return value if isinstance(value, tuple) else (value,)
