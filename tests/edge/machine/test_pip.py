"""What is said of packages that are missing."""

import sys
from itertools import chain

from packaging.requirements import Requirement

from edge.live.session import PAGE_PACKAGES
from edge.machine.pip import BOUNDS, pip_command
from tests.support.chain import ROOT

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
