"""A client of the page: plain HTTP with every header in a test's hands, and WebSockets."""

import contextlib
import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


@dataclass(frozen=True)
class Reply:
    """What came back; the names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> object:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """Asks one server, each time over a connection of its own."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str | None] | list[tuple[str, str]] | None = None,
    ) -> Reply:
        """One request; a header that is None is left out, a list is sent as it is."""
        with self.open(path, method, body, headers) as response:
            names = {name.lower(): text for name, text in response.getheaders()}
            return Reply(response.status, names, response.read())

    @contextmanager
    def open(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str | None] | list[tuple[str, str]] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """The same, for answers that have no end."""
        if not isinstance(headers, list):
            own = {"Host": f"127.0.0.1:{self.port}", **self.headers, **(headers or {})}
            headers = [(name, text) for name, text in own.items() if text is not None]
        if body is not None and "content-length" not in {name.lower() for name, _ in headers}:
            headers = [*headers, ("Content-Length", str(len(body)))]
        if self.tls:
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=20, context=self.tls
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, text in headers:
                connection.putheader(name, text)
            connection.endheaders(body)
            yield connection.getresponse()
        finally:
            connection.close()

    def live(self, **headers: str) -> ClientConnection:
        """The page's WebSocket, for a `with` block."""
        return connect(
            f"ws://127.0.0.1:{self.port}/live",
            additional_headers={**self.headers, **headers},
            proxy=None, max_size=None, open_timeout=20, close_timeout=1,
        )  # fmt: skip


class Viewer:
    """Somebody who looks, until it is closed: takes pictures on a thread of its own.

    Attributes:
        facts: Those of the pictures, in the order in which they came.
    """

    def __init__(self, client: Client) -> None:
        self.facts: list[dict] = []
        self._opened = client.live()
        self._socket = self._opened.__enter__()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            self._take()

    def _take(self) -> None:
        for message in self._socket:
            if isinstance(message, bytes):
                self._socket.send("next")
                continue
            facts = json.loads(message)
            if facts["kind"] == "picture":
                self.facts.append(facts)
            if facts["kind"] == "nothing" or (facts["kind"] == "picture" and not facts["size"]):
                self._socket.send("next")

    def close(self) -> None:
        self._opened.__exit__(None, None, None)
        self._thread.join(5)
