"""Takes from a broker what it keeps of a device, and with that the device from Home Assistant."""

import time

from ..errors import OutputError
from .broker import Broker
from .device import Device
from .link import PATIENCE_S, Link, Lost


def make_forget(broker: Broker, device: Device) -> None:
    """Puts an empty message in the place of each, and waits until the broker has them all.

    Raises:
        OutputError: The broker cannot be reached, refuses, or does not answer.
    """
    topics = (device.config, device.state, device.picture, device.availability)
    end_s = time.monotonic() + PATIENCE_S
    try:
        with Link(broker, device) as link:
            for topic in topics:
                link.send(topic, b"")
                while not link.is_idle:
                    if time.monotonic() > end_s:
                        raise Lost("it does not answer")
                    link.step(0.1)
    except Lost as lost:
        raise OutputError(f"{broker.address}: {lost}") from lost
