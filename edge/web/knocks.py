"""Slows down whoever tries tokens: after each wrong one the next must wait."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

FIRST_S, LONGEST_S = 1.0, 30.0  # of the pauses, which double
FORGET_S = 300.0  # without a wrong one
MOST = 1000  # addresses that are remembered; the oldest is forgotten first


@dataclass(slots=True)
class _Guesser:
    pause_s: float = 0.0
    until_s: float = 0.0
    tried: set[bytes] = field(default_factory=set)


class Knocks:
    """Remembers who gave a wrong token."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guessers: OrderedDict[str, _Guesser] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """How long this address must wait before a token of it is looked at; 0 for not at all."""
        guesser = self._guessers.get(client)
        if guesser is None:
            return 0.0
        left_s = guesser.until_s - self._clock()
        if left_s < -FORGET_S:
            del self._guessers[client]
        return max(0.0, left_s)

    def wrong(self, client: str, token: bytes) -> None:
        """A wrong token came; the same one again, as of a page left open, is no new guess."""
        guesser = self._guessers.setdefault(client, _Guesser())
        self._guessers.move_to_end(client)
        digest = sha256(token).digest()
        if digest in guesser.tried:
            return
        if len(guesser.tried) < 8:
            guesser.tried.add(digest)
        guesser.pause_s = min(LONGEST_S, 2 * guesser.pause_s or FIRST_S)
        guesser.until_s = self._clock() + guesser.pause_s
        while len(self._guessers) > MOST:
            self._guessers.popitem(last=False)
