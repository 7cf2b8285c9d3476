"""What one picture may take of this machine."""

from dataclasses import dataclass

from ..errors import ImageError
from ..machine.memory import picture_bytes
from ..machine.opencv import MAX_PIXELS
from .cost import Cost

# A small board (Cortex-A53) is taken to be this many times as slow as the core that costs are
# measured on. Of 512 MB a picture may take 300, and 10 s there: the time goes with the memory.
SMALL_BOARD = 12
NS_A_BYTE = 10e9 / SMALL_BOARD / 300e6


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one picture may take.

    Attributes:
        most_bytes: Of memory, while it is decoded; its time is in proportion.
    """

    most_bytes: int

    @classmethod
    def of_this_machine(cls) -> "Allowance":
        """More than half of its memory, 300 MB of 512."""
        return cls(picture_bytes())

    def check(self, size_wh: tuple[int, int], cost: Cost, file_bytes: int) -> None:
        """Refuses what is too large, or takes too long, before it is decoded.

        Args:
            size_wh: (width, height) in pixels.
            cost: What decoding takes.
            file_bytes: The size of the file.

        Raises:
            ImageError: It is, with the reason.
        """
        pixels, size = size_wh[0] * size_wh[1], f"{size_wh[0]}x{size_wh[1]} pixels"
        if pixels > MAX_PIXELS:
            raise ImageError(f"{size}, more than the cap of {MAX_PIXELS // 1_000_000} million")
        needed = cost.memory_bytes(pixels, file_bytes)
        if needed > self.most_bytes:
            raise ImageError(
                f"{size} take {needed // 1_000_000} MB to decode, more than the "
                f"{self.most_bytes // 1_000_000} MB that a picture may take here: make it smaller"
            )
        needed_s, most_s = (
            ns * SMALL_BOARD / 1e9
            for ns in (cost.core_ns(pixels, file_bytes), self.most_bytes * NS_A_BYTE)
        )
        if needed_s > most_s:
            raise ImageError(
                f"{size}, as they are packed here, take {needed_s:.0f} s of a small board to "
                f"decode, more than the {most_s:.0f} s that a picture may take here: save it again"
            )
