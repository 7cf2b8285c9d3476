"""What the user of the live runner can choose."""

import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..errors import one_line
from ..faces.files import Range
from ..model.runtime import Runtime
from ..mqtt.access import Access
from .keeping import Keeping

VIDEO_SUFFIXES = (".mp4", ".avi")
Detector = Literal[Range, "none"]  # "none": the whole picture is the face
Rotation = Literal["0", "90", "180", "270"]  # degrees, clockwise
Flip = Literal["horizontal", "vertical"]  # left and right change places, or top and bottom


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


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of the command `webcam`, whose help says what each does.

    Attributes:
        model: The model file; None for the default.
        fps: Asked of the camera; None for the camera's own.
        commands: Words of the commands to run: at "happy", "sad" and every "change".
        detector: None for what the model wants.
        loop: Whether a video begins again at its end; it is played at its own speed then.
        max_fps: None without a limit.
        duration_s: None without an end.
        service: Whether nobody but programs reads what is said.
        web: Where to serve the page, as `parse_place` takes it; None for none.
        web_token_file: None for the file beside the models.
        band: Limits in place of the model's, as of `Band.with_band`; None for its own.
        keep: What is kept of the run.
        pictures_mb: How much the pictures may take that are collected to teach with.
        tell: What other programs are told of it.
    """

    source: str = "auto"
    model: Path | None = None
    as_json: bool = False
    every_frame: bool = False
    show: bool = False
    record: Path | None = None
    report: Path | None = None
    commands: dict[str, list[str]] = field(default_factory=dict)
    width: int = 640
    height: int = 480
    fps: float | None = None
    rotate: Rotation = "0"
    flip: Flip | None = None
    mirror: bool = False
    detector: Detector | None = None
    loop: bool = False
    max_fps: float | None = None
    duration_s: float | None = None
    wait: bool = False
    still: bool = False
    threads: int = 1
    runtime: Runtime = "auto"
    service: bool = False
    insecure: bool = False
    other_hosts: bool = False
    web: str | None = None
    web_token_file: Path | None = None
    web_cert: Path | None = None
    web_key: Path | None = None
    web_viewers: int = 8
    band: tuple[float, float] | None = None
    keep: Keeping = field(default_factory=Keeping)
    pictures_mb: int = 200
    tell: Telling = field(default_factory=Telling)


def parse_command(text: str) -> list[str]:
    """A command's program and arguments, as a shell would split them; no shell is used.

    Raises:
        ValueError: Quotes are not closed, or there is no such program; one line.
    """
    try:
        command = shlex.split(text)
    except ValueError as error:
        reason = str(error).lower()  # "no closing quotation" or "no escaped character"
        raise ValueError(f"{reason} in the command {one_line(text)}") from error
    if not command:
        raise ValueError("the command is empty")
    if shutil.which(command[0]) is None:
        raise ValueError(f"no program {one_line(command[0])} is found, or it may not be executed")
    return command
