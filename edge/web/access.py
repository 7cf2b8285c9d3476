"""Who may look: every request passes here before anything else sees it."""

import hmac
import math
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from . import entrance
from .knocks import Knocks
from .place import Place

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The page takes nothing from other servers, runs no script but its own files, and is in no frame.
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
COOKIE_S = 400 * 86400  # the longest that browsers keep one
# A page that leads to itself without the token: a browser that came here from another site sends
# no SameSite=Strict cookie with a redirect, but does with what our own page opens.
WELCOME = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" '
    'content="0; url=/"><title>happysad</title><p><a href="/">To the page</a></p></html>'
)
NO_TOKEN = (
    "this page asks for its token: open the address that the program has shown in its terminal, "
    "or this one with /?token=TOKEN at its end; the program says at its start in which file the "
    "token is. Programs send the header 'Authorization: Bearer TOKEN'"
)


class Access:
    """An ASGI application around another: refuses what may not come in, and adds the headers."""

    def __init__(
        self,
        inside: Application,
        place: Place,
        token: str | None,
        secure: bool,
        knocks: Knocks | None = None,
    ) -> None:
        """Begins with nobody known but to `knocks`; without a token everybody may look."""
        self._inside, self._place, self._secure = inside, place, secure
        self._token = None if token is None else token.encode()
        self._knocks = knocks or Knocks()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or refuses it."""
        headers = [(name.decode("latin-1"), text.decode("latin-1"))
                   for name, text in scope["headers"]]  # fmt: skip
        reply = _Reply(scope, send)
        try:
            instead = self._stranger(headers) or self._at_the_door(scope, headers)
            if instead is None:
                await self._inside(scope, receive, reply.send)
            elif instead.to_people and entrance.is_for_people(headers):
                page = entrance.entrance(instead.to_people)
                await reply.finish(instead.status, page, {**instead.headers, **entrance.HEADERS})
            else:
                await reply.finish(instead.status, f"{instead.text}\n", instead.headers)
        except Exception:
            # A bug, which must neither end the server nor be quiet.
            traceback.print_exc()
            if not reply.has_begun:
                await reply.finish(500, "this is a bug; the program's terminal shows where\n")

    def _stranger(self, headers: list[tuple[str, str]]) -> "_Instead | None":
        """Why a request is not one of our page, or of a program on purpose; None if it may be."""
        hosts = [text for name, text in headers if name == "host"]
        if len(hosts) != 1 or not self._place.allows(_host(hosts[0])):
            return _Instead(421, "this is not the name of this machine; use its address")
        scheme = "https" if self._secure else "http"
        origins = [text for name, text in headers if name == "origin"]
        if any(origin.lower() != f"{scheme}://{hosts[0].lower()}" for origin in origins):
            return _Instead(403, "requests from pages of other sites are refused")
        return None

    def _at_the_door(self, scope: Scope, headers: list[tuple[str, str]]) -> "_Instead | None":
        """Why it may not look, or the cookie for a token in the address; None if it may look."""
        if self._token is None:
            return None
        in_address = _in_address(scope)
        given = in_address or _in_headers(headers, self._cookie_name(headers))
        if given is None:
            return _Instead(401, NO_TOKEN, to_people="This page asks for its token.")
        client = scope["client"][0] if scope.get("client") else ""
        if wait_s := math.ceil(self._knocks.wait_s(client)):
            why = f"too many wrong tokens: wait {wait_s} s"
            told = f"Too many wrong tokens: wait {wait_s} s, and try again."
            return _Instead(429, why, {"retry-after": str(wait_s)}, told)
        if not hmac.compare_digest(given, self._token):
            self._knocks.wrong(client, given)
            why = f"the token is wrong: {NO_TOKEN}"
            return _Instead(401, why, to_people="This token is wrong.")
        if in_address is None:
            return None
        cookie = {"set-cookie": self._cookie(headers), "content-type": "text/html"}
        return _Instead(200, WELCOME, cookie)

    def _cookie(self, headers: list[tuple[str, str]]) -> str:
        token = (self._token or b"").decode()
        secure = "; Secure" if self._secure else ""
        name = self._cookie_name(headers)
        return f"{name}={token}; Path=/; Max-Age={COOKIE_S}; HttpOnly; SameSite=Strict{secure}"

    def _cookie_name(self, headers: list[tuple[str, str]]) -> str:
        """With the port: cookies do not tell the ports of one machine apart."""
        host = next(text for name, text in headers if name == "host")
        _, _, port = host.rpartition("]")[2].partition(":")
        return f"happysad-{port}" if port.isdigit() else "happysad"


class _Instead(NamedTuple):
    """An answer in place of what was asked for.

    Attributes:
        status: Of HTTP.
        text: The answer.
        headers: More of them.
        to_people: A sentence that a browser shows on a page instead; empty where it shows `text`.
    """

    status: int
    text: str
    headers: dict[str, str] = {}  # noqa: RUF012  # nobody changes it
    to_people: str = ""


class _Reply:
    """Sends an answer, to HTTP or to the beginning of a WebSocket, with the headers of all."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._kind = "websocket.http" if scope["type"] == "websocket" else "http"
        self._send = send
        self.has_begun = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            own = {name for name, _ in message.get("headers", [])}
            more = [(name.encode(), text.encode()) for name, text in HEADERS.items()]
            added = [pair for pair in more if pair[0] not in own]
            message = {**message, "headers": [*message.get("headers", []), *added]}
        self.has_begun = True
        await self._send(message)

    async def finish(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        body = text.encode()
        given = {"content-type": "text/plain; charset=utf-8", **(headers or {})}
        given["content-length"] = str(len(body))
        pairs = [(name.encode(), value.encode()) for name, value in given.items()]
        kind = self._kind
        await self.send({"type": f"{kind}.response.start", "status": status, "headers": pairs})
        await self.send({"type": f"{kind}.response.body", "body": body})


def _host(header: str) -> str:
    """The host of a Host header, without its port and brackets; empty where it is malformed."""
    try:
        parts = urlsplit(f"//{header}")
        if parts.port is None and header.endswith(":"):
            return ""
        return "" if parts.netloc != header or "@" in header else parts.hostname or ""
    except ValueError:
        return ""


def _in_address(scope: Scope) -> bytes | None:
    """The token behind the address of the page, where a person opens it for the first time."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
        return None
    try:
        query = scope["query_string"].decode("latin-1")
        fields = parse_qs(query, encoding="latin-1", max_num_fields=10)
    except ValueError:  # more fields
        return None
    return fields["token"][0].encode("latin-1", "replace") if "token" in fields else None


def _in_headers(headers: list[tuple[str, str]], cookie_name: str) -> bytes | None:
    """The token of a program, in its header, or of the page, in the cookie."""
    for name, text in headers:
        if name == "authorization" and text[:7].lower() == "bearer ":
            return text[7:].strip().encode("latin-1")
    for name, text in headers:
        if name == "cookie":
            try:
                found = SimpleCookie(text).get(cookie_name)
            except CookieError:
                continue
            if found is not None:
                return found.value.encode("latin-1", "replace")
    return None
