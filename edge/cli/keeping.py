"""The options of `webcam` that keep something: what is off unless it is asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..errors import one_line
from ..gallery.sight import Blur
from ..live.keeping import EVENTS, Keeping, Wish
from ..service.folders import is_hidden, outside
from .options import finite

PICTURES = "EVENT:DIR"
HistoryOption = Annotated[
    Path | None,
    typer.Option(
        "--history",
        metavar="FILE.db",
        help="Keeps answers, minutes and faults there, in SQLite; 'history FILE.db' shows them.",
    ),
]
HistoryDaysOption = Annotated[
    float,
    typer.Option(
        min=0.01, max=36_500, callback=finite, help="What is older goes from the history."
    ),
]
PhotoOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar=PICTURES,
        help="Saves a still into DIR when a face becomes happy, sad, neutral or unsure, or at "
        "every change. May be given several times.",
    ),
]
ClipOption = Annotated[
    list[str] | None,
    typer.Option(metavar=PICTURES, help="The same as a video of the seconds before and after."),
]
DoubtfulOption = Annotated[
    Path | None,
    typer.Option(
        "--keep-doubtful",
        metavar="DIR",
        help="Saves faces there that are unsure or have changed, to be sorted and taught.",
    ),
]
ClipBeforeOption = Annotated[
    float, typer.Option(min=0, max=30, callback=finite, help="Seconds of a clip before the change.")
]
ClipAfterOption = Annotated[
    float, typer.Option(min=0, max=30, callback=finite, help="Seconds of a clip after it.")
]
PauseOption = Annotated[
    float,
    typer.Option(
        "--keep-pause", min=0, max=604_800, callback=finite,
        help="Seconds between two photos or clips of one EVENT:DIR, or two doubtful faces.",
    ),
]  # fmt: skip
MegabytesOption = Annotated[
    float,
    typer.Option(
        "--keep-mb", min=1, max=1e9, callback=finite,
        help="What the files of each DIR may have; the oldest of ours go first.",
    ),
]  # fmt: skip
DaysOption = Annotated[
    float,
    typer.Option("--keep-days", min=0.01, max=36_500, callback=finite, help="How old they may be."),
]
BlurOthersOption = Annotated[
    bool,
    typer.Option(
        "--blur-others", help="Blurs all faces on pictures but the one that was the reason."
    ),
]
BlurOption = Annotated[bool, typer.Option("--blur", help="Blurs all faces on them.")]


def wishes(option: str, texts: Sequence[str] | None) -> tuple[Wish, ...]:
    """What an option asks to keep pictures of, such as "happy:photos".

    Raises:
        typer.BadParameter: Of another form, or another event.
    """
    found = []
    for text in texts or ():
        event, colon, folder = text.partition(":")
        if not (colon and folder) or event not in EVENTS:
            raise typer.BadParameter(
                f"{option} {text}: give one of {', '.join(EVENTS)}, a colon and a folder"
            )
        found.append(Wish(event, Path(folder)))
    return tuple(dict.fromkeys(found))


def folders_of_a_service(keep: Keeping) -> tuple[str, ...]:
    """Where else than in its own folder a service has to write.

    Raises:
        typer.BadParameter: It cannot.
    """
    history = [("--history", keep.history.parent)] if keep.history else []
    photos = [("--photo", wish.folder) for wish in keep.photos]
    clips = [("--clip", wish.folder) for wish in keep.clips]
    found = []
    doubtful = [("--keep-doubtful", keep.doubtful)] if keep.doubtful else []
    for option, folder in (*history, *photos, *clips, *doubtful):
        place = outside(folder)
        if place and is_hidden(place):
            raise typer.BadParameter(
                f"{option} {one_line(place)}: a service sees no home folders, and has a /tmp of "
                "its own: give a name without a folder, or one such as /srv/happysad"
            )
        found += [place] if place else []
    return tuple(dict.fromkeys(found))


def faces_to_blur(others: bool, everybody: bool, doubtful: Path | None) -> Blur:
    """Which faces are to be blurred.

    Raises:
        typer.BadParameter: Nothing would be left to sort.
    """
    if everybody and doubtful:
        raise typer.BadParameter("--blur leaves nothing to sort of --keep-doubtful: --blur-others")
    return "all" if everybody else "others" if others else "none"
