"""What a run has counted, in the text format of Prometheus."""

import bisect
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ... import __version__
from ...errors import RuntimeMissingError
from ...machine.board import FLAGS
from ...machine.kernel_file import read
from ...machine.pip import pip_command
from ...wording import band_text
from ..moment import Moment
from ..watch import Watch
from .output import Output

if TYPE_CHECKING:
    from prometheus_client import Metric

# Seconds, the upper ends of classes; a frame takes 1 ms on a computer and 100 on the smallest Pi.
BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
STATM = Path("/proc/self/statm")


class Metrics(Output):
    """Counts while the loop runs; Prometheus' package is loaded when somebody asks."""

    def __init__(self, watch: Watch, band: tuple[float, float] | None) -> None:
        self._watch, self._feed, self._board = watch, watch.feed, watch.board
        self._band = band_text(band)
        labels = (*watch.classifier.contract.decision.answers, "unsure", "no_face")
        self._answers = Counter(dict.fromkeys(labels, 0))
        self._changes = Counter(dict.fromkeys(labels, 0))
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._latency_s = 0.0
        self._answered = 0
        self._faces = 0
        self._is_up = False
        self._taken_s: float | None = None

    def take(self, moment: Moment) -> None:
        """Counts a moment."""
        self._faces, self._is_up = moment.faces, moment.frame is not None
        for change in moment.changes:
            self._changes[change.answer.label] += 1
        if moment.frame is None:
            return
        self._taken_s = moment.frame.taken_s
        for answer in moment.answers:
            self._answers[answer.label] += 1
        self._answered += 1
        if moment.latency_ms is not None:
            latency_s = moment.latency_ms / 1000
            self._latency_s += latency_s
            self._buckets[bisect.bisect_left(BUCKETS, latency_s)] += 1

    def text(self) -> bytes:
        """All of it; may be asked for by another thread.

        Raises:
            RuntimeMissingError: Prometheus' package is not installed.
        """
        need_prometheus()
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator["Metric"]:
        """The metrics, as Prometheus' package asks for them."""
        from prometheus_client.metrics_core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
            InfoMetricFamily,
        )

        model = self._watch.classifier.contract.name
        about = {"version": __version__, "model": model, "band": self._band}
        yield InfoMetricFamily("happysad", "What runs.", about)
        answered, captured = self._answered, self._feed.captured
        yield CounterMetricFamily("happysad_frames", "Frames that were answered.", answered)
        yield CounterMetricFamily("happysad_frames_captured", "Frames that came.", captured)
        for name, what, counts in (
            ("answers", "Answers by label, for each face of each frame.", self._answers),
            ("changes", "Answers that were new, by label.", self._changes),
        ):
            family = CounterMetricFamily(f"happysad_{name}", what, labels=["label"])
            for label, count in counts.items():
                family.add_metric([label], count)
            yield family
        faults = CounterMetricFamily("happysad_faults", "Faults of the camera.", labels=["kind"])
        for kind, count in dict(self._feed.troubles.counts).items():
            faults.add_metric([kind.replace(" ", "_")], count)
        yield faults
        running, ends = 0, []
        for end, count in zip((*map(str, BUCKETS), "+Inf"), self._buckets, strict=True):
            running += count
            ends.append((end, running))
        yield HistogramMetricFamily(
            "happysad_latency_seconds", "Work on a frame.", buckets=ends, sum_value=self._latency_s
        )
        yield GaugeMetricFamily("happysad_faces", "Faces in view.", self._faces)
        yield GaugeMetricFamily("happysad_camera_up", "Whether frames come.", int(self._is_up))
        if self._taken_s is not None:
            age_s = time.monotonic() - self._taken_s
            yield GaugeMetricFamily(
                "happysad_frame_age_seconds", "Since the last answered frame was taken.", age_s
            )
        yield from self._machine()

    def _machine(self) -> Iterator["Metric"]:
        from prometheus_client.metrics_core import GaugeMetricFamily

        health = self._board.health()
        if health.temperature_c is not None:
            yield GaugeMetricFamily(
                "happysad_temperature_celsius", "Of the processor.", health.temperature_c
            )
        slowed = GaugeMetricFamily(
            "happysad_throttled", "What slows the machine down now.", labels=["reason"]
        )
        for flag in FLAGS:
            name = flag.replace(" ", "_").replace("-", "_")
            slowed.add_metric([name], int(flag in health.throttled))
        yield slowed
        if pages := (read(STATM) or "").split()[1:2]:
            used = int(pages[0]) * os.sysconf("SC_PAGE_SIZE")
            yield GaugeMetricFamily(
                "happysad_memory_bytes", "Resident memory of the program.", used
            )


def need_prometheus() -> None:
    """Loads the package of the extra.

    Raises:
        RuntimeMissingError: It is not installed.
    """
    try:
        import prometheus_client  # noqa: F401
    except ImportError as error:
        raise RuntimeMissingError(
            f"metrics need a package that is not installed: {pip_command('prometheus-client')}"
        ) from error
