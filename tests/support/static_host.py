"""A static web host on loopback: the files of some folders, and a list of what was asked for."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path


class Host:
    """Serves folders, each under its name.

    Attributes:
        address: Without a slash at its end.
        asked: The path of each request, in their order.
    """

    def __init__(self, folders: dict[str, Path]) -> None:
        self.folders, self.asked = folders, list[str]()
        self.address = ""

    def file(self, path: str) -> Path | None:
        """What a request's path means."""
        name, _, rest = path.partition("?")[0].strip("/").partition("/")
        if name not in self.folders:
            return None
        found = self.folders[name] / (rest or "index.html")
        return found if found.is_file() else None


@contextlib.contextmanager
def static_host(**folders: Path) -> Iterator[Host]:
    """Serves until the block ends.

    Args:
        folders: By the names that their addresses begin with.
    """
    host = Host(folders)

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host.asked.append(self.path)
            file = host.file(self.path)
            if not file:
                self.send_error(404)
                return
            content = file.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(file.name))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        host.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield host
        server.shutdown()
