"""The command `webcam`: its options, and the parts of the live runner put together."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from edge.board import Board
from edge.camera.address import parse_address
from edge.camera.feed import CameraFeed, Feed, VideoFeed
from edge.camera.finder import opener
from edge.camera.source import Wanted
from edge.camera.turn import Flip, turner
from edge.classifier import Classifier
from edge.errors import HappySadError
from edge.face_classifier import FaceClassifier
from edge.face_detector import FaceDetector
from edge.live.answerer import Answerer, FaceAnswerer, FrameAnswerer
from edge.live.console import Console
from edge.live.hooks import Hooks, parse_command
from edge.live.lines import Lines
from edge.live.pace import Pace
from edge.live.pulse import Pulse
from edge.live.recording import SUFFIXES, Recording
from edge.live.runner import run_live
from edge.live.status import StatusLine
from edge.live.stopping import Stop
from edge.live.timeline import Timeline
from edge.live.totals import Totals
from edge.live.window import Window, window_problem
from edge.opencv import cv2
from edge.options import ModelOption, Runtime, RuntimeOption, ThreadsOption, model_path


class Detector(str, Enum):
    """How faces are looked for."""

    auto = "auto"
    short = "short"
    full = "full"
    none = "none"


class Rotation(str, Enum):
    """By how many degrees the picture is turned, clockwise."""

    none = "0"
    right = "90"
    around = "180"
    left = "270"


def webcam(
    source: Annotated[
        str,
        typer.Argument(
            help="A camera's number or path ('cameras' lists them), a video, an http or rtsp "
            "address, picamera2, rpicam-vid; auto takes the first camera that works."
        ),
    ] = "auto",
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    every_frame: Annotated[
        bool, typer.Option("--every-frame", help="A line for each frame, not each change.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="A window: q ends, s saves a snapshot.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(help="Video to write with the answers on it (.mp4, .avi).")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Chart of the run to write at the end (.png).")
    ] = None,
    on_happy: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="To run when a face becomes happy.")
    ] = None,
    on_sad: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="To run when a face becomes sad.")
    ] = None,
    on_change: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="To run at every change.")
    ] = None,
    width: Annotated[int, typer.Option(min=16, help="Of the camera's picture.")] = 640,
    height: Annotated[int, typer.Option(min=16, help="Of the camera's picture.")] = 480,
    fps: Annotated[
        float | None,
        typer.Option(min=0.1, help="Asked of the camera.", show_default="the camera's"),
    ] = None,
    rotate: Annotated[Rotation, typer.Option(help="Clockwise.")] = Rotation.none,
    flip: Annotated[Flip | None, typer.Option(help="After rotating.", show_default="no")] = None,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Show it as a mirror does; the model sees it as it is.")
    ] = False,
    detector: Annotated[
        Detector | None,
        typer.Option(
            help="Faces within 2 m (short) or 5 m (full, slower), or as needed (auto); none: the "
            "picture is the face.",
            show_default="auto, or none where the model wants that",
        ),
    ] = None,
    max_fps: Annotated[
        float | None, typer.Option(min=0.01, help="Frames a second to answer, at most.")
    ] = None,
    duration: Annotated[float | None, typer.Option(min=0, help="Seconds to run.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for a camera that is not there at the start.")
    ] = False,
    still: Annotated[
        bool, typer.Option("--still", help="A picture that never changes is no fault.")
    ] = False,
    threads: ThreadsOption = 1,
    runtime: RuntimeOption = Runtime.auto,
) -> None:
    """Answers happy, sad, unsure or no_face for a camera, live, until Ctrl-C.

    One line for each change on stdout; on a terminal a live line below, and a summary at the end.
    A camera that fails is said once and opened again until it is back. With --json each line is an
    object with the keys of 'classify' (path is the source, frame and time_s are counted from the
    start) and schema_version, track_id (number of the face, or null), faces (how many are
    followed), age_ms (of the frame) and wall_time. no_face with a track_id: this face has left,
    others are there. reason is no_camera while no frames come.

    The commands of --on-happy, --on-sad and --on-change run without a shell, one at a time, for at
    most 10 s, with HAPPYSAD_LABEL, HAPPYSAD_PREVIOUS, HAPPYSAD_P_HAPPY, HAPPYSAD_TRACK_ID,
    HAPPYSAD_FACES, HAPPYSAD_TIME_S and HAPPYSAD_REASON in their environment.

    No picture is stored or sent anywhere unless --record, --report or the key s asks for it.
    """
    _check_suffix(record, SUFFIXES, "--record")
    _check_suffix(report, (".png",), "--report")
    commands = _commands({"happy": on_happy, "sad": on_sad, "change": on_change})
    address = parse_address(source)
    cv2.setNumThreads(threads)  # OpenCV's own threads would cost more than they give
    classifier = Classifier(model_path(model), threads=threads, runtime=runtime.value)
    answerer = _answerer(classifier, detector, threads, runtime)
    problem = window_problem() if show else None
    has_window = show and not problem
    pulse, totals, board = Pulse(), Totals(), Board()
    console = Console(live=not has_window)
    tell = console.tell
    if problem:
        tell(f"no window: {problem}; going on without one")
    failure: Exception | None = None
    with Stop() as stop, ExitStack() as held:
        feed: Feed
        if address.kind == "video":
            feed = VideoFeed(Path(address.place))
        else:
            open_camera = opener(address, Wanted(width, height, fps))
            feed = held.enter_context(
                CameraFeed(open_camera, address.name, wait=wait, allow_still=still)
            )
        takers = [
            totals.take,
            Lines(console, address.name, as_json=as_json, every_frame=every_frame).take,
        ]
        if commands:
            takers.append(held.enter_context(Hooks(commands, tell=tell)).take)
        if record:
            takers.append(held.enter_context(Recording(record, feed, pulse, mirror, tell)).take)
        if report:
            takers.append(held.enter_context(Timeline(report)).take)
        if has_window:
            window = Window(pulse, mirror, stop.event.set, tell=tell)
            takers.append(held.enter_context(window).take)
        else:
            takers.append(StatusLine(console, pulse, board).take)
        if max_fps is None and has_window and feed.is_video:
            max_fps = feed.fps  # people watch it
        tell(f"watching {feed.name} with {classifier.contract.name}; Ctrl-C ends it")
        try:
            run_live(
                feed, answerer, takers, stop=stop, pace=Pace(max_fps, board, tell), pulse=pulse,
                tell=tell, turn=turner(int(rotate.value), flip), duration_s=duration,
            )  # fmt: skip
        except (BrokenPipeError, HappySadError) as error:
            failure = error  # what was recorded until then is kept
        console.close()
        if not isinstance(failure, BrokenPipeError):
            for line in totals.lines(feed):
                tell(line)
    if failure:
        raise failure
    if isinstance(feed, CameraFeed) and feed.is_stuck:  # Python would wait for it, or crash
        os._exit(stop.exit_code)
    raise typer.Exit(stop.exit_code)


def _answerer(
    classifier: Classifier, detector: Detector | None, threads: int, runtime: Runtime
) -> Answerer:
    """What answers for a frame: for the faces in it, or for all of it."""
    if detector is None:
        detector = Detector.auto if classifier.contract.crop == "face" else Detector.none
    if detector is Detector.none:
        return FrameAnswerer(classifier)
    finder = FaceDetector(detector.value, threads=threads, runtime=runtime.value)
    return FaceAnswerer(FaceClassifier(classifier, finder))


def _commands(texts: Mapping[str, str | None]) -> dict[str, list[str]]:
    """The commands that were given, each as its words."""
    commands = {}
    for change, text in texts.items():
        if text is not None:
            try:
                commands[change] = parse_command(text)
            except ValueError as error:
                raise typer.BadParameter(f"--on-{change}: {error}") from error
    return commands


def _check_suffix(path: Path | None, suffixes: Sequence[str], option: str) -> None:
    if path and path.suffix.lower() not in suffixes:
        raise typer.BadParameter(f"{option} {path}: its name must end in {' or '.join(suffixes)}")
