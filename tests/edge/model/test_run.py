"""The command that goes on with a training: typed as it is printed, it means that run."""

import shlex
import subprocess
from pathlib import Path

import pytest

from edge.model.run import RUNS, go_on
from tests.support.chain import ROOT


def typed(command: str) -> list[str]:
    """The arguments that the training gets from a command line of make, without running it."""
    done = subprocess.run(
        command.replace("make ", "make -n -o environment ", 1),
        shell=True, cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return shlex.split(done.stdout)[3:]


def test_a_run_in_its_usual_place_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert go_on(RUNS / "half") == 'make train ARGS="--resume --name half"'
    monkeypatch.chdir(ROOT)
    assert go_on(Path("runs/half")) == go_on(RUNS / "half")


def test_a_run_in_which_one_stands_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"--runs {tmp_path.parent} --name {tmp_path.name}" in go_on(Path())


@pytest.mark.parametrize("name", ["half", "my run", "it's", 'a "b"', "$HOME", "`a`", "a\\b", "a#b"])
def test_a_name_of_any_kind_survives_the_shell_and_make(tmp_path: Path, name: str) -> None:
    assert typed(go_on(RUNS / name)) == ["--resume", "--name", name]
    runs = tmp_path / "other runs"
    assert typed(go_on(runs / name)) == ["--resume", "--runs", str(runs), "--name", name]
