"""The command `history`: what a run of `webcam --history` has kept."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import HistoryError, one_line
from .exits import tell
from .options import check_suffix

if TYPE_CHECKING:
    from ..history.reading import History

DAYS = 7  # that are shown unless others are asked for
FORMS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def history(
    file: Annotated[Path, typer.Argument(help="That 'webcam --history' wrote, or writes.")],
    since: Annotated[
        datetime | None,
        typer.Option(formats=FORMS, help="From then on.", show_default="the last 7 days of it"),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=FORMS, help="Before then.", show_default="its end"),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="One source of several, by the name that the runs said.")
    ] = None,
    as_csv: Annotated[
        Literal["answers", "minutes", "faults"] | None,
        typer.Option("--csv", help="Lines of CSV in place of the table: each answer, ..."),
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="Draw it as well (.png).")] = None,
) -> None:
    """Shows days and hours of a history: how long somebody was happy, neutral, sad or not there.

    Shares are those of the time that was watched, for the largest face in view; times are this
    machine's. A run may be writing meanwhile: what is shown is at most ten seconds old.
    """
    from ..history.reading import reading
    from ..history.table import csv_lines, fault_lines, table_lines

    check_suffix(chart, (".png",), "--chart")
    if since and until and since > until:
        raise typer.BadParameter("--since is after --until: they are the wrong way round")
    first, end = (None if day is None else day.timestamp() for day in (since, until))
    with reading(file, first, end, source) as kept:
        names = [one_line(name) for name in kept.sources()]
        sources = ", ".join(names) or "none"
        span = kept.span()
        if span is None:
            raise HistoryError(f"{one_line(file)} {_lacks(kept, names, source)}")
        if since is None:
            last_day = datetime.fromtimestamp(span[1] - 60).replace(hour=0, minute=0)
            kept.since = (last_day - timedelta(days=DAYS - 1)).timestamp()
        if as_csv:
            lines = csv_lines(kept, as_csv)
        else:
            table = table_lines(kept.minutes(), kept.band() is None)
            lines = itertools.chain(table, fault_lines(kept.faults()))
        for line in lines:
            print(line)
        if chart:
            from ..history.chart import save_chart  # OpenCV: for a picture alone

            save_chart(chart, kept.course())
    if span[0] < kept.since:
        begin = datetime.fromtimestamp(span[0])
        tell(f"there is more: --since {begin:%Y-%m-%d} shows all of it")
    if source is None and len(names) > 1:
        tell(f"several sources together: {sources}; --source NAME shows one")


def _lacks(kept: "History", names: Sequence[str], source: str | None) -> str:
    """What a history has in place of what was asked for."""
    if not names:
        return "has no minute yet: a run writes its first after ten seconds"
    if source is not None and one_line(source) not in names:
        return f"has no source {one_line(source)}, but {', '.join(names)}"
    kept.show_all()
    if (whole := kept.span()) is None:
        return "has no minute of that"
    begin, end = (f"{datetime.fromtimestamp(second):%Y-%m-%d %H:%M}" for second in whole)
    return f"has nothing of that time, but from {begin} to {end}"
