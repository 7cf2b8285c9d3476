"""Asks an RTSP server first, as FFmpeg names no reasons, and follows a redirect anywhere."""

import socket
import threading
import time
from urllib.parse import urljoin, urlsplit

from ..errors import CameraError
from .http.wire import Wire
from .limits import SILENT_S
from .network_errors import connection_problem, status_problem
from .origin import PORTS, check_same, tls_context
from .source import Trust

CONNECT_S = 5.0
MAX_HEAD_BYTES = 10_000
MAX_REDIRECTS = 5


def resolved(url: str, trust: Trust, stop: threading.Event) -> str:
    """Where a stream is, after redirects that stay on the server.

    Args:
        url: Of rtsp or rtsps; with a user's name and password where it needs them.
        trust: What of the network the user trusts.
        stop: Ends all waiting when it is set.

    Raises:
        CameraError: It has no answer but a refusal; the reason alone.
    """
    for _ in range(MAX_REDIRECTS + 1):
        parts = urlsplit(url)
        shown = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        status, reason, location = _describe(shown.geturl(), trust, stop)
        has_user = bool(parts.username or parts.password)
        if status == 401 and has_user:  # FFmpeg answers that
            return url
        if not 300 <= status < 400:
            if status >= 400:
                raise CameraError(status_problem(status, reason, parts.scheme, has_user))
            return url
        there = urlsplit(urljoin(shown.geturl(), location))
        if there.scheme not in ("rtsp", "rtsps"):
            raise CameraError("its server redirects to no address")
        check_same(shown, there, trust, "its server")
        is_same = there.hostname == shown.hostname
        user, at, _ = parts.netloc.rpartition("@")
        url = there._replace(netloc=(user + at if is_same else "") + there.netloc).geturl()
    raise CameraError(f"its server redirects more than {MAX_REDIRECTS} times")


def _describe(url: str, trust: Trust, stop: threading.Event) -> tuple[int, str, str]:
    """Status, words and Location of the answer to DESCRIBE (RFC 2326, 10.2)."""
    parts = urlsplit(url)
    wire: Wire | None = None
    try:
        host, is_tls = parts.hostname or "", parts.scheme == "rtsps"
        connected = socket.create_connection((host, parts.port or PORTS[parts.scheme]), CONNECT_S)
        try:
            if is_tls:
                connected = tls_context(trust).wrap_socket(connected, server_hostname=host)
        except BaseException:
            connected.close()
            raise
        wire = Wire(connected, time.monotonic() + SILENT_S, stop)
        request = f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
        wire.sendall(request.encode())
        head, chunk = b"", bytearray(1000)
        while b"\r\n\r\n" not in head and len(head) < MAX_HEAD_BYTES:
            count = wire.readinto(chunk)
            if not count:
                break
            head += chunk[:count]
    except (OSError, UnicodeError) as error:
        raise CameraError(connection_problem(error, parts.hostname, wire is not None)) from error
    finally:
        if wire:
            wire.hang_up()
    if not head:
        raise CameraError("it closes the connection without an answer")
    lines = head.decode(errors="replace").splitlines()
    words = lines[0].split(None, 2)
    if len(words) < 2 or not words[0].startswith("RTSP/") or not words[1].isdecimal():
        raise CameraError("what answers there does not speak RTSP: is the port right?")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return int(words[1]), words[2] if len(words) > 2 else "", headers.get("location", "")
