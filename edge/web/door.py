"""The socket that lets connections in: not many at a time, whether or not they have spoken yet."""

import socket
from typing import Any

MOST = 64  # connections; the process may have 1024 descriptors, and cameras need some


class Door(socket.socket):
    """A listening socket that lets only so many in.

    TLS has a handshake before a server hears of a connection at all, so they are counted here.
    """

    def __init__(self, listening: socket.socket) -> None:
        """Takes the place of a socket that listens, which is used up."""
        super().__init__(fileno=listening.detach())
        self._inside: list[socket.socket] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """As of a socket.

        Raises:
            ConnectionAbortedError: It was one too many, and is closed again.
        """
        link, address = super().accept()
        self._inside = [other for other in self._inside if other.fileno() >= 0]
        if len(self._inside) >= MOST:
            link.close()
            raise ConnectionAbortedError(f"more than {MOST} connections")
        self._inside.append(link)
        return link, address
