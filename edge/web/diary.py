"""What happened in the last minutes, for those who begin to look only now."""

import threading
from collections import deque
from typing import Any

SECONDS = 300  # that are kept: five minutes
NEWS = 50  # lines that are kept


class Diary:
    """Numbered entries, the oldest of which are forgotten; for use by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._entries: dict[str, deque[tuple[int, dict[str, Any]]]] = {
            "second": deque(maxlen=SECONDS),
            "news": deque(maxlen=NEWS),
        }

    def add(self, kind: str, **entry: Any) -> None:
        """Adds an entry.

        Args:
            kind: "second" or "news".
            entry: What it says, as JSON has it.
        """
        with self._lock:
            self._count += 1
            self._entries[kind].append((self._count, {"kind": kind, **entry}))

    def since(self, number: int) -> tuple[int, list[dict[str, Any]]]:
        """The entries that came later, and the number of the last one."""
        with self._lock:
            if number == self._count:
                return number, []
            later = [pair for kept in self._entries.values() for pair in kept if pair[0] > number]
            return self._count, [entry for _, entry in sorted(later, key=lambda pair: pair[0])]
