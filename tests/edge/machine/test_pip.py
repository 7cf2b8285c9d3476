"""What is said of packages that are missing."""

import sys
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from edge.live.session import PAGE_PACKAGES
from edge.machine.pip import BOUNDS, pip_command
from tests.support.chain import ROOT
from tests.support.command import run_program

if sys.version_info >= (3, 11):
    import tomllib
else:
    import pip._vendor.tomli as tomllib


def test_hints_ask_for_the_versions_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    wanted = {
        required.name: str(required.specifier)
        for required in map(Requirement, lines)
        if required.marker is None or required.marker.evaluate()
    }
    for name, bound in BOUNDS.items():
        assert Requirement(name + bound).specifier == Requirement(f"x{wanted[name]}").specifier
    extra = project["optional-dependencies"]["web"]
    assert [Requirement(line).name for line in extra] == list(PAGE_PACKAGES)
    assert set(PAGE_PACKAGES) <= BOUNDS.keys()


def test_a_hint_is_a_line_for_a_shell() -> None:
    command = f"{sys.executable} -m pip install --upgrade 'segno>=1.6,<2' numpy"
    assert pip_command("--upgrade", "segno", "numpy") == command


@pytest.mark.parametrize("package", ["tensorflow", "keras", "matplotlib"])
@pytest.mark.parametrize("module", ["happy_or_sad", "train", "export"])
def test_without_what_training_takes_a_line_says_how_to_get_it_and_nothing_is_made(
    module: str, package: str, tmp_path: Path
) -> None:
    program = (
        "import runpy, sys\n"
        f"sys.path[0], sys.modules[{package!r}] = {str(ROOT)!r}, None\n"
        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    folders = ROOT / "data" / "drawn", ROOT / "runs"
    before = [folder.exists() for folder in folders]
    done = run_program(program, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    command = f"{sys.executable} -m pip install -e '.[train]'"
    assert done.stderr == f"error: {package} is not installed: {command}\n"
    assert before == [folder.exists() for folder in folders]
    assert not list(tmp_path.iterdir())
