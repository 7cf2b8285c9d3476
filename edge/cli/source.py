"""The options of `webcam` that say what is watched, and how."""

from pathlib import Path
from typing import Annotated

import typer

from ..camera.source_file import read_source
from ..live.settings import Detector, Flip, Rotation
from .options import finite

SourceArgument = Annotated[
    str,
    typer.Argument(
        help="A camera's number or path ('cameras' lists them), a video, an http or rtsp "
        "address, picamera2, rpicam-vid; auto takes the first camera that works."
    ),
]
SourceFileOption = Annotated[
    Path | None,
    typer.Option(
        help="A file whose first line is the source: a password in it is in no list of "
        "processes. - is stdin."
    ),
]
WidthOption = Annotated[int, typer.Option(min=16, max=16_384, help="Of the camera's picture.")]
HeightOption = WidthOption
FpsOption = Annotated[
    float | None,
    typer.Option(
        min=0.1,
        callback=finite,
        help="Asked of the camera; how often the address of a snapshot is asked.",
        show_default="the camera's; 2 for a snapshot",
    ),
]
RotateOption = Annotated[Rotation, typer.Option(help="Clockwise.")]
FlipOption = Annotated[Flip | None, typer.Option(help="After rotating.", show_default="no")]
MirrorOption = Annotated[
    bool, typer.Option("--mirror", help="Show it as a mirror does; the model sees it as it is.")
]
DetectorOption = Annotated[
    Detector | None,
    typer.Option(
        help="Faces within 2 m (short) or 5 m (full, slower), or as needed (auto); none: the "
        "picture is the face.",
        show_default="auto, or none where the model wants that",
    ),
]
MaxFpsOption = Annotated[
    float | None,
    typer.Option(min=0.01, callback=finite, help="Frames a second to answer, at most."),
]
LoopOption = Annotated[
    bool, typer.Option("--loop", help="Play a video again and again, at its own speed.")
]
DurationOption = Annotated[
    float | None, typer.Option(min=0.1, callback=finite, help="Seconds to run.")
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Wait for a camera that is not there at the start.")
]
StillOption = Annotated[
    bool, typer.Option("--still", help="A picture that never changes is no fault.")
]
InsecureOption = Annotated[
    bool, typer.Option("--insecure", help="Do not check the certificate of an https address.")
]
OtherHostsOption = Annotated[
    bool, typer.Option("--other-hosts", help="A redirect or playlist may lead to other hosts.")
]


def source_of(source: str, file: Path | None) -> str:
    """What is watched: the source that was given, or the one that a file holds.

    Raises:
        typer.BadParameter: Both are given.
        CameraError: The file cannot be read.
    """
    if file is None:
        return source
    if source != "auto":
        raise typer.BadParameter("--source-file and a source: give one of them")
    return read_source(file)
