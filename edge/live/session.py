"""One run of the command `webcam`: a source that is watched, and the outputs that are told."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..camera.address import parse_address
from ..errors import HappySadError, OutputError, RuntimeMissingError
from ..machine.display import window_problem
from ..machine.notify import ServiceManager
from ..machine.output_file import check_writable
from ..machine.pip import pip_command
from ..mqtt.access import need_paho
from ..terminal.console import Console
from ..wording import band_text
from .answerer import FrameAnswerer
from .lessons import Lessons
from .outputs.clips import Clips
from .outputs.doubtful import Doubtful
from .outputs.heartbeat import Heartbeat
from .outputs.hooks import Hooks
from .outputs.lines import Lines
from .outputs.metrics import Metrics, need_prometheus
from .outputs.output import Output
from .outputs.photos import Photos
from .outputs.recording import Recording
from .outputs.status import StatusLine
from .outputs.timeline import Timeline
from .outputs.totals import Totals
from .outputs.window import Window
from .pulse import Pulse
from .settings import Settings
from .stopping import Stop
from .watch import Watch

if TYPE_CHECKING:
    from .outputs.broker import BrokerOutput
    from .outputs.page import Page

PAGE_PACKAGES = ("starlette", "uvicorn", "websockets", "segno")  # the extra "web"


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended.

    Attributes:
        code: The exit code.
        is_stuck: Whether a driver keeps a thread, so that the process has to be ended by force.
    """

    code: int
    is_stuck: bool


def run(settings: Settings) -> End:
    """Runs until the user, the video or the time ends it; prints the summary.

    Raises:
        HappySadError: The source, the model or an output cannot be used.
        BrokenPipeError: Nobody reads the answers any more.
    """
    _check_outputs(settings)
    problem = window_problem() if settings.show else None
    has_window = settings.show and not problem
    totals = Totals()
    failure: Exception | None = None
    shortfalls: list[str] = []
    with Stop() as stop, ExitStack() as opened:
        console = opened.enter_context(Console(live=not has_window, json_news=settings.service))
        watch = Watch(replace(settings, show=has_window), stop.event)
        if settings.keep.blur != "none" and isinstance(watch.answerer, FrameAnswerer):
            raise OutputError(
                "--blur-others and --blur: this model takes all of the picture for the face: leave "
                "them out, or choose a model of faces"
            )
        if problem:
            console.tell(f"no window: {problem}; going on without one")
        opened.enter_context(watch)
        outputs = [
            opened.enter_context(output)
            for output in (totals, *_outputs(settings, watch, console, totals, stop, has_window))
        ]
        hint = "" if settings.service else "; Ctrl-C ends it"
        # With --wait there may be no camera yet, and so no name.
        what = (
            "waiting for a camera," if watch.feed.name == "auto" else f"watching {watch.feed.name}"
        )
        band = f", {band_text(settings.band)} in place of its own" if settings.band else ""
        console.tell(f"{what} with the model {watch.classifier.contract.name}{band}{hint}")
        try:
            for moment in watch:
                for line in moment.news:
                    console.tell(line)
                    for output in outputs:
                        output.note(line)
                for output in outputs:
                    output.idle() if moment.is_idle else output.take(moment)
                if settings.duration_s is not None and moment.time_s >= settings.duration_s:
                    break
        except (BrokenPipeError, HappySadError) as error:
            failure = error  # what was recorded until then is kept
        for output in outputs:
            output.finish()
        watch.finish()
        console.clear()
        if not isinstance(failure, BrokenPipeError):
            for line in totals.lines(watch.feed):
                console.tell(line)
            if saved := [said for output in outputs if (said := output.saved())]:
                console.tell(f"saved: {', '.join(saved)}")
        if not failure:
            shortfalls = [said for output in outputs if (said := output.shortfall())]
            for line in shortfalls:
                console.tell(line)
    if failure:
        raise failure
    # A service that is stopped has not failed: its log has it.
    has_failed = bool(shortfalls) and not settings.service
    return End(stop.exit_code or int(has_failed), watch.is_stuck)


def _check_outputs(settings: Settings) -> None:
    """Refuses files that cannot be written now, not at the end of weeks."""
    address = parse_address(settings.source)
    for path in filter(None, (settings.record, settings.report)):
        check_writable(path)
        if address.kind == "video" and path.exists() and path.samefile(address.place):
            raise OutputError(f"{path} is the video that is watched: write to another file")
    if settings.web:
        _page()  # before the camera runs: frames would be missed meanwhile
    if settings.tell.mqtt:
        _broker()
    if settings.tell.metrics is not None:
        need_prometheus()


def _outputs(
    settings: Settings,
    watch: Watch,
    console: Console,
    totals: Totals,
    stop: Stop,
    has_window: bool,
) -> Iterator[Output]:
    """The outputs that the user has chosen, in the order in which they take a moment."""
    pulse = Pulse()
    yield pulse
    yield Lines(console, watch.feed, settings)
    if settings.commands:
        yield Hooks(settings.commands)
    if settings.record:
        yield Recording(settings.record, watch.feed, pulse, settings.mirror)
    if settings.report:
        yield Timeline(settings.report, watch.classifier.contract.band)
    lessons = None
    if settings.web or has_window:
        lessons = Lessons(watch, settings.model, 1_000_000 * settings.pictures_mb)
        yield lessons
    if settings.web or settings.tell.metrics is not None:
        metrics = Metrics(watch, settings.band)
        yield metrics
    if settings.web and lessons:
        yield _page()(settings, watch, pulse, totals, console, lessons, metrics)
    if settings.tell.metrics is not None:
        from .outputs.metrics_server import MetricsServer  # an HTTP server, and for nothing else

        yield MetricsServer(settings.tell.metrics, metrics, console)
    if settings.keep.photos:
        yield Photos(settings.keep, watch.answerer)
    if settings.keep.clips:
        yield Clips(settings.keep, watch.answerer, watch.feed.is_video)
    if settings.keep.doubtful:
        yield Doubtful(settings.keep.doubtful, settings.keep, watch.answerer)
    if settings.keep.history:
        from .outputs.history import HistoryFile  # SQLite, and for nothing else

        yield HistoryFile(settings.keep.history, settings.keep.history_days, watch, settings.band)
    if settings.tell.mqtt:
        yield _broker()(settings, watch, console)
    if has_window and lessons:
        yield Window(pulse, settings.mirror, stop.event.set, lessons=lessons)
    else:
        yield StatusLine(console, pulse, watch.board, settings.band)
    yield Heartbeat(ServiceManager(), watch.feed, watch.pace, pulse, band=settings.band)


def _page() -> type["Page"]:
    """The page; its packages are loaded here, and for nothing else."""
    try:
        from .outputs.page import Page
    except ImportError as error:
        missing = (error.name or "").split(".")[0]
        if missing not in PAGE_PACKAGES:
            raise
        raise RuntimeMissingError(
            f"--web needs packages that are not installed ({missing}): "
            f"{pip_command('--upgrade', *PAGE_PACKAGES)}"
        ) from error
    return Page


def _broker() -> type["BrokerOutput"]:
    """What tells a broker; its package is loaded here, and for nothing else."""
    need_paho()
    from .outputs.broker import BrokerOutput

    return BrokerOutput
