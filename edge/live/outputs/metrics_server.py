"""The metrics at a port of this machine, where there is no page."""

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from ...errors import OutputError
from ...terminal.console import Console
from ...web.place import LOOPBACK, Place
from .metrics import Metrics, need_prometheus
from .output import Output

SILENT_S = 5.0  # a request that is not complete, and answered, by then is ended
LAST_S = 2.0  # for its end
KIND = "text/plain; version=0.0.4; charset=utf-8"


class MetricsServer(Output):
    """Answers each request on a thread of its own, which nobody waits for at the end.

    Attributes:
        place: Where it listens.
    """

    def __init__(self, port: int, metrics: Metrics, console: Console) -> None:
        """Begins to listen, for 0 at any port that is free; nobody is answered yet.

        Raises:
            OutputError: Somebody else listens there.
            RuntimeMissingError: Prometheus' package is not installed.
        """
        need_prometheus()
        self._metrics, self._console = metrics, console
        try:
            self._server = make_server(
                LOOPBACK, port, self._answer, _Server, handler_class=_Handler
            )
        except OSError as error:
            raise OutputError(f"--metrics {port}: {error.strerror}; try another port") from error
        self.place = Place(LOOPBACK, self._server.server_port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="metrics", daemon=True
        )

    def __enter__(self) -> "MetricsServer":
        """Begins to answer, and says where."""
        self._thread.start()
        self._console.tell(f"metrics: http://{self.place}/metrics")
        return self

    def finish(self) -> None:
        """Begins to end; returns at once."""
        if self._thread.is_alive():
            threading.Thread(target=self._server.shutdown, daemon=True).start()

    def __exit__(self, *error: object) -> None:
        """Ends the server, and waits a moment for it."""
        self.finish()
        self._thread.join(LAST_S)
        self._server.server_close()

    def _answer(self, request: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        host = _host(str(request.get("HTTP_HOST", "")))
        status, kind, body = "200 OK", KIND, b""
        if not self.place.allows(host):  # a page of another site, by a name of its own
            status, kind, body = "421 Misdirected Request", "text/plain", b"use 127.0.0.1\n"
        elif request["PATH_INFO"] != "/metrics":
            status, kind, body = "404 Not Found", "text/plain", b"there is only /metrics\n"
        elif request["REQUEST_METHOD"] != "GET":
            status, kind, body = "405 Method Not Allowed", "text/plain", b"there is only GET\n"
        else:
            body = self._metrics.text()
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]


def _host(header: str) -> str:
    """The host of a Host header, without its port and brackets; empty where it is malformed."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads, block_on_close = True, False

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Ends one that is slow by itself, however often it sends a little."""

        def end() -> None:
            with suppress(OSError):  # it is over
                request.shutdown(socket.SHUT_RDWR)

        limit = threading.Timer(SILENT_S, end)
        limit.daemon = True
        limit.start()
        super().process_request_thread(request, client_address)
        limit.cancel()

    def server_bind(self) -> None:
        """Without asking a name server what this machine is called, as the other one does."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up is no news."""


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing of each request."""
