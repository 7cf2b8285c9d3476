"""Topics of a broker that are kept as they should be, by a thread of its own."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .broker import Broker
from .device import Device
from .discovery import OFFLINE, ONLINE
from .link import Link, Lost

Payload = bytes | Callable[[], bytes]  # what is made only when it is sent
WAIT_S = 0.1  # until what is new is sent


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait, in seconds.

    Attributes:
        first: After the first failure; it doubles with each.
        longest: Between two attempts.
        steady: After a connection of this length the pauses begin again.
        birth: At most, after Home Assistant has started: it has many devices to listen to.
        last: At most, for the broker at the end.
    """

    first: float = 1.0
    longest: float = 60.0
    steady: float = 60.0
    birth: float = 5.0
    last: float = 2.0


class Connection:
    """Knows what each topic should hold, and tells the broker whenever it is there.

    A context manager. Nobody waits for the broker, and of each topic only the newest is kept: a
    broker that is slow or away makes nothing grow.

    Attributes:
        address: Of the broker.
        was_there: Whether it has ever let us in.
    """

    def __init__(
        self, broker: Broker, device: Device, tell: Callable[[str], None], pauses: Pauses
    ) -> None:
        """Begins with "online" as the last of the topics.

        Args:
            broker: Where, and as whom.
            device: Whose topics they are.
            tell: Takes a line for the user, on another thread.
            pauses: How long to wait for what.
        """
        self._broker, self._device, self._tell, self._pauses = broker, device, tell, pauses
        self.address, self.was_there = broker.address, False
        self._lock = threading.Lock()
        self._held: dict[str, Payload] = {}
        self._due: dict[str, None] = {}  # topics that the broker has yet to be told of
        self._ends, self._is_closed = threading.Event(), False
        self._said: set[type[Lost]] = set()  # since there was a connection
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def put(self, topic: str, payload: Payload) -> None:
        """Says what a topic is to hold; returns at once."""
        with self._lock:
            self._held[topic] = payload
            self._due[topic] = None

    def __enter__(self) -> "Connection":
        """Begins to connect."""
        self._thread.start()
        return self

    def finish(self) -> None:
        """Begins to end; returns at once."""
        self._ends.set()

    def close(self) -> None:
        """Says "offline", where the broker listens, and does not wait for one that does not."""
        self.finish()
        if self._thread.ident is not None and not self._is_closed:
            self._is_closed = True
            self._thread.join(self._pauses.last + 1)

    def __exit__(self, *error: object) -> None:
        """Closes it."""
        self.close()

    def _run(self) -> None:
        pause_s = self._pauses.first
        while not self._ends.is_set():
            began_s = time.monotonic()
            try:
                with Link(self._broker, self._device) as link:
                    self._say_connected()
                    self._keep(link)
            except Lost as lost:
                self._say_lost(lost)
                if time.monotonic() - began_s > self._pauses.steady:
                    pause_s = self._pauses.first
                self._ends.wait(pause_s)
                pause_s = min(2 * pause_s, self._pauses.longest)

    def _keep(self, link: Link) -> None:
        """Tells the broker everything, then what is new, until the end."""
        self._all_again()
        again_s = float("inf")
        while not self._ends.is_set():
            if link.has_birth:
                link.has_birth = False
                again_s = time.monotonic() + random.uniform(0, self._pauses.birth)
            if time.monotonic() >= again_s:
                again_s = float("inf")
                self._all_again()
            self._send_next(link)
            link.step(WAIT_S)
        end_s = time.monotonic() + self._pauses.last
        self.put(self._device.availability, OFFLINE)
        while (self._send_next(link) or not link.is_idle) and time.monotonic() < end_s:
            link.step(WAIT_S)

    def _all_again(self) -> None:
        with self._lock:
            self._held.pop(self._device.availability, None)
            self._held[self._device.availability] = ONLINE  # last: what came before is complete
            self._due = dict.fromkeys(self._held)

    def _send_next(self, link: Link) -> bool:
        """Sends one topic, if the one before has arrived; whether any is left."""
        if not link.is_idle:
            return True
        with self._lock:
            topic = next(iter(self._due), None)
            if topic is None:
                return False
            del self._due[topic]
            payload = self._held[topic]
        if not isinstance(payload, bytes):
            made = payload()
            with self._lock:
                if self._held[topic] is payload:
                    self._held[topic] = made
            payload = made
        link.send(topic, payload)
        return True

    def _say_connected(self) -> None:
        if not self.was_there:
            self._tell(f"mqtt: connected to {self.address} as {self._device.client}")
        else:
            self._tell(f"mqtt: connected to {self.address} again")
        self.was_there = True
        self._said.clear()

    def _say_lost(self, lost: Lost) -> None:
        """Says once that nobody is there, and once that we are not let in."""
        if type(lost) not in self._said:
            self._said.add(type(lost))
            self._tell(f"mqtt: {self.address}: {lost}; trying again until it is there")
