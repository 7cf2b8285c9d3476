"""What a stream may ask of this machine."""

from ..errors import FrameError

# A picture every few seconds is a slow camera, not a fault; and video may begin in the middle of
# 10 s that hang on one key frame.
SILENT_S = 12.0
# 4096x4096: 50 MB decoded, of which three may be held at once; 4K video has half of it.
MAX_FRAME_PIXELS = 1 << 24


def check_size(width: int, height: int) -> None:
    """Refuses a frame before memory is spent on it.

    Raises:
        FrameError: It is larger than MAX_FRAME_PIXELS.
    """
    if width * height > MAX_FRAME_PIXELS:
        most = f"{MAX_FRAME_PIXELS / 1e6:.0f} million"
        raise FrameError(
            f"gives pictures of {width}x{height}, more than {most} pixels: set a smaller size in "
            "the camera"
        )
