"""The command `webcam`: its options become `Settings`, with which the live runner starts."""

import os
import sys
from collections.abc import Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from ..camera.source_file import read_source
from ..errors import HappySadError
from ..gallery.gallery import Caps
from ..live.keeping import Keeping
from ..live.settings import (
    VIDEO_SUFFIXES,
    Detector,
    Flip,
    Rotation,
    Settings,
    parse_command,
)
from ..live.telling import Telling
from ..machine.pages import keep_pages_small
from ..machine.quiet import claim_stderr
from ..terminal.console import news_line
from ..web.place import parse_place
from .keeping import (
    BlurOption,
    BlurOthersOption,
    ClipAfterOption,
    ClipBeforeOption,
    ClipOption,
    DaysOption,
    DoubtfulOption,
    HistoryDaysOption,
    HistoryOption,
    MegabytesOption,
    PauseOption,
    PhotoOption,
    wishes,
)
from .keeping import blur as faces_to_blur
from .mqtt import (
    CaOption,
    CertOption,
    KeyOption,
    LoginOption,
    MqttOption,
    NameOption,
    PicturesOption,
    access_of,
)
from .options import BandOption, ModelOption, RuntimeOption, ThreadsOption, finite


def settings(
    source: Annotated[
        str,
        typer.Argument(
            help="A camera's number or path ('cameras' lists them), a video, an http or rtsp "
            "address, picamera2, rpicam-vid; auto takes the first camera that works."
        ),
    ] = "auto",
    source_file: Annotated[
        Path | None,
        typer.Option(
            help="A file whose first line is the source: a password in it is in no list of "
            "processes. - is stdin."
        ),
    ] = None,
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    every_frame: Annotated[
        bool, typer.Option("--every-frame", help="A line for each frame, not each change.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="A window: q ends, p saves a picture, h s n teach.")
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
    on_neutral: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="To run when a face becomes neutral.")
    ] = None,
    on_change: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="To run at every change.")
    ] = None,
    width: Annotated[int, typer.Option(min=16, max=16_384, help="Of the camera's picture.")] = 640,
    height: Annotated[int, typer.Option(min=16, max=16_384, help="Of the camera's picture.")] = 480,
    fps: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            callback=finite,
            help="Asked of the camera; how often the address of a snapshot is asked.",
            show_default="the camera's; 2 for a snapshot",
        ),
    ] = None,
    rotate: Annotated[Rotation, typer.Option(help="Clockwise.")] = "0",
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
        float | None,
        typer.Option(min=0.01, callback=finite, help="Frames a second to answer, at most."),
    ] = None,
    duration: Annotated[
        float | None, typer.Option(min=0.1, callback=finite, help="Seconds to run.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for a camera that is not there at the start.")
    ] = False,
    still: Annotated[
        bool, typer.Option("--still", help="A picture that never changes is no fault.")
    ] = False,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Do not check the certificate of an https address.")
    ] = False,
    other_hosts: Annotated[
        bool,
        typer.Option("--other-hosts", help="A redirect or playlist may lead to other hosts."),
    ] = False,
    threads: ThreadsOption = 1,
    runtime: RuntimeOption = "auto",
    service: Annotated[
        bool, typer.Option("--service", help="As a service: --wait, --json, and news as JSON too.")
    ] = False,
    web: Annotated[
        str | None,
        typer.Option(
            metavar="[HOST:]PORT",
            help="A page to look at in a browser: 8080 on this machine alone, 0.0.0.0:8080 also on "
            "others, with a token.",
        ),
    ] = None,
    web_token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Holds the page's token.", show_default="one beside the models"
        ),
    ] = None,
    web_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The page's TLS certificate (.pem).")
    ] = None,
    web_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate's private key (.pem).")
    ] = None,
    web_viewers: Annotated[
        int, typer.Option(min=1, max=50, help="How many may look at the page at a time.")
    ] = 8,
    history: HistoryOption = None,
    history_days: HistoryDaysOption = 90.0,
    photo: PhotoOption = None,
    clip: ClipOption = None,
    keep_doubtful: DoubtfulOption = None,
    clip_before: ClipBeforeOption = 5.0,
    clip_after: ClipAfterOption = 5.0,
    keep_pause: PauseOption = 10.0,
    keep_mb: MegabytesOption = 500.0,
    keep_days: DaysOption = 30.0,
    blur_others: BlurOthersOption = False,
    blur: BlurOption = False,
    pictures_mb: Annotated[
        int,
        typer.Option(
            min=1, max=1_000_000, help="For pictures that are collected to teach with, MB at most."
        ),
    ] = 200,
    band: BandOption = None,
    mqtt: MqttOption = None,
    mqtt_login: LoginOption = None,
    mqtt_ca: CaOption = None,
    mqtt_cert: CertOption = None,
    mqtt_key: KeyOption = None,
    mqtt_name: NameOption = None,
    mqtt_pictures: PicturesOption = False,
    metrics: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65535,
            help="Of this machine, for Prometheus; the page has /metrics too.",
        ),
    ] = None,
) -> Settings:
    """Answers happy, sad, neutral, unsure or no_face for a camera, live, until Ctrl-C.

    One line for each change on stdout; on a terminal a live line below, and a summary at the end.
    A camera that fails is said once and opened again until it is back. With --json each line is an
    object with the keys of 'classify' (path is the source, frame and time_s are counted from the
    start) and track_id (number of the face, or null), faces (how many are followed), age_ms (of the
    frame) and wall_time. no_face with a track_id: this face has left, others are there. reason is
    no_camera while no frames come.

    The commands of --on-happy, --on-sad, --on-neutral and --on-change run without a shell, one at
    a time, for at most 10 s, with HAPPYSAD_LABEL, HAPPYSAD_PREVIOUS, HAPPYSAD_P_HAPPY,
    HAPPYSAD_P_SAD, HAPPYSAD_P_NEUTRAL, HAPPYSAD_TRACK_ID, HAPPYSAD_FACES, HAPPYSAD_TIME_S and
    HAPPYSAD_REASON in their environment.

    With --service, what else there is to say is JSON too, on stderr, with the key news. systemd is
    told when it is ready, and that it is alive for as long as frames are answered.

    No picture is stored or sent anywhere unless --record, --report, --web, --photo, --clip,
    --keep-doubtful, --mqtt-pictures or a key asks for it.
    """
    _check_suffix(record, VIDEO_SUFFIXES, "--record")
    _check_suffix(report, (".png",), "--report")
    if source_file:
        if source != "auto":
            raise typer.BadParameter("--source-file and a source: give one of them")
        source = read_source(source_file)
    _check_web(web, web_token_file, web_cert, web_key)
    photos, clips = wishes("--photo", photo), wishes("--clip", clip)
    access = access_of(mqtt, mqtt_login, mqtt_ca, mqtt_cert, mqtt_key)
    if not access and (mqtt_name is not None or mqtt_pictures):
        raise typer.BadParameter("--mqtt-name and --mqtt-pictures belong to --mqtt")
    pictures = [*photos, *clips, *([access] if mqtt_pictures else [])]
    return Settings(
        source=source, model=model, as_json=as_json or service, every_frame=every_frame, show=show,
        record=record, report=report,
        commands=_commands(
            {"happy": on_happy, "sad": on_sad, "neutral": on_neutral, "change": on_change}
        ),
        width=width, height=height, fps=fps, rotate=rotate, flip=flip, mirror=mirror,
        detector=detector, max_fps=max_fps, duration_s=duration, wait=wait or service, still=still,
        threads=threads, runtime=runtime, service=service, insecure=insecure,
        other_hosts=other_hosts, web=web, web_token_file=web_token_file, web_cert=web_cert,
        web_key=web_key, web_viewers=web_viewers, pictures_mb=pictures_mb,
        keep=Keeping(
            history, history_days, photos, clips, keep_doubtful, clip_before, clip_after,
            keep_pause, Caps(keep_mb, keep_days),
            faces_to_blur(blur_others, blur, pictures, keep_doubtful),
        ),
        band=band, tell=Telling(access, mqtt_name, mqtt_pictures, metrics),
    )  # fmt: skip


@wraps(settings)  # the same options, with the same help
def webcam(**options: Any) -> None:
    """Starts the live runner; the text of its help is that of `settings`."""
    if options["service"] or options["web"]:  # the page has threads, as 'classify' has
        claim_stderr()
    keep_pages_small()
    try:
        chosen = settings(**options)
        from ..live.session import run  # OpenCV and the runtime: not for --help, not for doctor

        end = run(chosen)
    except HappySadError as error:
        if not options["service"]:
            raise
        print(news_line(f"error: {error}"), file=sys.stderr)
        raise typer.Exit(1) from error
    if end.is_stuck:  # a normal exit would wait for the driver, or crash
        os._exit(end.code)
    raise typer.Exit(end.code)


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


def _check_web(
    web: str | None, token_file: Path | None, certificate: Path | None, key: Path | None
) -> None:
    """A usage error where the options of the page do not go together."""
    if web is None:
        if token_file or certificate or key:
            raise typer.BadParameter("--web-token-file, --web-cert and --web-key belong to --web")
        return
    try:
        parse_place(web)
    except ValueError as error:
        raise typer.BadParameter(f"--web {error}") from error
    if (certificate is None) != (key is None):
        raise typer.BadParameter("--web-cert and --web-key belong together")


def _check_suffix(path: Path | None, suffixes: Sequence[str], option: str) -> None:
    """A usage error where the name of an output does not say a format that can be written."""
    if path and path.suffix.lower() not in suffixes:
        raise typer.BadParameter(f"{option} {path}: its name must end in {' or '.join(suffixes)}")
