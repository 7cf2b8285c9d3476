"""Opens what the user asked for; with "auto", the first camera that works."""

import threading
from collections.abc import Callable
from functools import partial

from ..errors import CameraError
from .address import Address
from .opencv_source import open_device
from .picamera import PicameraSource
from .rpicam import RpicamSource
from .source import NotInstalledError, Source, Trust, Wanted
from .v4l2 import webcams


def opener(
    address: Address, wanted: Wanted, trust: Trust = Trust(), stop: threading.Event | None = None
) -> Callable[[], Source]:
    """What opens a camera or stream, as often as need be."""
    if address.kind == "device":
        return partial(open_device, address, wanted)
    if address.kind == "stream":
        from .network import open_stream  # 4 MB of HTTP and TLS, which other cameras do without

        return partial(open_stream, address, wanted, trust, stop or threading.Event())
    if address.kind == "picamera2":
        return partial(PicameraSource, int(address.place), wanted)
    if address.kind == "rpicam-vid":
        return partial(RpicamSource, int(address.place), wanted)
    if address.kind == "auto":
        return partial(open_first, wanted)
    raise ValueError(f"{address.kind!r} is no kind of camera or stream")


def open_first(wanted: Wanted) -> Source:
    """The first camera that can be opened: of the system, then the Pi's CSI camera.

    Raises:
        CameraError: There is none; with all that was tried and what to do.
    """
    devices = [device.stable_path or device.path for device in webcams()]
    attempts: list[Callable[[], Source]] = [
        partial(open_device, Address("device", path, path), wanted) for path in devices
    ]
    attempts += [partial(PicameraSource, 0, wanted), partial(RpicamSource, 0, wanted)]
    failures = [] if devices else ["none at /dev/video*"]
    for attempt in attempts:
        try:
            return attempt()
        except NotInstalledError:
            continue
        except CameraError as error:
            failures.append(str(error))
    raise CameraError(
        f"no camera found: {'; '.join(failures)}. Plug one in, or name a video or address; a Pi's "
        "CSI camera needs picamera2 or rpicam-apps ('doctor' says more)"
    )
