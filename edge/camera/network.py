"""Opens a stream of the network: pictures over HTTP, or a video through a decoder."""

import ssl
import threading
from pathlib import Path

from ..errors import CameraError, VideoError
from ..video.known import CONTAINERS
from ..video.reader import Video
from . import rtsp
from .address import Address
from .http.body import Body, Nested
from .http.opening import Answer, ask
from .http.pictures import HttpPictures
from .limits import MAX_FRAME_PIXELS, SILENT_S
from .source import Source, Trust, Wanted
from .video_stream import Reader, VideoStream, explained

# What FFmpeg may open for an address, by its protocols' names; what is of HTTP is opened for it.
PROTOCOLS = {
    "rtsp": "rtsp,tcp,udp,rtp", "rtsps": "rtsp,tcp,tls,udp,rtp,srtp",
    "rtmp": "rtmp,tcp", "rtmps": "rtmps,rtmp,tcp,tls", "tcp": "tcp", "udp": "udp",
}  # fmt: skip
# The frame rate is not measured before the first frame is given: RTSP begins after 0.1 s, not 1.7.
AT_ONCE = {"fpsprobesize": "0", "analyzeduration": "2000000"}  # microseconds
# Pauses after which an RTSP server that has just answered is asked again if it says 500: while
# GStreamer's puts away what it prepared for the first question, it fails at the next.
SETTLING_S = (0.1, 0.4, 1.0)
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"  # Debian's; where OpenSSL has only a folder


def open_stream(address: Address, wanted: Wanted, trust: Trust, stop: threading.Event) -> Source:
    """A stream of the network.

    Raises:
        CameraError: It cannot be opened, and why.
        RuntimeMissingError: It needs PyAV, which is missing.
    """
    scheme = address.place.partition(":")[0]
    try:
        if scheme not in ("http", "https"):
            return _open_directly(address, trust, stop)
        answer = ask(address, trust, stop)
        if answer.kind == "pictures":
            return HttpPictures(answer, address.name, wanted.fps, stop)
        return _open_body(address, answer, trust, stop)
    except CameraError as error:
        raise CameraError(f"{address.name} cannot be opened: {error}") from error


def _open_body(address: Address, answer: Answer, trust: Trust, stop: threading.Event) -> Source:
    """A video or playlist over HTTP, of which FFmpeg itself opens nothing."""
    body = Body(answer.client, answer.response, answer.began)
    nested = Nested(address.place, trust, stop)
    options = AT_ONCE | {"protocol_whitelist": "http,https"}
    form = None
    if answer.kind == "playlist":
        form = "hls"
        # From the newest segment on; without a connection that FFmpeg would hold itself.
        options |= {
            "live_start_index": "-1", "http_persistent": "0", "allowed_extensions": "ALL",
            "extension_picky": "0", "format_whitelist": ",".join((*CONTAINERS, "hls")),
        }  # fmt: skip
    try:
        with explained(nested, body):
            video = Video(
                body, form=form, options=options, io_open=nested, max_pixels=MAX_FRAME_PIXELS
            )
        return _stream(video, address, stop, nested, body, has_end=body.has_end and form is None)
    except BaseException:
        nested.close()
        body.close()
        raise


def _open_directly(address: Address, trust: Trust, stop: threading.Event) -> Source:
    """A stream whose protocol FFmpeg speaks."""
    place, form, options = address.place, None, dict(AT_ONCE)
    if place.startswith(("rtsp:", "rtsps:")):
        place = rtsp.resolved(place, trust, stop)
        form = "rtsp"
        options |= {"rtsp_flags": "prefer_tcp", "allowed_media_types": "video",
                    "format_whitelist": ",".join((*CONTAINERS, "rtsp"))}  # fmt: skip
    scheme = place.partition(":")[0]  # a redirect may have led from rtsp to rtsps
    options |= {"protocol_whitelist": PROTOCOLS[scheme]}
    if scheme.endswith("s") and not trust.insecure:
        options |= {"tls_verify": "1", "ca_file": _certificates()}
    with explained():
        video = _opened(place, form, options, stop)
    return _stream(video, address, stop)


def _opened(place: str, form: str | None, options: dict[str, str], stop: threading.Event) -> Video:
    pauses_s = iter(SETTLING_S if form == "rtsp" else ())
    while True:
        try:
            return Video(
                place, form=form, options=options, timeouts_s=(SILENT_S, SILENT_S),
                max_pixels=MAX_FRAME_PIXELS,
            )  # fmt: skip
        except VideoError as error:
            pause_s = next(pauses_s, None)
            fails = type(error.__cause__).__name__ == "HTTPServerError"
            if not fails or pause_s is None or stop.wait(pause_s):
                raise


def _stream(
    video: Video, address: Address, stop: threading.Event, *readers: Reader, has_end: bool = False
) -> VideoStream:
    try:
        return VideoStream(video, address.name, stop, readers, has_end=has_end)
    except BaseException:
        video.close()
        raise


def _certificates() -> str:
    """The file with the certificates that are trusted; FFmpeg takes no folder."""
    paths = ssl.get_default_verify_paths()
    for file in filter(None, (paths.cafile, CERTIFICATES)):
        if Path(file).exists():
            return file
    raise CameraError("there are no certificates to check with: apt install ca-certificates")
