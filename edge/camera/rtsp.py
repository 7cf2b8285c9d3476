"""Asks an RTSP server first, as FFmpeg names no reasons, and follows a redirect anywhere."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPException, parse_headers
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import CameraError
from .http.authorization import authorize
from .http.wire import Wire, connect
from .limits import SILENT_S
from .network_errors import UNKNOWN_CHALLENGE, connection_problem, status_problem
from .origin import (
    CONNECT_S,
    MAX_REDIRECTS,
    PORTS,
    redirected,
    tls_context,
    with_login_of,
    without_login,
)
from .source import Trust

MAX_LINE_BYTES = 10_000
MAX_BODY_BYTES = 100_000  # of a refusal


def resolved(url: str, trust: Trust, stop: threading.Event) -> str:
    """Where a stream is, after redirects that stay on the server, and with the password accepted.

    Raises:
        CameraError: It has no answer but a refusal; the reason alone.
    """
    for _ in range(MAX_REDIRECTS + 1):
        parts = urlsplit(url)
        status, reason, headers = _described(parts, trust, stop)
        if status >= 400:
            has_user = bool(parts.username or parts.password)
            raise CameraError(status_problem(status, reason, parts.scheme, has_user))
        if status < 300:
            return url
        there = redirected(parts, headers.get("Location", ""), trust, ("rtsp", "rtsps"))
        url = with_login_of(parts, there).geturl()
    raise CameraError(f"its server redirects more than {MAX_REDIRECTS} times")


def _described(parts: SplitResult, trust: Trust, stop: threading.Event) -> tuple[int, str, Message]:
    """Status, words and headers of the answer to DESCRIBE (RFC 2326, 10.2)."""
    user, password = (unquote(part or "") for part in (parts.username, parts.password))
    with _connection(parts, trust, stop) as wire:
        status, reason, headers = _ask(wire, parts, 1)
        if status == 401 and (user or password):
            # On the same connection: the nonce of some servers holds for no other.
            authorization = authorize(user, password, headers.get_all("WWW-Authenticate", []))
            if authorization is None:
                raise CameraError(UNKNOWN_CHALLENGE)
            header = authorization.header("DESCRIBE", _target(parts))
            status, reason, headers = _ask(wire, parts, 2, f"Authorization: {header}\r\n")
    return status, reason, headers


@contextmanager
def _connection(parts: SplitResult, trust: Trust, stop: threading.Event) -> Iterator[Wire]:
    wire: Wire | None = None
    try:
        context = tls_context(trust) if parts.scheme == "rtsps" else None
        port = parts.port or PORTS[parts.scheme]
        connected = connect(parts.hostname or "", port, CONNECT_S, context)
        wire = Wire(connected, time.monotonic() + SILENT_S, stop)
        yield wire
    except (OSError, UnicodeError) as error:
        raise CameraError(connection_problem(error, parts.hostname, wire is not None)) from error
    finally:
        if wire:
            wire.hang_up()


def _ask(
    wire: Wire, parts: SplitResult, number: int, authorization: str = ""
) -> tuple[int, str, Message]:
    request = (
        f"DESCRIBE {_target(parts)} RTSP/1.0\r\nCSeq: {number}\r\nAccept: application/sdp\r\n"
        f"{authorization}\r\n"
    )
    wire.sendall(request.encode("latin-1"))
    answer = wire.makefile("rb")
    line = answer.readline(MAX_LINE_BYTES)
    if not line:
        raise CameraError("it closes the connection without an answer")
    words = line.decode(errors="replace").split(None, 2)
    try:
        if len(words) < 2 or not words[0].startswith("RTSP/") or not words[1].isdecimal():
            raise HTTPException
        headers = parse_headers(answer)
    except HTTPException as error:
        raise CameraError("what answers there does not speak RTSP: is the port right?") from error
    status, length = int(words[1]), headers.get("Content-Length", "")
    if status == 401 and length.isdecimal():  # its words are before the next answer
        answer.read(min(int(length), MAX_BODY_BYTES))
    return status, words[2].strip() if len(words) > 2 else "", headers


def _target(parts: SplitResult) -> str:
    """The address as it is sent: its UTF-8, a character for each byte."""
    return without_login(parts).geturl().encode().decode("latin-1")
