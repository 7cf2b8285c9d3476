"""The command `webcam`: its options become `Settings`, with which the live runner starts."""

import os
import sys
from collections.abc import Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import HappySadError
from ..gallery.gallery import Caps
from ..live.keeping import Keeping
from ..live.settings import VIDEO_SUFFIXES, Settings, Telling, parse_command
from ..machine.memory import keep_pages_small
from ..machine.quiet import claim_stderr
from ..terminal.console import news_line
from . import keeping as keep
from . import mqtt as broker
from . import page
from . import source as watched
from .belonging import check_belonging
from .options import BandOption, ModelOption, RuntimeOption, ThreadsOption, check_suffix


def settings(
    context: typer.Context,
    source: watched.SourceArgument = "auto",
    source_file: watched.SourceFileOption = None,
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
    width: watched.WidthOption = 640,
    height: watched.HeightOption = 480,
    fps: watched.FpsOption = None,
    rotate: watched.RotateOption = "0",
    flip: watched.FlipOption = None,
    mirror: watched.MirrorOption = False,
    detector: watched.DetectorOption = None,
    max_fps: watched.MaxFpsOption = None,
    loop: watched.LoopOption = False,
    duration: watched.DurationOption = None,
    wait: watched.WaitOption = False,
    still: watched.StillOption = False,
    insecure: watched.InsecureOption = False,
    other_hosts: watched.OtherHostsOption = False,
    threads: ThreadsOption = 1,
    runtime: RuntimeOption = "auto",
    service: Annotated[
        bool, typer.Option("--service", help="As a service: --wait, --json, and news as JSON too.")
    ] = False,
    web: page.WebOption = None,
    web_token_file: page.TokenFileOption = None,
    web_cert: page.PageCertOption = None,
    web_key: page.PageKeyOption = None,
    web_viewers: page.ViewersOption = 8,
    history: keep.HistoryOption = None,
    history_days: keep.HistoryDaysOption = 90.0,
    photo: keep.PhotoOption = None,
    clip: keep.ClipOption = None,
    keep_doubtful: keep.DoubtfulOption = None,
    clip_before: keep.ClipBeforeOption = 5.0,
    clip_after: keep.ClipAfterOption = 5.0,
    keep_pause: keep.PauseOption = 10.0,
    keep_mb: keep.MegabytesOption = 500.0,
    keep_days: keep.DaysOption = 30.0,
    blur_others: keep.BlurOthersOption = False,
    blur: keep.BlurOption = False,
    pictures_mb: page.CollectedOption = 200,
    band: BandOption = None,
    mqtt: broker.MqttOption = None,
    mqtt_login: broker.LoginOption = None,
    mqtt_ca: broker.CaOption = None,
    mqtt_cert: broker.CertOption = None,
    mqtt_key: broker.KeyOption = None,
    mqtt_name: broker.NameOption = None,
    mqtt_pictures: broker.PicturesOption = False,
    metrics: page.MetricsOption = None,
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
    check_belonging(context)
    check_suffix(record, VIDEO_SUFFIXES, "--record")
    check_suffix(report, (".png",), "--report")
    source = watched.source_of(source, source_file)
    page.check_page(web, web_cert, web_key)
    photos, clips = keep.wishes("--photo", photo), keep.wishes("--clip", clip)
    access = broker.access_of(mqtt, mqtt_login, mqtt_ca, mqtt_cert, mqtt_key)
    return Settings(
        source=source, model=model, as_json=as_json or service, every_frame=every_frame, show=show,
        record=record, report=report,
        commands=_commands(
            {"happy": on_happy, "sad": on_sad, "neutral": on_neutral, "change": on_change}
        ),
        width=width, height=height, fps=fps, rotate=rotate, flip=flip, mirror=mirror,
        detector=detector, loop=loop, max_fps=max_fps, duration_s=duration,
        wait=wait or service, still=still, threads=threads, runtime=runtime, service=service,
        insecure=insecure, other_hosts=other_hosts, web=web, web_token_file=web_token_file,
        web_cert=web_cert, web_key=web_key, web_viewers=web_viewers, pictures_mb=pictures_mb,
        keep=Keeping(
            history, history_days, photos, clips, keep_doubtful, clip_before, clip_after,
            keep_pause, Caps(keep_mb, keep_days),
            keep.faces_to_blur(blur_others, blur, keep_doubtful),
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
