"""One run of the live runner: its parts put together, and taken apart whatever happens."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from ..camera.address import Address, parse_address
from ..camera.camera_feed import CameraFeed
from ..camera.feed import Feed
from ..camera.finder import opener
from ..camera.source import Wanted
from ..camera.turn import turner
from ..camera.video_feed import VideoFeed
from ..classifier import Classifier, load_first
from ..errors import HappySadError, OutputError
from ..face_classifier import FaceClassifier
from ..faces.detector import FaceDetector
from ..machine.board import Board
from ..machine.notify import ServiceManager
from ..machine.opencv import cv2
from ..machine.output_file import check_writable
from ..model.choice import candidates
from ..terminal.console import Console
from .answerer import Answerer, FaceAnswerer, FrameAnswerer
from .loop import Taker, run_live
from .outputs.heartbeat import Heartbeat
from .outputs.hooks import Hooks
from .outputs.lines import Lines
from .outputs.recording import Recording
from .outputs.status import StatusLine
from .outputs.timeline import Timeline
from .outputs.totals import Totals
from .outputs.window import Window, window_problem
from .pace import Pace
from .pulse import Pulse
from .settings import Settings
from .stopping import Stop


def watch(settings: Settings) -> int:
    """Runs until the user, the video or the time ends it; says the summary.

    Args:
        settings: What the user has chosen.

    Returns:
        The exit code.

    Raises:
        HappySadError: The source, the model or an output cannot be used.
        BrokenPipeError: Nobody reads the answers any more.
    """
    address = parse_address(settings.source)
    for output in filter(None, (settings.record, settings.report)):
        if address.kind == "video" and output.exists() and output.samefile(address.place):
            raise OutputError(f"{output} is the video that is watched: write to another file")
        check_writable(output)  # not at the end of weeks
    cv2.setNumThreads(settings.threads)  # more of OpenCV's would take from the interpreter's
    problem = window_problem() if settings.show else None
    has_window = settings.show and not problem
    console = Console(live=not has_window, json_news=settings.service)
    pulse, totals, board = Pulse(), Totals(), Board()
    _, classifier = load_first(
        candidates(settings.model), console.tell,
        threads=settings.threads, runtime=settings.runtime,
    )  # fmt: skip
    answerer, band = _answerer(classifier, settings), classifier.contract.band
    if problem:
        console.tell(f"no window: {problem}; going on without one")
    failure: Exception | None = None
    with Stop() as stop, ExitStack() as held:
        takers: list[Taker] = [totals.take]
        enders: list[Callable[[], None]] = []  # what takes its time to end does so at once
        if settings.commands:
            hooks = held.enter_context(Hooks(settings.commands, tell=console.tell))
            takers.append(hooks.take)
            enders.append(hooks.give_up)
        feed = _feed(address, settings, held, stop)
        lines = Lines(console, feed, settings)
        takers.insert(1, lines.take)
        idlers = [lines.heed_reader]
        if settings.record:
            recording = Recording(settings.record, feed, pulse, settings.mirror, console.tell)
            takers.append(held.enter_context(recording).take)
        if settings.report:
            takers.append(held.enter_context(Timeline(settings.report, band)).take)
        if has_window:
            window = Window(pulse, settings.mirror, stop.event.set, tell=console.tell)
            takers.append(held.enter_context(window).take)
            idlers.append(window.heed_keys)
        else:
            takers.append(StatusLine(console, pulse, board).take)
        max_fps = settings.max_fps
        if has_window and feed.is_video:
            max_fps = max_fps or feed.fps  # people look at it
        pace = Pace(max_fps, board, console.tell)
        heartbeat = Heartbeat(ServiceManager(), feed, pace, pulse)
        takers.append(heartbeat.take)
        idlers.append(heartbeat.idle)
        enders.append(heartbeat.ending)
        hint = "" if settings.service else "; Ctrl-C ends it"
        console.tell(f"watching {feed.name} with {classifier.contract.name}{hint}")
        heartbeat.ready()
        try:
            run_live(
                feed, answerer, takers, stop=stop, pace=pace,
                pulse=pulse, tell=console.tell, duration_s=settings.duration_s,
                turn=turner(int(settings.rotation), settings.flip),
                idle=partial(_call, idlers),
            )  # fmt: skip
        except (BrokenPipeError, HappySadError) as error:
            failure = error  # what was recorded until then is kept
        if isinstance(feed, CameraFeed):
            enders.append(feed.give_up)
        _call(enders)
        console.close()
        if not isinstance(failure, BrokenPipeError):
            for line in totals.lines(feed):
                console.tell(line)
    if failure:
        raise failure
    if isinstance(feed, CameraFeed) and feed.is_stuck:  # Python would wait for it, or crash
        os._exit(stop.exit_code)
    return stop.exit_code


def _call(functions: Sequence[Callable[[], None]]) -> None:
    for function in functions:
        function()


def _feed(address: Address, settings: Settings, held: ExitStack, stop: Stop) -> Feed:
    """The source of the frames; what is open is held by the stack."""
    if address.kind == "video":
        return VideoFeed(Path(address.place))
    camera = CameraFeed(
        opener(address, Wanted(settings.width, settings.height, settings.fps)),
        address.name,
        wait=settings.wait,
        allow_still=settings.still,
        stop=stop.event,
    )
    return held.enter_context(camera)


def _answerer(classifier: Classifier, settings: Settings) -> Answerer:
    """What answers for a frame: for the faces in it, or for all of it."""
    detector = settings.detector
    if detector is None:
        detector = "auto" if classifier.contract.crop == "face" else "none"
    if detector == "none":
        return FrameAnswerer(classifier)
    finder = FaceDetector(detector, threads=settings.threads, runtime=settings.runtime)
    return FaceAnswerer(FaceClassifier(classifier, finder))
