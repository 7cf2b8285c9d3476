"""What is seen, told to an MQTT broker and to Home Assistant behind it."""

import json
import time
from typing import Any

import numpy as np

from ...gallery.blur import blurred
from ...mqtt.broker import broker
from ...mqtt.connection import Connection, Pauses
from ...mqtt.device import device
from ...mqtt.discovery import discovery
from ...terminal.console import Console
from ...web.picture import Picture
from ..moment import Change, Moment
from ..settings import Settings
from ..watch import Watch
from .occasions import face_of, sight
from .output import Output

HEARTBEAT_S = 60.0  # without a change
LOOK_EVERY_S = 0.1  # at what a moment without a change has to tell: a video has hundreds a second
DRIFT_S, DRIFT_PERCENT = 5.0, 5  # so often, and from there on, a probability alone is a change
PICTURE_S = 5.0  # between two pictures; a change that is sooner is shown then


class BrokerOutput(Output):
    """Keeps the topics of this device at a broker as what is seen."""

    def __init__(
        self,
        settings: Settings,
        watch: Watch,
        console: Console,
        pauses: Pauses | None = None,
        drift_s: float = DRIFT_S,
    ) -> None:
        """Reads the files; connects to nothing yet.

        Raises:
            OutputError: A file with a login or certificate cannot be used.
        """
        telling = settings.tell
        assert telling.mqtt
        self._watch, self._blur, self._drift_s = watch, settings.keep.blur, drift_s
        self._answers = watch.classifier.contract.decision.answers
        self._device, self._has_pictures = device(telling.mqtt_name), telling.mqtt_pictures
        known = broker(telling.mqtt)
        if known.password is not None and not (
            known.address.is_secure or known.address.is_loopback
        ):
            console.tell(
                f"mqtt: the password goes to {known.address} as plain text, which whoever is "
                "between can read: mqtts:// encrypts it"
            )
        self._connection = Connection(known, self._device, console.tell, pauses or Pauses())
        self._model = ""
        self._introduce()
        if not self._has_pictures:  # the one of an earlier run is taken away
            self._connection.put(self._device.picture, b"")
        self._state: dict[str, Any] = {"camera": "OFF"}
        self._band = settings.band
        self._day, self._today = time.localtime()[:3], dict.fromkeys(self._answers, 0)
        self._told: dict[str, Any] | None = None
        self._told_s = self._pictured_s = self._looked_s = float("-inf")
        self._to_show: Change | None = None

    def __enter__(self) -> "BrokerOutput":
        """Begins to connect."""
        self._connection.__enter__()
        return self

    def take(self, moment: Moment) -> None:
        """Tells what is new."""
        now_s = time.monotonic()
        if not moment.changes and now_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = now_s
        self._introduce()
        self._begin_day()
        for change in moment.changes:
            if change.answer.label in self._today:
                self._today[change.answer.label] += 1
        self._state = seen(moment)
        self.idle()
        if moment.changes:  # of what came before a camera was lost there is nothing left to see
            self._to_show = moment.changes[0] if moment.frame else None
        if self._to_show and moment.frame and now_s - self._pictured_s >= PICTURE_S:
            self._pictured_s = now_s
            self._send_picture(moment, moment.frame.image, face_of(self._to_show))
            self._to_show = None

    def _send_picture(self, moment: Moment, image: np.ndarray, reason: int | None) -> None:
        if not self._has_pictures:
            return
        boxes = sight(moment, self._watch.answerer).hidden(self._blur, reason)

        def jpeg() -> bytes:
            return Picture(blurred(image, boxes) if boxes else image, None, {}).jpeg() or b""

        self._connection.put(self._device.picture, jpeg)

    def idle(self) -> None:
        """Tells the counts of a new day, and that the loop turns."""
        self._begin_day()
        now_s = time.monotonic()
        today = {f"{answer}_today": count for answer, count in self._today.items()}
        unknown = dict.fromkeys(("expression", "smiling", "p_happy", "faces"))
        state: dict[str, Any] = {**unknown, **self._state, **today, "band": self._band}
        if self._is_new(state, now_s - self._told_s):
            self._told, self._told_s = state, now_s
            self._connection.put(self._device.state, json.dumps(state).encode())

    def finish(self) -> None:
        """Begins to say "offline"."""
        self._connection.finish()

    def shortfall(self) -> str:
        """Says that nothing was told, where the broker was never there."""
        self._connection.close()
        if self._connection.was_there:
            return ""
        return f"mqtt: {self._connection.address} was never connected: it was told nothing"

    def __exit__(self, *error: object) -> None:
        """Ends the connection."""
        self._connection.__exit__(*error)

    def _introduce(self) -> None:
        """Says what this is, also when another model has come to answer."""
        if (model := self._watch.classifier.contract.name) != self._model:
            self._model = model
            config = discovery(self._device, model, self._answers, self._has_pictures)
            self._connection.put(self._device.config, json.dumps(config).encode())

    def _begin_day(self) -> None:
        if (day := time.localtime()[:3]) != self._day:
            self._day, self._today = day, dict.fromkeys(self._answers, 0)

    def _is_new(self, state: dict[str, Any], passed_s: float) -> bool:
        """Whether there is something to tell; a probability is never the same twice."""
        told = self._told
        if told is None or passed_s >= HEARTBEAT_S:
            return True
        if any(state[key] != told[key] for key in state if key != "p_happy"):
            return True
        p_now, p_told = state["p_happy"], told["p_happy"]
        if p_now is None or p_told is None:
            return p_now is not p_told
        return passed_s >= self._drift_s and abs(p_now - p_told) >= DRIFT_PERCENT


def seen(moment: Moment) -> dict[str, Any]:
    """What there is to say of a moment with answers, by the keys of the discovery."""
    if moment.frame is None:
        return {"camera": "OFF"}
    first = moment.answers[0]
    return {
        "expression": first.label,
        "smiling": "ON" if any(a.label == "happy" for a in moment.answers) else "OFF",
        "p_happy": None if first.p_happy is None else round(100 * first.p_happy),
        "faces": moment.faces,
        "camera": "ON",
    }
