"""The Pi's CSI cameras through picamera2, which comes from the Pi's own package archive."""

import time
from concurrent.futures import TimeoutError as FutureTimeout  # in 3.10 a class of its own
from typing import Any

import numpy as np

from ..errors import CameraError, FrameError
from .source import NotInstalledError, Wanted

TIMEOUT_S = 3.0
INSTALL = (
    "for a CSI camera, sudo apt install python3-picamera2 and make the environment with "
    "--system-site-packages"
)


class PicameraSource:
    """An open CSI camera; attributes and methods as of `Source`."""

    def __init__(self, number: int, wanted: Wanted) -> None:
        """Starts the camera.

        Raises:
            CameraError: picamera2 is missing or does not work, or there is no such camera.
        """
        self.name, self.fps = f"picamera2:{number}", wanted.fps
        self._request: Any = None
        kind = _picamera2()
        try:
            self._camera = kind(number)
        except (RuntimeError, IndexError, OSError) as error:
            raise CameraError(
                f"{self.name} cannot be opened ({str(error) or 'no such camera'}): is the cable "
                "in, and does no other program use the camera?"
            ) from error
        try:
            controls = {"FrameRate": wanted.fps} if wanted.fps else {}
            # libcamera's "RGB888" is B, G, R in memory. Without a queue a request is answered
            # with a frame taken after it.
            main = {"size": (wanted.width, wanted.height), "format": "RGB888"}
            self._camera.configure(
                self._camera.create_video_configuration(main=main, controls=controls, queue=False)
            )
            self._camera.start()
        except (RuntimeError, ValueError, OSError) as error:
            self._camera.close()
            raise CameraError(f"{self.name} does not start ({error})") from error

    def grab(self) -> float:
        """Waits for the next frame; as of `Source`."""
        self._release()
        try:
            self._request = self._camera.capture_request(wait=False).get_result(timeout=TIMEOUT_S)
        except FutureTimeout:
            raise CameraError(f"gives no frame for {TIMEOUT_S:.0f} s") from None
        except (RuntimeError, OSError) as error:
            raise CameraError(f"gives no more frames ({error})") from error
        return time.monotonic()

    def retrieve(self) -> np.ndarray:
        """Copies the frame grabbed last; as of `Source`."""
        try:
            return np.array(self._request.make_array("main"))
        except (RuntimeError, ValueError) as error:
            raise FrameError(f"gives frames that cannot be read ({error})") from error

    def close(self) -> None:
        """Releases the camera."""
        self._release()
        self._camera.close()

    def _release(self) -> None:
        if self._request is not None:
            self._request.release()
            self._request = None


def _picamera2() -> Any:
    """The class Picamera2, imported only when it is asked for."""
    try:
        from picamera2 import Picamera2
    except ImportError as error:
        is_missing = isinstance(error, ModuleNotFoundError) and error.name == "picamera2"
        kind = NotInstalledError if is_missing else CameraError
        raise kind(f"picamera2 cannot be imported ({error}): {INSTALL}") from error
    except (ValueError, RuntimeError, AttributeError) as error:
        # numpy.dtype size changed: built for numpy 1
        raise CameraError(
            f"picamera2 does not run with this environment's numpy ({error}): pip install "
            "'numpy<2' 'opencv-python-headless==4.11.0.86', or use rpicam-vid as the source"
        ) from error
    return Picamera2
