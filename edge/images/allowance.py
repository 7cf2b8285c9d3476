"""What one picture may take of this machine."""

from dataclasses import dataclass

from ..errors import ImageError
from ..machine.memory import picture_bytes
from ..machine.opencv import MAX_PIXELS

# Pixels times scans of a JPEG: 10 s on a Cortex-A53, and no camera's comes near. Ten scans are
# what encoders make.
MAX_SCANNED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one picture may take.

    Attributes:
        most_bytes: Of memory, while it is decoded.
    """

    most_bytes: int

    @classmethod
    def of_this_machine(cls) -> "Allowance":
        """More than half of its memory, 300 MB of 512."""
        return cls(picture_bytes())

    def check(self, size_wh: tuple[int, int], pixel_bytes: int, scans: int = 1) -> None:
        """Refuses what is too large, before it is decoded.

        Args:
            size_wh: (width, height) in pixels.
            pixel_bytes: What decoding takes of memory for each.
            scans: How often it goes over all of them.

        Raises:
            ImageError: It is, with the reason.
        """
        pixels, size = size_wh[0] * size_wh[1], f"{size_wh[0]}x{size_wh[1]} pixels"
        if pixels > MAX_PIXELS:
            raise ImageError(f"{size}, more than the cap of {MAX_PIXELS // 1_000_000} million")
        if pixels * pixel_bytes > self.most_bytes:
            needed, most = pixels * pixel_bytes // 1_000_000, self.most_bytes // 1_000_000
            raise ImageError(
                f"{size} take {needed} MB to decode, more than the {most} MB that a picture may "
                "take here: make it smaller"
            )
        if scans > 1 and pixels * scans > MAX_SCANNED:
            raise ImageError(f"{size} in {scans} scans take too long to decode: save it again")
