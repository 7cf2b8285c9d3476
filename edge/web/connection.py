"""A connection that does not last for nothing: none that says nothing."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

SILENT_S = 10.0  # for a request to be complete, and before it for the handshake of TLS


class Connection(H11Protocol):
    """uvicorn's, with a limit that it leaves to a server in front of it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to look whether it is of use."""
        super().connection_made(transport)
        self.loop.call_later(SILENT_S, self._look, None)

    def _look(self, before: Any) -> None:
        """Ends what is being closed but never takes the rest, and what asks for nothing."""
        if self.transport.is_closing() or (
            self.transport.get_protocol() is self
            and self.cycle is before
            and (before is None or before.response_complete)
        ):
            self.transport.abort()
        else:
            self.loop.call_later(SILENT_S, self._look, self.cycle)
