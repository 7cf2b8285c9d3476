"""The user's commands: real processes, run one at a time, told what has changed, ended in time."""

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.live.moment import Change, Moment
from edge.live.outputs.hooks import Hooks
from edge.live.settings import parse_command
from edge.prediction import Prediction
from tests.support.chain import ROOT
from tests.support.patience import until

SOON_S = 20.0  # for what takes milliseconds, on a machine that is busy with other things

# Appends one line to a file: what the command was told, and its process's circumstances.
RECORD = """
import json, os, sys
told = {name: value for name, value in os.environ.items() if name.startswith("HAPPYSAD_")}
told["arguments"] = sys.argv[2:]
told["is_leader"] = os.getsid(0) == os.getpid() == os.getpgid(0)
told["stdin"] = sys.stdin.read()
told["descriptors"] = sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1]
with open(sys.argv[1], "a") as file:
    file.write(json.dumps(told) + "\\n")
"""


def change(
    label: str,
    previous: str | None = None,
    p_happy: float | None = None,
    track_id: int | None = None,
    faces: int = 1,
    reason: str | None = None,
) -> Change:
    return Change(Prediction(label, p_happy, None, reason, track_id, 5.0), previous, faces)


def moment(*changes: Change, time_s: float = 1.0) -> Moment:
    return Moment(time_s, None, (change("no_face").answer,), changes)


def python(program: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", program, *map(str, arguments)]


def records(path: Path) -> list[dict[str, object]]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def our_children() -> list[str]:
    """Of this process, zombies included."""
    return [
        child
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def test_a_command_is_split_as_a_shell_would_without_one() -> None:
    assert parse_command("""sh -c 'echo "$HAPPYSAD_LABEL" > /dev/null' a\\ b""") == [
        "sh", "-c", 'echo "$HAPPYSAD_LABEL" > /dev/null', "a b",
    ]  # fmt: skip
    assert parse_command("echo $HOME; *") == ["echo", "$HOME;", "*"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo 'hello", "no closing quotation in the command echo 'hello"),
        ("echo \\", "no escaped character in the command echo \\"),
        ("no-such-program x", "no program no-such-program is found, or it may not be executed"),
        ("/etc/passwd", "no program /etc/passwd is found, or it may not be executed"),
        ("'a\nb'", "no program a\\nb is found, or it may not be executed"),
        ("", "the command is empty"),
        ("  ", "the command is empty"),
    ],
)
def test_a_command_that_cannot_run_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_command(text)


def test_each_change_runs_its_commands_with_all_there_is_to_know(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = tmp_path / "log"
    commands = {key: python(RECORD, log, key) for key in ("change", "happy", "sad")}
    with Hooks(commands) as hooks:
        hooks.take(moment())
        hooks.take(moment(change("happy", None, 0.98765, 3, 2), time_s=12.34567))
        until(lambda: len(records(log)) == 2)
        hooks.take(moment(change("no_face", "happy", faces=0, reason="no_camera"), time_s=20))
        until(lambda: len(records(log)) == 3)
    for record in records(log):
        assert record.pop("is_leader")
        assert record.pop("stdin") == ""
        assert record.pop("descriptors") == [0, 1, 2]
    first = {
        "HAPPYSAD_LABEL": "happy",
        "HAPPYSAD_PREVIOUS": "",
        "HAPPYSAD_P_HAPPY": "0.9877",
        "HAPPYSAD_P_SAD": "",
        "HAPPYSAD_P_NEUTRAL": "",
        "HAPPYSAD_TRACK_ID": "3",
        "HAPPYSAD_FACES": "2",
        "HAPPYSAD_TIME_S": "12.346",
        "HAPPYSAD_REASON": "",
    }
    # HAPPYSAD_HOME is the tests' own, for the runner.
    assert records(log)[0].keys() - {"HAPPYSAD_HOME"} == first.keys() | {
        "arguments", "is_leader", "stdin", "descriptors",
    }  # fmt: skip
    shown = [{key: record[key] for key in (*first, "arguments")} for record in records(log)]
    assert shown == [
        first | {"arguments": ["change"]},
        first | {"arguments": ["happy"]},
        {
            "HAPPYSAD_LABEL": "no_face",
            "HAPPYSAD_PREVIOUS": "happy",
            "HAPPYSAD_P_HAPPY": "",
            "HAPPYSAD_P_SAD": "",
            "HAPPYSAD_P_NEUTRAL": "",
            "HAPPYSAD_TRACK_ID": "",
            "HAPPYSAD_FACES": "0",
            "HAPPYSAD_TIME_S": "20.000",
            "HAPPYSAD_REASON": "no_camera",
            "arguments": ["change"],
        },
    ]
    assert (caplog.messages, hooks.skipped) == ([], 0)


def test_the_command_for_one_label_ignores_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = tmp_path / "log"
    with Hooks({"sad": python(RECORD, log)}) as hooks:
        for label in ("happy", "unsure", "no_face", "sad"):
            hooks.take(moment(change(label)))
        until(lambda: records(log))
    assert [record["HAPPYSAD_LABEL"] for record in records(log)] == ["sad"]
    assert caplog.messages == []


def test_while_a_command_runs_only_the_newest_change_waits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log, gate = tmp_path / "log", tmp_path / "gate"
    wait = "import os, sys, time\nwhile not os.path.exists(sys.argv[2]): time.sleep(0.01)\n"
    commands = {"change": python(wait + RECORD, log, gate), "sad": python(RECORD, log, "sad")}
    with Hooks(commands) as hooks:
        for number, label in enumerate(["happy", "sad", "happy", "unsure", "sad"]):
            hooks.take(moment(change(label), time_s=number))
        assert not log.exists()  # the first waits for ever, and nobody for it
        gate.touch()
        until(lambda: len(records(log)) == 3)
    times = [(record["HAPPYSAD_TIME_S"], record["arguments"][-1:]) for record in records(log)]
    assert times == [("0.000", [str(gate)]), ("4.000", [str(gate)]), ("4.000", ["sad"])]
    assert hooks.skipped == 4  # two for "sad", one for "happy", one for "unsure"
    assert caplog.messages == [
        "changes come faster than the commands for them end: only the newest counts"
    ]


def test_two_changes_of_one_moment_count_one_after_the_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = tmp_path / "log"
    with Hooks({"change": python(RECORD, log)}) as hooks:
        hooks.take(moment(change("happy", track_id=1), change("sad", track_id=2)))
        until(lambda: len(records(log)) == 2)
    assert [record["HAPPYSAD_TRACK_ID"] for record in records(log)] == ["1", "2"]
    assert caplog.messages == []


# Ignores SIGTERM with a child that does, too; writes both process ids once that is so.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(f"{os.getpid()} {child}")
    os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
"""


def pids(path: Path) -> list[int]:
    until(path.exists)
    return [int(word) for word in path.read_text().split()]


def test_a_command_that_runs_too_long_is_ended_with_its_children(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    note, log = tmp_path / "pids", tmp_path / "log"
    commands = {"happy": python(STUBBORN, note), "sad": python(RECORD, log)}
    with Hooks(commands, timeout_s=1.5) as hooks:
        hooks.take(moment(change("happy")))
        started = pids(note)
        hooks.take(moment(change("sad")))
        until(log.exists)  # only after the other has ended
        until(lambda: not any(map(is_running, started)))
    assert caplog.messages == ["the command for happy ran longer than 1.5 s and was stopped"]
    assert our_children() == []


def test_sigterm_lets_a_command_clean_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    program = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n"
        "    time.sleep(0.2)\n"
        "    pathlib.Path(sys.argv[1]).touch()\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "time.sleep(1000)\n"
    )
    command = {"change": python(program, tmp_path / "cleaned")}
    with Hooks(command, timeout_s=3) as hooks:
        hooks.take(moment(change("sad")))
        until((tmp_path / "cleaned").exists)
    assert caplog.messages == ["the command for change ran longer than 3 s and was stopped"]


def test_at_the_end_a_running_command_is_stopped_and_the_waiting_dropped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    note, log = tmp_path / "pids", tmp_path / "log"
    commands = {"happy": python(STUBBORN, note), "sad": python(RECORD, log)}
    with Hooks(commands) as hooks:
        hooks.take(moment(change("happy")))
        started = pids(note)
        hooks.take(moment(change("sad")))
    until(lambda: not any(map(is_running, started)))
    assert our_children() == []
    assert not log.exists()
    assert caplog.messages == [
        "the command for happy ran until the runner's own end and was stopped"
    ]


def test_at_the_end_a_quick_command_may_finish(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Hooks({"happy": ["touch", str(tmp_path / "done")]}) as hooks:
        hooks.take(moment(change("happy")))
    assert (tmp_path / "done").exists()
    assert caplog.messages == []


def test_failures_are_told_once_for_each_command(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "script"  # without "#!", which only a shell would run
    script.write_text("true\n")
    script.chmod(0o755)
    commands = {
        "change": parse_command("sh -c 'exit 3'"),
        "happy": parse_command("sh -c 'kill -9 $$'"),
        "sad": parse_command(shlex.quote(str(script))),
    }
    with Hooks(commands) as hooks:
        for label, count in (("happy", 2), ("sad", 3), ("happy", 3), ("sad", 3)):
            hooks.take(moment(change(label)))
            until(lambda count=count: len(caplog.messages) >= count and not hooks._busy)
    assert caplog.messages == [
        "the command for change failed with exit code 3; this is said once",
        "the command for happy failed with signal 9; this is said once",
        "the command for sad does not start (Exec format error)",
    ]


def test_no_descriptor_is_left_open(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = sorted(Path("/proc/self/fd").iterdir())
    for _ in range(3):
        with Hooks({"change": ["true"]}) as hooks:
            hooks.take(moment(change("happy")))
    assert sorted(Path("/proc/self/fd").iterdir()) == before
    assert our_children() == []
    assert caplog.messages == []


def test_what_a_command_prints_goes_to_stderr(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    command = parse_command("sh -c 'echo to stdout; echo to stderr >&2'")
    with Hooks({"happy": command}) as hooks:
        hooks.take(moment(change("happy")))
    shown = capfd.readouterr()
    assert (shown.out, sorted(shown.err.splitlines())) == ("", ["to stderr", "to stdout"])
    assert caplog.messages == []


def test_a_command_sees_the_environment_as_the_user_set_it() -> None:
    program = (
        "from edge.live.outputs.hooks import Hooks\n"
        "from edge.live.moment import Change, Moment\n"
        "from edge.prediction import Prediction\n"
        "answer = Prediction('happy', 1.0, latency_ms=1.0)\n"
        "with Hooks({'happy': ['env']}) as hooks:\n"
        "    hooks.take(Moment(0.0, None, (answer,), (Change(answer, None, 1),)))\n"
    )
    for given in ({}, {"LD_LIBRARY_PATH": "/a:/b"}):
        environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment | given,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        lines = [line for line in done.stderr.splitlines() if line.startswith(("LD_", "QT_"))]
        assert lines == [f"{key}={value}" for key, value in given.items()]
        assert "HAPPYSAD_LABEL=happy" in done.stderr
        assert done.stdout == ""


def test_ctrl_c_at_the_terminal_does_not_reach_a_command(tmp_path: Path) -> None:
    listening, hit, asked, answered = (
        tmp_path / name for name in ("listening", "hit", "asked", "answered")
    )
    # It answers after the Ctrl-C, by when a signal that had reached it would have been handled.
    child = (
        "import pathlib, signal, sys, time\n"
        "listening, hit, asked, answered = map(pathlib.Path, sys.argv[1:])\n"
        "signal.signal(signal.SIGINT, lambda *_: hit.touch())\n"
        "listening.touch()\n"
        "while not asked.exists(): time.sleep(0.01)\n"
        "answered.touch()\n"
    )
    command = python(child, listening, hit, asked, answered)
    program = (
        "import pathlib, time\n"
        "from edge.live.outputs.hooks import Hooks\n"
        "from edge.live.moment import Change, Moment\n"
        "from edge.prediction import Prediction\n"
        "answer = Prediction('happy', 1.0, latency_ms=1.0)\n"
        f"with Hooks({{'happy': {command!r}}}, timeout_s=1000) as hooks:\n"
        "    hooks.take(Moment(0.0, None, (answer,), (Change(answer, None, 1),)))\n"
        f"    while not pathlib.Path({str(listening)!r}).exists(): time.sleep(0.01)\n"
        "    try:\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(1000)\n"
        "    except KeyboardInterrupt:\n"
        "        print('interrupted', flush=True)\n"
        "    while hooks._busy: time.sleep(0.01)\n"
    )
    with (
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True,
        ) as runner,
        contextlib.ExitStack() as on_failure,
    ):  # fmt: skip
        on_failure.callback(asked.touch)  # or the command would never end
        on_failure.callback(runner.kill)
        assert runner.stdout is not None
        assert runner.stdout.readline() == "ready\n"
        os.killpg(runner.pid, signal.SIGINT)  # as a terminal does
        assert runner.stdout.readline() == "interrupted\n"
        asked.touch()
        # The command came to its own end, and there was nothing to say of it.
        assert (runner.stdout.read(), runner.wait()) == ("", 0)
        on_failure.pop_all()
    assert (answered.exists(), hit.exists()) == (True, False)
