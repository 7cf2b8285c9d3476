"""An HTTP server on loopback whose answers a test writes itself, byte for byte."""

import contextlib
import http.server
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator

import cv2
import numpy as np

Handler = http.server.BaseHTTPRequestHandler
Answer = Callable[[Handler], None]


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: the viewer went away."""


@contextlib.contextmanager
def http_server(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serves "http://127.0.0.1:PORT", or https.

    Args:
        answer: Is called with each GET request, and writes all of the answer to its `wfile`.
        tls: For https.
    """

    class Own(Handler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with _Server(("127.0.0.1", 0), Own) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def head(request: Handler, status: int = 200, **headers: str) -> None:
    """Writes the head of an answer; after it the connection is closed."""
    request.send_response_only(status)
    for name, value in ({"Connection": "close"} | headers).items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.close_connection = True


def picture(level: int, size_wh: tuple[int, int] = (64, 48), suffix: str = ".jpg") -> bytes:
    """An image file, gray of a level, with a little texture."""
    pixels = np.full((size_wh[1], size_wh[0], 3), level, np.uint8)
    pixels[::4, ::4] ^= 8
    return cv2.imencode(suffix, pixels)[1].tobytes()


def level(image: np.ndarray) -> int:
    """The level of `picture`, to the nearest ten."""
    return round(float(np.median(image)) / 10) * 10
