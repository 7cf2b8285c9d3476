"""A history: what a run leaves in it, what is refused, and what kills and full disks cost."""

import csv
import itertools
import logging
import os
import resource
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.errors import HistoryError
from edge.history.axis import MAX_TICKS, time_said, time_ticks
from edge.history.chart import BOTTOM, STATE_COLOURS, STRIP_BOTTOM, STRIP_TOP, TOP, draw_chart
from edge.history.course import STATES, Bin, Course
from edge.history.database import open_to_read, open_to_write
from edge.history.reading import Minute, reading
from edge.history.rows import Run
from edge.history.scribe import Scribe
from edge.history.spans import LEFT, RIGHT, watched_spans
from edge.history.table import csv_lines, fault_lines, table_lines
from edge.prediction import Prediction
from tests.support.command import edge
from tests.support.kills import kill_history
from tests.support.patience import until

NOON = datetime(2026, 11, 24, 12, 0).timestamp()  # of this machine
HAPPY, NOBODY = Prediction("happy", 0.9, p_sad=0.05, p_neutral=0.05), Prediction("no_face")
STATES_OF = {colour: state for state, colour in STATE_COLOURS.items()} | {(255, 255, 255): ""}
NO_CAMERA = Prediction("no_face", reason="no_camera")
RUN = Run(NOON, "film.mp4", "faces", None)


def scribe(path: Path, run: Run = RUN, days: float = 36_500, every_s: float = 60.0) -> Scribe:
    return Scribe(path, run, days, every_s)


def note(to: Scribe, at: float, label: str = "happy", p_happy: float | None = 0.9314) -> None:
    to.answer(at, 1, label, "neutral", p_happy, 0.0123, 0.0481, 1, None)


def times(path: Path) -> list[float]:
    with reading(path) as kept:
        return [answer[1] for answer in kept.answers()]


def test_a_run_is_in_its_history_by_change_by_minute_and_as_a_table(
    smile: Path, tmp_path: Path
) -> None:
    path, chart = tmp_path / "week.db", tmp_path / "week.png"
    done = edge("webcam", smile, "-m", "faces", "--history", path)
    assert done.returncode == 0, done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["week.db"]
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(edge("history", path, "--csv", "answers").stdout.splitlines()))
    assert [row["label"] for row in rows] == [line.split()[1] for line in done.stdout.splitlines()]
    assert {row["source"] for row in rows} == {str(smile)}
    minutes = list(csv.DictReader(edge("history", path, "--csv", "minutes").stdout.splitlines()))
    held_s = sum(float(minute[state]) for minute in minutes for state in STATES)
    assert held_s == pytest.approx(71 / 30, abs=0.01)
    assert sum(int(minute["changes"]) for minute in minutes) == len(rows)
    shown = edge("history", path, "--chart", chart)
    assert (shown.returncode, shown.stderr) == (0, f"drawn: {chart}\n")
    head, day, *hours, faults = shown.stdout.splitlines()
    assert head.split() == ["watched", "happy", "neutral", "sad", "unsure", "no", "face", "no",
                            "camera", "changes"]  # fmt: skip
    assert day.split()[1] == "0:00:02"
    assert 1 <= len(hours) <= 2
    assert faults == "faults: none"
    assert chart.exists()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["week.db", "week.png"]


def test_another_model_begins_another_run(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    with scribe(path) as writes:
        note(writes, NOON)
        writes.begin(Run(NOON + 5, "film.mp4", "taught", None))
        note(writes, NOON + 10, "sad")
        writes.begin(Run(NOON + 15, "film.mp4", "faces", None))
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT model, label FROM runs JOIN answers ON run = id")
        assert rows.fetchall() == [("faces", "happy"), ("taught", "sad")]


def test_a_comma_in_the_name_of_a_source_makes_no_second_one(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    with scribe(path, Run(NOON, "door, left", "faces", None)) as writes:
        note(writes, NOON)
    shown = edge("history", path)
    assert (shown.returncode, shown.stderr) == (0, "")


def test_days_and_hours_of_several_runs_are_added_up(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    for number, source in enumerate(("door", "desk")):
        with scribe(path, Run(NOON, source, "faces", None)) as writes:
            for hour in (0, 1, 25):
                writes.hold(NOON + hour * 3600, HAPPY, 15.0)
                writes.hold(NOON + hour * 3600, NOBODY, 45.0)
            writes.hold(NOON + 60, NO_CAMERA, 60.0)
            note(writes, NOON + 3600)
            writes.fault(NOON + number, f"{source}: no frames for 2 s")
    with reading(path) as kept:
        assert kept.sources() == ["desk", "door"]
        assert list(table_lines(kept.minutes(), has_neutral=False)) == [
            "              watched     happy       sad    unsure   no face no camera   changes",
            "2026-11-24    0:04:00      25 %         -         -      75 %   0:02:00         2",
            "  12:00       0:02:00      25 %         -         -      75 %   0:02:00         0",
            "  13:00       0:02:00      25 %         -         -      75 %         -         2",
            "2026-11-25    0:02:00      25 %         -         -      75 %         -         0",
            "  13:00       0:02:00      25 %         -         -      75 %         -         0",
        ]
        assert list(fault_lines(kept.faults())) == [
            "faults: 2",
            "  2026-11-24 12:00:00  door: no frames for 2 s",
            "  2026-11-24 12:00:01  desk: no frames for 2 s",
        ]
    with reading(path, NOON + 3600, NOON + 7200, "desk") as kept:
        (minute,) = kept.minutes()
        assert minute == Minute(
            NOON + 3600,
            Bin({**dict.fromkeys(STATES, 0.0), "happy": 15.0, "no_face": 45.0}, 15.0,
                pytest.approx(13.5), 0.9, 0.9, pytest.approx(0.75), pytest.approx(0.75)),
            1,
        )  # fmt: skip
        stamp = datetime.fromtimestamp(NOON + 3600).astimezone().isoformat(timespec="milliseconds")
        assert list(csv_lines(kept, "answers")) == [
            "time,source,face,label,previous,p_happy,p_sad,p_neutral,faces,reason",
            f"{stamp},desk,1,happy,neutral,0.9314,0.0123,0.0481,1,",
        ]


def test_the_chart_of_a_history_has_each_state_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    with scribe(path) as writes:
        for minute in range(600):  # in more columns than it has minutes, and a gap at its end
            state = STATES[minute // 100]
            writes.hold(NOON + minute * 60, Prediction(state), 60.0)
    with reading(path) as kept:
        course = kept.course()
    assert (course.began, course.seconds, course.is_dated) == (NOON, 36_000.0, True)
    canvas = draw_chart(course)
    strip = canvas[(STRIP_TOP + STRIP_BOTTOM) // 2, LEFT:RIGHT]
    for index, state in enumerate(STATES):
        assert tuple(strip[round((index + 0.5) / 6 * len(strip))]) == STATE_COLOURS[state], state


def test_a_minute_is_as_wide_in_the_chart_as_it_was_watched(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    with scribe(path) as writes:
        writes.hold(NOON + 36, HAPPY, 24.0)
        writes.hold(NOON + 60, NOBODY, 60.0)
        writes.hold(NOON + 120, HAPPY, 15.0)
        writes.hold(NOON + 180, NOBODY, 0.0)  # is not watched
        writes.hold(NOON + 240, HAPPY, 30.0)  # nobody knows which
    with reading(path) as kept:
        canvas = draw_chart(kept.course())
    strip = canvas[(STRIP_TOP + STRIP_BOTTOM) // 2, LEFT:RIGHT]
    second = len(strip) / 300
    is_line = (canvas[TOP:BOTTOM, LEFT:RIGHT] == STATE_COLOURS["happy"]).all(axis=2).any(axis=0)
    first_s, last_s = (np.flatnonzero(is_line)[[0, -1]] / second).round()
    assert (first_s, last_s) == (36, 270)
    drawn = [
        (state, round(len(list(run)) / second))
        for state, run in itertools.groupby(strip.tolist(), lambda pixel: STATES_OF[tuple(pixel)])
    ]
    assert drawn == [
        ("", 36), ("happy", 24), ("no_face", 60), ("happy", 15), ("", 105), ("happy", 30), ("", 30)
    ]  # fmt: skip


def test_a_run_within_one_minute_is_drawn_from_its_first_change_on(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    with scribe(path) as writes:
        note(writes, NOON + 96)
        note(writes, NOON + 100, "neutral")
        writes.hold(NOON + 96, HAPPY, 12.0)
        note(writes, NOON + 299)
        writes.hold(NOON + 240, HAPPY, 30.0)  # is no wider than its minute
    with reading(path) as kept:
        course = kept.course()
    second = (RIGHT - LEFT) / 240
    spans = [(begin - LEFT, end - LEFT) for begin, end in watched_spans(course)]
    assert (course.began, spans[0]) == (NOON + 60, (round(36 * second), round(48 * second)))
    assert spans[-1] == (round(210 * second), RIGHT - LEFT)


def test_no_line_is_drawn_through_time_that_nobody_watched(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    with scribe(path) as writes:
        for minute, seconds in enumerate((60.0, 20.0, 60.0)):
            writes.hold(NOON + minute * 60, HAPPY, seconds)
    with reading(path) as kept:
        canvas = draw_chart(kept.course())
    is_line = (canvas[TOP:BOTTOM, LEFT:RIGHT] == STATE_COLOURS["happy"]).all(axis=2).any(axis=0)
    second = len(is_line) / 180
    drawn = [len(list(run)) / second for _, run in itertools.groupby(is_line)]
    assert drawn == pytest.approx([80, 40, 60], abs=1)  # the ends of a line are round


def test_a_chart_says_which_time_it_shows_as_people_do() -> None:
    began = datetime(2026, 11, 24, 20, 26).timestamp()
    for seconds, is_dated, said in (
        (120, True, "2026-11-24 20:26 to 20:28"),
        (86_400, True, "2026-11-24 20:26 to 2026-11-25 20:26"),
        (120, False, "2 min from 2026-11-24 20:26:00"),
    ):
        assert time_said(Course(began=began, seconds=seconds, is_dated=is_dated)) == said


def test_an_eighth_of_a_day_with_a_change_a_second_takes_an_eighth_of_10_mb(tmp_path: Path) -> None:
    path = tmp_path / "day.db"
    for run in range(4):
        with scribe(path) as writes:
            for second in range(2_700):
                now = NOON + run * 2_700 + second + 0.123
                note(writes, now, ("happy", "no_face")[second % 2])
                writes.hold(now, HAPPY, 1.0)
    assert len(times(path)) == 10_800
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 10e6 / 8


def test_what_is_older_than_wanted_is_forgotten(tmp_path: Path) -> None:
    path, now = tmp_path / "week.db", time.time()
    with scribe(path) as writes:
        for days in (9, 8, 6, 0):
            note(writes, now - days * 86400)
            writes.fault(now - days * 86400, f"{days} days ago")
    with scribe(path, Run(now, "door", "faces", None), days=7) as writes:
        note(writes, now)
    with reading(path) as kept:
        assert [text for _, _, text in kept.faults()] == ["6 days ago", "0 days ago"]
        assert len(list(kept.answers())) == 3
        assert sum(minute.changes for minute in kept.minutes()) == 3


@pytest.mark.parametrize("opened", [open_to_read, open_to_write])
def test_a_pipe_or_a_device_is_no_history(
    tmp_path: Path, opened: Callable[[Path], sqlite3.Connection]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/null")):
        with pytest.raises(HistoryError, match=f"^{path} is no history of happysad's: name a file"):
            opened(path)
    assert list(tmp_path.iterdir()) == [pipe]
    assert not list(Path("/dev").glob("null?*"))


@pytest.mark.parametrize("content", ["no database", "other tables", "other number", "a trigger"])
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_is(
    tmp_path: Path, smile: Path, content: str
) -> None:
    path = tmp_path / "notes.db"
    if content == "no database":
        path.write_text("notes")
    elif content == "a trigger":
        open_to_write(path).close()
    with closing(sqlite3.connect(path)) as other:
        if content == "other tables":
            other.execute("CREATE TABLE notes (text TEXT)")
        elif content == "other number":
            other.execute("PRAGMA application_id = 7")
        elif content == "a trigger":
            other.execute("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM answers; END")
    before = path.read_bytes()
    wanted = {open_to_read: "that 'webcam --history' wrote", open_to_write: "that is not there yet"}
    for opened, other in wanted.items():
        reason = f"{path} is no history of happysad's: name a file {other}"
        with pytest.raises(HistoryError) as caught:
            opened(path)
        assert str(caught.value) == reason
    assert path.read_bytes() == before
    if content == "no database":
        done = edge("webcam", smile, "--history", path)
        assert (done.returncode, done.stderr) == (1, f"error: {reason}\n")


def test_a_history_of_a_newer_version_and_none_at_all_are_said(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    done = edge("history", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: no history at {path}: 'webcam --history' writes one\n"
    path.touch()
    with pytest.raises(HistoryError, match=f"^{path} is empty: no run has written to it yet$"):
        open_to_read(path)
    with closing(open_to_write(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    newer = f"^{path} was written by a newer happysad: upgrade, or name another file$"
    with pytest.raises(HistoryError, match=newer):
        open_to_write(path)
    with pytest.raises(
        HistoryError, match=f"^cannot write the history {tmp_path}: Is a directory$"
    ):
        open_to_write(tmp_path)
    with pytest.raises(HistoryError, match=f"^cannot read the history {tmp_path}: Is a directory$"):
        open_to_read(tmp_path)


def test_what_is_not_in_a_history_is_said_with_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    open_to_write(path).close()
    empty = edge("history", path)
    assert (empty.returncode, empty.stdout) == (1, "")
    assert empty.stderr.endswith(" has no minute yet: a run writes its first after ten seconds\n")
    with scribe(path) as writes:
        writes.hold(NOON, HAPPY, 60.0)
        writes.hold(NOON + 300, HAPPY, 60.0)
    for words, said in (
        (("--source", "door"), "has no source door, but film.mp4"),
        (
            ("--since", "2026-11-25"),
            "has nothing of that time, but from 2026-11-24 12:00 to 2026-11-24 12:06",
        ),
    ):
        done = edge("history", path, *words)
        assert (done.returncode, done.stderr) == (1, f"error: {path} {said}\n")


def test_a_time_that_ends_before_it_begins_is_wrong_usage(tmp_path: Path) -> None:
    open_to_write(tmp_path / "week.db").close()
    done = edge("history", tmp_path / "week.db", "--since", "2026-11-25", "--until", "2026-11-24")
    assert done.returncode == 2
    assert "--since is after --until: they are the wrong way round" in done.stderr


@pytest.mark.parametrize(
    ("begin", "hours", "said"),
    [
        ("13:47", 1 / 3, ["13:48", "13:50", "13:52"]),
        ("13:40", 3.5, ["14:00", "14:30", "15:00"]),
        ("13:00", 60, ["18:00", "25 Nov", "06:00", "12:00", "18:00", "26 Nov"]),
        ("00:00", 150, ["24 Nov", "25 Nov", "26 Nov"]),
    ],
)
def test_the_time_axis_has_round_times_and_a_date_at_midnight(
    begin: str, hours: float, said: list[str]
) -> None:
    began = datetime.strptime(f"2026-11-24 {begin}", "%Y-%m-%d %H:%M")
    course = Course(None, began=began.timestamp(), is_dated=True)
    course.hold(HAPPY, 3600 * hours)
    ticks = time_ticks(course)
    assert [label for _, label in ticks][: len(said)] == said
    assert len(ticks) <= MAX_TICKS + 1
    first = began + timedelta(seconds=ticks[0][0])
    assert f"{first:%H:%M}" == ("00:00" if said[0] == "24 Nov" else said[0])


@pytest.mark.parametrize(
    ("began", "hours", "said"),
    [
        (datetime(2026, 10, 24), 73, ["24 Oct", "12:00", "25 Oct", "12:00", "26 Oct", "12:00"]),
        (datetime(2026, 10, 24), 97, ["24 Oct", "12:00", "25 Oct", "12:00", "26 Oct", "12:00"]),
        (datetime(2026, 10, 24), 150, ["24 Oct", "25 Oct", "26 Oct", "27 Oct", "28 Oct"]),
        (datetime(2026, 3, 28), 150, ["28 Mar", "29 Mar", "30 Mar", "31 Mar", "01 Apr"]),
        (datetime(2026, 3, 29, 1), 3, ["01:00", "01:20", "01:40", "03:00", "03:20"]),
    ],
)
def test_the_time_axis_keeps_to_the_clock_when_it_is_changed(
    monkeypatch: pytest.MonkeyPatch, began: datetime, hours: float, said: list[str]
) -> None:
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
            time.tzset()
            course = Course(None, began=began.timestamp(), seconds=3600 * hours, is_dated=True)
            ticks = time_ticks(course)
    finally:
        time.tzset()
    assert [label for _, label in ticks][: len(said)] == said
    assert all(one < next_ for (one, _), (next_, _) in itertools.pairwise(ticks))
    assert ticks[-1][0] <= course.seconds


@pytest.mark.parametrize(
    ("minutes", "begin"), [(20, "13:47"), (200, "13:40"), (700, "13:00"), (1500, "00:00")]
)
def test_a_chart_begins_at_a_round_time_and_not_long_before_there_is_anything(
    tmp_path: Path, minutes: int, begin: str
) -> None:
    first = datetime(2026, 11, 24, 13, 47).timestamp()
    with scribe(tmp_path / "week.db") as writes:
        for minute in (0, minutes):
            writes.hold(first + 60 * minute, HAPPY, 60.0)
    with reading(tmp_path / "week.db") as kept:
        course = kept.course()
    assert f"{datetime.fromtimestamp(course.began):%H:%M}" == begin
    assert course.bins[int((first - course.began) // course.bin_s)].lasted_s["happy"] >= 60.0


def test_a_damaged_history_is_one_line_and_no_date_is_too_far(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    with scribe(path) as writes:
        for number in range(2_000):
            note(writes, NOON + number)
        writes.fault(9e15, "from a clock that was wrong")
    with reading(path) as kept:
        assert list(fault_lines(kept.faults())) == ["faults: none"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    path.write_bytes(content)
    malformed = f"^{path} cannot be read: database disk image is malformed$"
    with pytest.raises(HistoryError, match=malformed), reading(path) as kept:
        list(kept.answers())


def test_two_runs_write_to_one_history_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    door, desk = (Run(NOON, source, "faces", None) for source in ("door", "desk"))
    with scribe(path, door, every_s=0.001) as first, scribe(path, desk, every_s=0.001) as second:
        for number in range(500):
            note(first, NOON + number)
            note(second, NOON + number)
    assert times(path) == sorted([*(NOON + number for number in range(500))] * 2)
    with reading(path, source="door") as kept:
        assert len(list(kept.answers())) == 500


def test_a_full_disk_is_said_once_and_costs_nothing_when_there_is_room_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "week.db"
    caplog.set_level(logging.WARNING, "happysad")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with scribe(path, every_s=0.001) as writes:
        note(writes, NOON)
        until(lambda: times(path) == [NOON])
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
        try:
            for number in range(1, 3_000):
                note(writes, NOON + number)
            until(lambda: caplog.messages != [])
            assert times(path)[0] == NOON
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        until(lambda: len(caplog.messages) == 2)
    assert times(path) == [NOON + number for number in range(3_000)]
    with closing(open_to_read(path)) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    assert caplog.messages == [
        f"cannot write {path} (disk I/O error): it is tried again, and the rest goes on",
        f"{path} is written again: nothing is missing",
    ]


def test_a_disk_that_is_full_until_the_end_is_the_last_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "week.db"
    caplog.set_level(logging.WARNING, "happysad")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with scribe(path):
        pass
    try:
        with scribe(path) as writes:
            for number in range(3_000):
                note(writes, NOON + number)
            resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caplog.messages[-1] == (
        f"{path} could not be written until the end: the last 3000 answers are missing"
    )


def test_a_history_that_is_deleted_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "week.db"
    with scribe(path, every_s=0.001) as writes:
        note(writes, NOON)
        until(lambda: times(path) == [NOON])
        for file in tmp_path.iterdir():
            file.unlink()
        note(writes, NOON + 1)
    assert times(path) == [NOON + 1]


def test_a_run_that_is_killed_leaves_a_whole_history_with_all_that_was_committed(
    tmp_path: Path,
) -> None:
    kill_history(tmp_path / "week.db", 3)
