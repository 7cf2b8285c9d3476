"""The wheel in an environment of its own: one name, and no clash with what the user has."""

import subprocess
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from tests.support.environments import environment
from tests.support.photographs import photograph

FIVE_LINES = """\
import happysad

faces = happysad.load()
for answer in faces({picture!r}):
    print(answer.label, answer.p_happy > 0.5, answer.box is not None)
"""


@pytest.fixture(scope="module")
def python() -> Path:
    return environment("litert", "python3.11", ".")


def run(python: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(python), *arguments], cwd=folder, capture_output=True, text=True)


def installed(python: Path) -> Distribution:
    (folder,) = python.parent.parent.glob("lib/python*/site-packages")
    (found,) = distributions(name="happysad", path=[str(folder)])
    return found


def test_happysad_is_the_only_name_that_the_wheel_brings(python: Path) -> None:
    files = installed(python).files or []
    names = {file.parts[0] for file in files if file.parts[0] != ".."}
    assert names - {f"happysad-{installed(python).version}.dist-info"} == {"happysad"}
    scripts = {file.name for file in files if file.parts[0] == ".."}
    assert scripts == {"happysad"}


def test_an_edge_py_beside_the_script_does_no_harm(python: Path, tmp_path: Path) -> None:
    (tmp_path / "edge.py").write_text("raise SystemExit('this is not the library')\n")
    script = tmp_path / "smile.py"
    script.write_text(FIVE_LINES.format(picture=str(photograph("astronaut.png"))))
    done = run(python, tmp_path, str(script))
    assert (done.stdout, done.stderr, done.returncode) == ("happy True True\n", "", 0)
    asked = run(python, tmp_path, "-m", "happysad", "classify", str(photograph("astronaut.png")))
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.startswith("happy ")


def test_the_package_runs_as_a_program_under_its_name(python: Path, tmp_path: Path) -> None:
    version = run(python, tmp_path, "-m", "happysad", "--version")
    assert version.stdout == f"happysad {installed(python).version}\n"
    assert (
        "python -m happysad [OPTIONS]" in run(python, tmp_path, "-m", "happysad", "--help").stdout
    )
    assert run(python, tmp_path, "-m", "edge").stderr.endswith("No module named edge\n")
