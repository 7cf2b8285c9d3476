"""The socket below an HTTP connection: one deadline for what is read, however it dribbles in."""

import io
import socket
import ssl
import threading
import time
from typing import Any

SLICE_S = 0.2  # between two looks whether the user wants the end


def connect(
    host: str, port: int, timeout_s: float, context: ssl.SSLContext | None
) -> socket.socket:
    """A connection, by TLS where there is a context; an OSError where there is none."""
    connected = socket.create_connection((host, port), timeout_s)
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(connected, server_hostname=host) if context else connected
    except BaseException:
        connected.close()
        raise


class Wire(io.RawIOBase):
    """What `http.client` takes for its socket.

    Attributes:
        deadline_s: Until when bytes may be waited for, on the clock of `time.monotonic`.
    """

    def __init__(self, connected: socket.socket, deadline_s: float, stop: threading.Event) -> None:
        """Takes a connected socket, of TLS or not; `stop` ends the waiting when it is set."""
        self.deadline_s = deadline_s
        self._socket, self._stop = connected, stop

    def readinto(self, buffer: Any) -> int:
        """Reads what is there; waits for it.

        Raises:
            TimeoutError: Nothing came before the deadline, or the user wants the end.
        """
        while not self._stop.is_set():
            left_s = self.deadline_s - time.monotonic()
            if left_s <= 0:
                break
            self._socket.settimeout(min(left_s, SLICE_S))
            try:
                return self._socket.recv_into(buffer)
            except TimeoutError:
                continue
        raise TimeoutError

    def readable(self) -> bool:
        """Yes."""
        return True

    def sendall(self, data: bytes) -> None:
        """Writes a request."""
        self._socket.settimeout(max(SLICE_S, self.deadline_s - time.monotonic()))
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedIOBase:
        """A reader for one response, which may be closed without closing this."""
        return _Response(self)

    def close(self) -> None:
        """Nothing: `http.client` calls it while the response has yet to be read."""

    def hang_up(self) -> None:
        """Closes the socket."""
        self._socket.close()


class _Response(io.BufferedReader):
    """Reads one response."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire)

    def close(self) -> None:
        """Nothing: the wire may have further responses."""
