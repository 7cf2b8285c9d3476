"""What decoding a picture takes of a machine: memory and time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What decoding takes at most, measured.

    Attributes:
        pixel_bytes: Of memory (VmHWM), for each pixel. The file is there twice besides.
        pixel_ns: Of one core of an AMD EPYC, for each pixel; 0 where the memory is used up first.
        byte_ns: Of that core, for each byte of the file.
        fixed_bytes: Of memory, whatever the size.
        fixed_ns: Of that core, whatever the size.
    """

    pixel_bytes: int
    pixel_ns: int = 0
    byte_ns: int = 0
    fixed_bytes: int = 0
    fixed_ns: int = 0

    def memory_bytes(self, pixels: int, file_bytes: int) -> int:
        """Of a picture of so many pixels in a file of that size."""
        return pixels * self.pixel_bytes + 2 * file_bytes + self.fixed_bytes

    def core_ns(self, pixels: int, file_bytes: int) -> int:
        """Of the core of an AMD EPYC, in nanoseconds."""
        return pixels * self.pixel_ns + file_bytes * self.byte_ns + self.fixed_ns


# A JPEG of one scan is there twice, the second time for Python.
BASELINE = Cost(6, 5, 8)
COSTS = {
    "jpeg": BASELINE, "webp": Cost(10, 5, 45), "gif": Cost(12), "bmp": Cost(12),
    "tiff": Cost(12), "avif": Cost(17, 8, 75), "heic": Cost(17, 10, 110),
}  # fmt: skip


def cost_of_scans(scans: int) -> Cost:
    """Of a JPEG that goes over its pixels so often: all coefficients are kept, 2 bytes each."""
    return Cost(9, 4 + scans, 25)
