"""An HTTP client for cameras: one host, its certificate checked, every answer in words."""

import ssl
import threading
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import quote, unquote, urlsplit

from ...errors import CameraError
from ..network_errors import UNKNOWN_CHALLENGE, connection_problem, status_problem
from ..origin import CONNECT_S, MAX_REDIRECTS, PORTS, redirected, tls_context
from ..source import Trust
from .authorization import Authorization, authorize
from .wire import Wire, connect

REDIRECTS = (301, 302, 303, 307, 308)
NOT_MODIFIED = 304
AGENT = "happysad"
WRITTEN_AS_IT_IS = "%/:=&?~#+!$,;'@()*[]|"  # in the target of a request


class HttpClient:
    """Asks one address, as often as need be; used by one thread.

    Attributes:
        url: Where the last answer came from.
    """

    def __init__(self, url: str, trust: Trust, stop: threading.Event) -> None:
        """Connects to nothing yet; a user's name and password may be in the address."""
        self.url = urlsplit(url)
        self._named = self.url.hostname
        self._user, self._password = (
            unquote(part or "") for part in (self.url.username, self.url.password)
        )
        self._trust, self._stop = trust, stop
        self._authorization: Authorization | None = None
        self._connection: HTTPConnection | None = None
        self._wire: Wire | None = None
        self._context: ssl.SSLContext | None = None

    def get(self, headers: dict[str, str], deadline_s: float) -> HTTPResponse:
        """What the server answers: 200, 206 or 304, after redirects and questions for a password.

        Args:
            headers: To send along.
            deadline_s: Until when, on the clock of `time.monotonic`.

        Raises:
            CameraError: The reason alone: no connection, no answer, or any other status.
        """
        for _ in range(MAX_REDIRECTS + 1):
            response = self._ask(headers, deadline_s)
            if response.status == 401 and (self._user or self._password):
                challenges = response.headers.get_all("WWW-Authenticate", [])
                self._authorization = authorize(self._user, self._password, challenges)
                if self._authorization is None:
                    raise CameraError(UNKNOWN_CHALLENGE)
                self.close()
                response = self._ask(headers, deadline_s)
            if response.status not in REDIRECTS:
                break
            self.close()
            location = response.headers.get("Location", "")
            self.url = redirected(self.url, location, self._trust, ("http", "https"))
        else:
            raise CameraError(f"its server redirects more than {MAX_REDIRECTS} times")
        if response.status not in (200, 206, NOT_MODIFIED):
            scheme, has_user = self.url.scheme, bool(self._user or self._password)
            raise CameraError(status_problem(response.status, response.reason, scheme, has_user))
        return response

    def wait_until(self, deadline_s: float) -> None:
        """Sets until when the bytes of the answer may be waited for."""
        if self._wire:
            self._wire.deadline_s = deadline_s

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._wire is not None

    def close(self) -> None:
        """Closes the connection."""
        if self._connection:
            self._connection.close()
        if self._wire:
            self._wire.hang_up()
        self._connection = self._wire = None

    def _ask(self, headers: dict[str, str], deadline_s: float) -> HTTPResponse:
        """One request and the head of its answer."""
        is_reused = self._wire is not None
        while True:
            try:
                return self._request(headers, deadline_s)
            except (OSError, HTTPException, UnicodeError) as error:
                is_connected = self._connection is not None
                problem = connection_problem(error, self.url.hostname, is_connected)
                self.close()
                # A connection that was kept open may have been closed by the server meanwhile.
                if not (is_reused and isinstance(error, (ConnectionError, HTTPException))):
                    raise CameraError(problem) from error
                is_reused = False

    def _request(self, headers: dict[str, str], deadline_s: float) -> HTTPResponse:
        if self._connection is None:
            self._connect(deadline_s)
        assert self._connection is not None
        self.wait_until(deadline_s)
        target = f"{self.url.path or '/'}{'?' if self.url.query else ''}{self.url.query}"
        target = quote(target, safe=WRITTEN_AS_IT_IS)
        known = {"User-Agent": AGENT, "Accept": "*/*"}
        if self._authorization and self.url.hostname == self._named:
            known["Authorization"] = self._authorization.header("GET", target)
        self._connection.request("GET", target, headers=known | headers)
        return self._connection.getresponse()

    def _connect(self, deadline_s: float) -> None:
        host, usual = self.url.hostname or "", PORTS[self.url.scheme]
        port = self.url.port or usual
        left_s = max(0.1, min(CONNECT_S, deadline_s - time.monotonic()))
        if self.url.scheme == "https":
            self._context = self._context or tls_context(self._trust)
        context = self._context if self.url.scheme == "https" else None
        connected = connect(host, port, left_s, context)
        self._wire = Wire(connected, deadline_s, self._stop)
        self._connection = HTTPConnection(host, port)
        self._connection.default_port = usual  # is not in the header "Host"
        self._connection.sock = self._wire
        self._connection.auto_open = 0
