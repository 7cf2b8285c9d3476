"""What one picture may take of this machine."""

from dataclasses import dataclass

from ..errors import ImageError
from ..machine.memory import picture_bytes
from ..machine.opencv import MAX_PIXELS

# Encoders make ten or so. With more, pixels times scans of a JPEG are capped: 200 million take 2 s
# on a PC, and 10 s on a Cortex-A53.
USUAL_SCANS, MAX_SCANNED = 20, 200_000_000


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

    def check(
        self, size_wh: tuple[int, int], pixel_bytes: int, file_bytes: int, scans: int = 1
    ) -> None:
        """Refuses what is too large, before it is decoded.

        Args:
            size_wh: (width, height) in pixels.
            pixel_bytes: What decoding takes of memory for each.
            file_bytes: The size of the file, which is in memory too.
            scans: How often it goes over all pixels.

        Raises:
            ImageError: It is, with the reason.
        """
        pixels, size = size_wh[0] * size_wh[1], f"{size_wh[0]}x{size_wh[1]} pixels"
        if pixels > MAX_PIXELS:
            raise ImageError(f"{size}, more than the cap of {MAX_PIXELS // 1_000_000} million")
        needed = pixels * pixel_bytes + 2 * file_bytes
        if needed > self.most_bytes:
            raise ImageError(
                f"{size} take {needed // 1_000_000} MB to decode, more than the "
                f"{self.most_bytes // 1_000_000} MB that a picture may take here: make it smaller"
            )
        if scans > USUAL_SCANS and pixels * scans > MAX_SCANNED:
            raise ImageError(f"{size} in {scans} scans take too long to decode: save it again")
