"""Opens a stream of the network: pictures over HTTP, or a video through a decoder."""

import threading

from ..errors import CameraError
from .address import Address
from .http.opening import ask
from .http.pictures import HttpPictures
from .opencv_source import open_video_stream
from .source import Source, Trust, Wanted


def open_stream(address: Address, wanted: Wanted, trust: Trust, stop: threading.Event) -> Source:
    """A stream of the network.

    Args:
        address: Of kind "stream".
        wanted: How often a snapshot is asked for.
        trust: What of the network the user trusts.
        stop: Ends all waiting when it is set.

    Raises:
        CameraError: It cannot be opened, and why.
    """
    try:
        if address.place.startswith(("http:", "https:")):
            answer = ask(address, trust, stop)
            if answer.kind == "pictures":
                return HttpPictures(answer, address.name, wanted.fps, stop)
            answer.client.close()
        return open_video_stream(address)
    except CameraError as error:
        raise CameraError(f"{address.name} cannot be opened: {error}") from error
