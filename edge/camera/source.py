"""The interface of every source of frames: grab a frame, decode it if it is wanted, close."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..errors import CameraError


@dataclass(frozen=True, slots=True)
class Wanted:
    """The picture requested from a camera, which may deliver another.

    Attributes:
        width: In pixels.
        height: In pixels.
        fps: Frames per second; None leaves it to the camera.
    """

    width: int = 640
    height: int = 480
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """What of the network the user trusts.

    Attributes:
        insecure: Whether a certificate that cannot be verified is no reason to refuse.
        other_hosts: Whether a redirect or playlist may lead to other hosts than the one named.
    """

    insecure: bool = False
    other_hosts: bool = False


class NotInstalledError(CameraError):
    """What reads a kind of camera is not installed here; with what to do."""


class Source(Protocol):
    """An open camera or stream; used by one thread.

    Grabbing and decoding are apart, so that a frame which nobody has time for need not be decoded.

    Attributes:
        name: What the user knows it by.
        fps: Frames per second by its own account; None where it does not say.
    """

    name: str
    fps: float | None

    def grab(self) -> float:
        """Waits for the next frame.

        Returns:
            When it was taken, on the clock of `time.monotonic`, in seconds.

        Raises:
            CameraError: No further frame comes; the source has to be opened again.
        """

    def retrieve(self) -> np.ndarray:
        """Decodes the frame grabbed last.

        Returns:
            uint8 (height, width, 3), BGR; the caller's to keep.

        Raises:
            FrameError: This frame cannot be used; the next one may be.
        """

    def close(self) -> None:
        """Releases the device; may be called twice."""
