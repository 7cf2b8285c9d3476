"""The server of the page: a thread of its own beside the live loop."""

import asyncio
import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from ..errors import OutputError
from . import connection
from .access import Access
from .certificate import check_certificate
from .door import Door
from .knocks import Knocks
from .place import Place, own_names
from .screen import Screen
from .site import Sources, site

BACKLOG = 64
LONGEST_MESSAGE = 1024  # bytes; a viewer only says that it has shown a picture
LAST_S = 2.0  # for its end
FAREWELL_S = 0.5  # of it, for those who look to hear of it


class Server:
    """Serves the page while its `with` block lasts.

    Attributes:
        port: Where it listens.
        scheme: "http", or "https" where there is a certificate.
        token: What whoever looks must know; None where everybody may.
    """

    def __init__(
        self,
        sources: Sources,
        place: Place,
        token: Callable[[], str | None],
        certificate: tuple[Path, Path] | None = None,
        knocks: Knocks | None = None,
    ) -> None:
        """Begins to listen; nobody is answered yet.

        Args:
            sources: What the page shows.
            place: Where to listen.
            token: Gives what whoever looks must know, or None where everybody may; asked for once
                the place is certain, so that no secret is made for nothing.
            certificate: The files of the certificate and its key; None for no TLS.
            knocks: Who must wait after a wrong token; None for nobody yet.

        Raises:
            OutputError: Somebody else listens there, or the certificate or token cannot be used.
        """
        secure = {}
        if certificate:
            check_certificate(*certificate)
            secure = {"ssl_certfile": certificate[0], "ssl_keyfile": certificate[1]}
        self.scheme = "https" if certificate else "http"
        self._place, self._socket = place, Door(place.listen())
        self.port = self._socket.getsockname()[1]
        try:
            self.token = token()
        except OutputError:
            self._socket.close()
            raise
        self._screen: Screen = sources.screen
        self._server = _Polite(
            self._screen,
            uvicorn.Config(
                Access(site(sources), place, self.token, certificate is not None, knocks),
                loop="asyncio", http=connection.Connection, ws=WebSocketsSansIOProtocol,
                lifespan="off", interface="asgi3", log_config=None, log_level="critical",
                access_log=False,
                proxy_headers=False, server_header=False, backlog=BACKLOG,
                ws_max_size=LONGEST_MESSAGE, ws_per_message_deflate=False,
                timeout_graceful_shutdown=1, **secure,  # type: ignore[arg-type]
            )
        )  # fmt: skip
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def __enter__(self) -> "Server":
        """Begins to answer."""
        self._thread.start()
        return self

    def finish(self, farewell: str = "") -> None:
        """Begins to end; returns at once."""
        self._screen.close(farewell)
        self._server.should_exit = True

    def __exit__(self, *error: object) -> None:
        """Ends it, and waits a moment for it."""
        self.finish()
        if self.is_alive:
            self._thread.join(LAST_S)
        self._socket.close()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        if not self._place.is_loopback:
            own_names()  # here, since the event loop must wait for no name server
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._screen.open()
        if self.scheme == "https":  # uvicorn hands no limit on, and asyncio's own is 60 s
            loop: Any = asyncio.get_running_loop()
            limit = {"ssl_handshake_timeout": connection.SILENT_S}
            loop.create_server = partial(loop.create_server, **limit)
        await self._server.serve([self._socket])


class _Polite(uvicorn.Server):
    """uvicorn's, which lets those who look hear of the end before it closes what is open."""

    def __init__(self, screen: Screen, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._screen = screen

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._screen.emptied(FAREWELL_S)
        await super().shutdown(sockets)
