"""A history that lasts: each change, the totals of each minute, and the faults, in a file."""

import time
from pathlib import Path

from ...history.rows import Run
from ...history.scribe import Scribe
from ...masking import masked_text
from ...wording import band_text
from ..moment import Moment
from ..watch import Watch
from .held import Held
from .output import Output


class HistoryFile(Output):
    """Hands over to the scribe what there is to keep."""

    def __init__(
        self, path: Path, days: float, watch: Watch, band: tuple[float, float] | None = None
    ) -> None:
        """Opens nothing yet."""
        self._watch, self._feed, self._band = watch, watch.feed, band
        self._classifier = watch.classifier
        self._began = time.time()
        self._video_s = 0.0
        self._scribe, self._held = Scribe(path, self._run(), days), Held(60.0)

    def __enter__(self) -> "HistoryFile":
        """Opens the history.

        Raises:
            HistoryError: It cannot be used.
        """
        self._scribe.__enter__()
        return self

    def take(self, moment: Moment) -> None:
        """Notes what has changed, and how long the last answer held."""
        self._video_s = moment.time_s
        now = self._now()
        for held in self._held.until(moment, now):
            self._scribe.hold(held.start_s, held.answer, held.end_s - held.start_s)
        if self._watch.classifier is not self._classifier:
            self._classifier = self._watch.classifier
            self._scribe.begin(self._run())
        for change in moment.changes:
            answer = change.answer
            p = (None if p is None else round(p, 4) for p in answer.probabilities.values())
            self._scribe.answer(
                round(now, 3), answer.track_id, answer.label, change.previous, *p, change.faces,
                answer.reason,
            )  # fmt: skip

    def note(self, news: str) -> None:
        """Notes a fault, its end, or a rate that was lowered."""
        self._scribe.fault(round(self._now(), 3), masked_text(news))

    def finish(self) -> None:
        """Begins to write the last of it."""
        self._scribe.finish()

    def __exit__(self, *error: object) -> None:
        """Closes the history."""
        self._scribe.__exit__(*error)

    def _run(self) -> Run:
        """From now on: a run, or what is left of it once another model has come to answer."""
        contract = self._watch.classifier.contract
        model = ", ".join(filter(None, (contract.name, band_text(self._band))))
        return Run(self._now(), self._feed.name, model, contract.band)

    def _now(self) -> float:
        """In seconds since 1970; a video counts as if it had begun with the run."""
        return self._began + self._video_s if self._feed.is_video else time.time()
