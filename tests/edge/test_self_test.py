"""The self-test of a model happens in a child that can do no harm, and whose crash is a refusal."""

import json
import os
import sys
from pathlib import Path

import pytest

from edge import self_test as module
from edge.cli import model as cli
from edge.errors import ModelError
from edge.machine.child import ask_python
from edge.model.choice import SHIPPED_MODEL
from edge.model.store import stores
from edge.self_test import self_test

SOUND = SHIPPED_MODEL.read_bytes()

PROBE = """
import json, os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # which a write beyond the limit raises, too
from edge.machine.confinement import confine
confine(100_000_000, 5)
def tried(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__
    return "done"
print(json.dumps({
    "user": os.geteuid(),
    "groups": os.getgroups(),
    "root again": tried(lambda: os.setuid(0)),
    "secret": tried(lambda: open("/etc/shadow").read()),
    "write": tried(lambda: open(FILE, "wb", buffering=0).write(b"x")),
    "process": tried(os.fork),
    "memory": tried(lambda: bytearray(200_000_000)),
    "little memory": tried(lambda: bytearray(10_000_000)),
    "new privileges": open("/proc/self/status").read().split("NoNewPrivs:")[1].split()[0],
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")
def test_the_child_may_neither_write_nor_start_nor_take_much(tmp_path: Path) -> None:
    (tmp_path / "out").touch(0o666)
    tmp_path.chmod(0o755)
    program = f"FILE = {str(tmp_path / 'out')!r}\n"
    answer = ask_python(program + PROBE, timeout_s=60)
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["write"] in ("OSError", "PermissionError")  # the limit, or a folder of root's
    assert found["process"] == "BlockingIOError" or os.geteuid() == 0
    assert (found["memory"], found["little memory"]) == ("MemoryError", "done")
    assert found["new privileges"] == "1"
    if os.geteuid() == 0:
        assert (found["user"], found["groups"]) == (65534, [])
        assert found["root again"] == found["secret"] == "PermissionError"


def test_a_sound_model_passes_and_says_with_which_runtime() -> None:
    assert self_test(SOUND, "m.tflite") in ("ai-edge-litert", "tflite-runtime")


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os; os.abort()", "killed by signal 6"),
        ("sys.exit(7)", "it ended with code 7"),
        ("import os; os.write(2, b'words\\n'); os.kill(os.getpid(), 9)", "killed by signal 9"),
    ],
)
def test_a_crash_of_the_child_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, program: str, reason: str
) -> None:
    monkeypatch.setattr(module, "PROGRAM", program)
    with pytest.raises(ModelError) as error:
        self_test(SOUND, "m.tflite")
    assert str(error.value) == f"m.tflite does not pass its self-test: {reason}"


def test_a_child_that_never_ends_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROGRAM", "import time; time.sleep(60)")
    monkeypatch.setattr(module, "TIMEOUT_S", 0.2)
    with pytest.raises(ModelError, match="^m.tflite does not pass its self-test: no answer within"):
        self_test(SOUND, "m.tflite")


def test_what_was_tested_is_what_is_installed_whatever_happens_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAPPYSAD_HOME", str(tmp_path / "home"))
    file = tmp_path / "m.tflite"
    file.write_bytes(SOUND)

    def exchanged(content: bytes, name: object) -> str:
        file.write_bytes(b"something else")
        return self_test(content, name)

    monkeypatch.setattr(cli, "self_test", exchanged)
    cli.install(file)
    (store,) = stores()
    assert store.find(store.current).read_bytes() == SOUND


def test_a_module_in_the_working_directory_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    assert self_test(SOUND, "m.tflite")
