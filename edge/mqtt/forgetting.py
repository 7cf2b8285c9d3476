"""Takes from a broker what it keeps of a device, and with that the device from Home Assistant."""

import time
from collections.abc import Callable

from ..errors import OutputError
from .broker import Broker
from .device import Device
from .link import PATIENCE_S, Link, Lost

HEARING_S = 2.0  # for what a broker sends by itself; to a user who may not read that is nothing


def make_forget(broker: Broker, device: Device) -> None:
    """Puts an empty message in the place of each, and waits until the broker has them all.

    Raises:
        OutputError: The broker cannot be reached, refuses, does not answer, or had nothing of it.
    """
    topics = (device.config, device.state, device.picture, device.availability)
    try:
        with Link(broker, device) as link:
            link.listen(topics)
            had_any = _step_until(link, lambda: any(link.heard.values()), HEARING_S)
            for topic in topics:
                link.send(topic, b"")
                if not _step_until(link, lambda: link.is_idle, PATIENCE_S):
                    raise Lost("it does not answer")
            # Who hears the empty messages has heard others before them, however slow the broker is.
            heard_all = had_any or _step_until(link, lambda: {*topics} <= {*link.heard}, HEARING_S)
    except Lost as lost:
        raise OutputError(f"{broker.address}: {lost}") from lost
    if heard_all and not any(link.heard.values()):
        raise OutputError(
            f"{broker.address} has nothing of {device.name} ({device.client}): "
            "give the --mqtt-name that it had"
        )


def _step_until(link: Link, happens: Callable[[], bool], seconds: float) -> bool:
    """Whether something happens in so many seconds."""
    end_s = time.monotonic() + seconds
    while not (is_so := happens()) and time.monotonic() < end_s:
        link.step(0.1)
    return is_so
