"""Whom the user lets the live runner tell: nobody beyond this terminal, unless an option asks."""

from dataclasses import dataclass

from ..mqtt.access import Access


@dataclass(frozen=True, slots=True)
class Telling:
    """The options of the command `webcam` that tell other programs.

    Attributes:
        mqtt: The broker, and who is to get in; None for none.
        mqtt_name: What the device is called; None for the name of this machine.
        mqtt_pictures: Whether pictures are sent to the broker.
        metrics: The port of this machine that serves the metrics, 0 for any; None for none.
    """

    mqtt: Access | None = None
    mqtt_name: str | None = None
    mqtt_pictures: bool = False
    metrics: int | None = None
