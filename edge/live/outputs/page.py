"""The page: what the live loop gives to the server, and to whoever looks."""

import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from ... import __version__
from ...classifier import rivals_of
from ...images.preprocess import prepare
from ...masking import masked_text
from ...prediction import Prediction
from ...terminal.console import Console
from ...web.diary import SECONDS, Diary
from ...web.invitation import directions, invitation
from ...web.lessons import Lessons
from ...web.picture import Picture
from ...web.place import parse_place
from ...web.question import Question
from ...web.screen import Screen
from ...web.server import Server
from ...web.site import Sources
from ...web.token import read_token, token_path
from ...why.overlay import Overlay
from ..moment import Moment
from ..pulse import Pulse
from ..settings import Settings
from ..watch import Watch
from .lines import json_line, told
from .metrics import Metrics
from .output import Output
from .seconds import Seconds
from .totals import Totals

HEALTH_EVERY_S = 2.0  # at the board's, while somebody looks
SILENT_S = 10.0  # without an answer the loop is not well
ONCE = "video: it plays once, and the page ends with it; --loop plays it over and over"


class Page(Output):
    """Serves the page, and hands it what is seen while somebody looks."""

    def __init__(
        self,
        settings: Settings,
        watch: Watch,
        pulse: Pulse,
        totals: Totals,
        console: Console,
        lessons: Lessons,
        metrics: Metrics,
    ) -> None:
        """Begins to listen; nobody is answered yet.

        Raises:
            OutputError: Somebody else listens there, or the token or certificate cannot be used.
        """
        assert settings.web
        self._settings, self._watch, self._console = settings, watch, console
        self._pulse, self._totals = pulse, totals
        self._screen, self._diary = Screen(settings.web_viewers), Diary()
        self._seconds, self._overlay = Seconds(), Overlay(settings.runtime)
        self._alive_s = time.monotonic()
        self._has_camera = False
        self._looked_s, self._health = 0.0, watch.board.health()
        self._place = parse_place(settings.web)
        self._token_file = settings.web_token_file or token_path()
        # One's own token is asked for on this machine too.
        is_open = self._place.is_loopback and settings.web_token_file is None
        certificate = None
        if settings.web_cert and settings.web_key:
            certificate = (settings.web_cert, settings.web_key)
        sources = Sources(
            self._screen, self._diary, self._hello(), self._healthz,
            Question(watch.second, settings.band), lessons, metrics.text,
        )  # fmt: skip
        self._server = Server(
            sources, self._place, lambda: None if is_open else read_token(self._token_file),
            certificate,
        )  # fmt: skip

    def __enter__(self) -> "Page":
        """Lets them in, and says where."""
        self._server.__enter__()
        addresses = self._place.addresses(self._server.scheme, self._server.port)
        token = self._server.token
        if token and sys.stderr.isatty() and not self._settings.service:
            self._console.show(invitation(addresses, token))
        else:
            for line in directions(addresses, self._token_file if token else None):
                self._console.tell(line)
        if self._watch.feed.is_video and not self._settings.loop:
            self._console.tell(ONCE)
        return self

    def take(self, moment: Moment) -> None:
        """Notes what happened, and puts up what is seen if somebody looks."""
        self.idle()
        self._has_camera = moment.frame is not None
        for second in self._seconds.hold(moment):
            self._diary.add("second", **second)
        if moment.changes:
            self._screen.now = self._lines(moment, told(moment, every_frame=True))
        if self._screen.is_heard:
            self._screen.say(self._lines(moment, told(moment, self._settings.every_frame)))
        if self._screen.is_due():
            self._screen.show(self._picture(moment))

    def note(self, news: str) -> None:
        """Takes a line for the user."""
        self._diary.add("news", text=masked_text(news), clock=time.strftime("%H:%M:%S"))

    def idle(self) -> None:
        """Notes that the loop turns."""
        self._alive_s = time.monotonic()

    def finish(self) -> None:
        """Begins to end the server."""
        feed = self._watch.feed
        self._server.finish("The video has ended." if feed.is_video and feed.ended else "")

    def __exit__(self, *error: object) -> None:
        """Ends the server."""
        self._server.__exit__(*error)

    def _hello(self) -> dict[str, Any]:
        contract = self._watch.classifier.contract
        return {
            "model": contract.name,
            "answers": list(contract.decision.answers),
            "band": self._settings.band,
            "source": self._watch.feed.name,
            "mirror": self._settings.mirror,
            "stores": self._stores(),
            "version": __version__,
            "seconds": SECONDS,
        }

    def _stores(self) -> list[str]:
        """Where pictures go in this run, besides those that are taken to teach it."""
        keep = self._settings.keep
        asked = {
            "recording": self._settings.record, "photos": keep.photos, "clips": keep.clips,
            "doubtful faces": keep.doubtful, "MQTT broker": self._settings.tell.mqtt_pictures,
        }  # fmt: skip
        return [what for what, is_asked in asked.items() if is_asked]

    def _healthz(self) -> tuple[bool, dict[str, Any]]:
        is_well = time.monotonic() - self._alive_s < SILENT_S
        status = "ok" if is_well else "no answers"
        return is_well, {"status": status, "camera": self._has_camera, "version": __version__}

    def _picture(self, moment: Moment) -> Picture:
        """What the page shows of a moment."""
        image = crop = None
        explain: Callable[[], dict[str, Any]] = dict
        if moment.frame is not None:
            image = moment.frame.image
            seen = self._watch.answerer.crop(image, moment.answers[0])
            if seen is not None and moment.answers[0].p_happy is not None:
                model = self._watch.classifier
                crop = prepare(seen, model.contract.input)
                explain = partial(self._overlay.of, model, crop, moment.answers[0].label)
        decision = self._watch.classifier.contract.decision
        now_s = time.monotonic()
        if now_s - self._looked_s >= HEALTH_EVERY_S:
            self._looked_s, self._health = now_s, self._watch.board.health()
        facts = {
            "time_s": round(moment.time_s, 2),
            "answers": [
                asdict(answer) | {"p_shown": answer.p_shown, "rivals": rivals_of(decision, answer)}
                for answer in moment.answers
            ],
            "fps": round(self._pulse.fps, 1),
            "latency_ms": round(self._pulse.latency_ms(50), 1),
            "age_ms": round(moment.age_ms, 1),
            "temperature_c": self._health.temperature_c,
            "throttled": self._health.throttled,
            "totals": {state: round(s, 1) for state, s in self._totals.seconds.items()},
        }
        return Picture(image, crop, facts, explain)

    def _lines(self, moment: Moment, answers: list[tuple[Prediction, int]]) -> list[str]:
        name = self._watch.feed.name
        band = self._settings.band
        return [json_line(name, moment, answer, faces, band) for answer, faces in answers]
