"""A body of HTTP as a file: what a video decoder reads from, so that it opens no address itself."""

import io
import threading
import time
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from ...errors import CameraError
from ..limits import SILENT_S
from ..origin import check_same, with_login_of, without_login
from ..source import Trust
from .client import HttpClient


class Body:
    """The methods of a binary file that PyAV asks for.

    Attributes:
        name: The address, by which a playlist names others.
        has_end: Whether the server has said how long it is.
        error: Why reading has failed; None while it has not.
    """

    def __init__(self, client: HttpClient, response: HTTPResponse, began: bytes = b"") -> None:
        """Takes an answer whose head was read; its client is closed with this."""
        self.name = without_login(client.url).geturl()
        self.error: CameraError | None = None
        self._client, self._response, self._began = client, response, began
        has_ranges = response.headers.get("Accept-Ranges") == "bytes"
        left = response.length
        self.has_end = left is not None
        self._size = len(began) + left if has_ranges and left is not None else None
        self._at = 0
        self._since_s = time.monotonic()

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end.

        Raises:
            OSError: No more can be had; `error` says why.
        """
        if self._size is not None and self._at >= self._size:
            return b""
        if self._began:
            chunk, self._began = self._began[:size], self._began[size:]
        else:
            self._client.wait_until(time.monotonic() + SILENT_S)
            try:
                chunk = self._response.read1(size)
            except (HTTPException, OSError, ValueError) as error:
                is_silent = isinstance(error, TimeoutError)
                words = "sends no more" if is_silent else "the connection broke off"
                raise self._failed(words) from error
            if not chunk and self._response.length:
                raise self._failed("the connection broke off")
        self._at += len(chunk)
        return chunk

    def seekable(self) -> bool:
        """Whether the server gives parts of it."""
        return self._size is not None

    def tell(self) -> int:
        """Where the next byte is from."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Asks for the bytes from another place."""
        assert self._size is not None
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        there = max(0, base + offset)
        if there != self._at and there < self._size:
            self._client.close()
            try:
                self._response = self._client.get(
                    {"Range": f"bytes={there}-"}, time.monotonic() + SILENT_S
                )
            except CameraError as error:
                raise self._failed(str(error)) from error
            if self._response.status != 206:
                raise self._failed("its server does not give parts of the video")
            self._began = b""
        self._at = there
        return there

    def _failed(self, words: str) -> OSError:
        self.error = CameraError(words)
        return OSError(words)

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._client.is_open

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()


class Nested:
    """Opens what a playlist names: of the same server only, unless the user allows others."""

    def __init__(self, address: str, trust: Trust, stop: threading.Event) -> None:
        """Opens nothing yet."""
        self.error: CameraError | None = None
        self._opened: list[Body] = []
        self._named, self._trust, self._stop = urlsplit(address), trust, stop

    def __call__(self, url: str, flags: int, options: dict[str, str]) -> Body:
        """The file at an address; the arguments are those of PyAV's `io_open`."""
        try:
            there = urlsplit(url)
            if there.scheme not in ("http", "https"):
                raise CameraError("its playlist is encrypted, or names no address of http")
            check_same(self._named, there, self._trust, "its playlist")
            there = with_login_of(self._named, there)
            client = HttpClient(there.geturl(), self._trust, self._stop)
            try:
                body = Body(client, client.get({}, time.monotonic() + SILENT_S))
            except CameraError:
                client.close()
                raise
            self._opened = [*(before for before in self._opened if before.is_open), body]
            self.error = None
            return body
        except (CameraError, ValueError) as error:
            self.error = error if isinstance(error, CameraError) else CameraError(str(error))
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Closes what is still open."""
        for body in self._opened:
            body.close()
