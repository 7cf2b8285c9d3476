"""What is said of packages that are missing."""

import shutil
import sys
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from edge.live.session import PAGE_PACKAGES
from edge.machine.pip import BOUNDS, EXTRAS, pip_command
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


def test_what_is_looked_for_of_an_extra_is_what_it_brings() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    brought = {
        extra: {Requirement(line).name.removesuffix("-cpu") for line in extras[extra]}
        for extra in EXTRAS
    }
    brought["train"] |= {"keras"}  # which comes with TensorFlow
    brought["train"] -= {"packaging"}  # which only the Raspberry Pi's bundle takes
    assert {extra: set(packages) for extra, packages in EXTRAS.items()} == brought


@pytest.fixture(scope="module")
def clean_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our sources alone, where nobody has trained yet."""
    checkout = tmp_path_factory.mktemp("check out")  # a name that a shell takes in quotes alone
    for folder in ("edge", "data", "train", "export", "bench", "batch"):
        for source in (ROOT / folder).rglob("*.py"):
            copy = checkout / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    shutil.copyfile(ROOT / "happy_or_sad.py", checkout / "happy_or_sad.py")
    return checkout


@pytest.mark.parametrize(
    ("words", "package"),
    [
        *((("train",), package) for package in EXTRAS["train"]),
        (("happy_or_sad",), "matplotlib"),
        (("export",), "flatbuffers"),
        (("export.measure", "margin", "."), "matplotlib"),
        (("export.measure", "robustness", "."), "matplotlib"),
        (("export.measure.ship", "runs/faces"), "keras"),
        (("bench",), "tensorflow"),
        (("bench.sizes", "runs/faces"), "matplotlib"),
        (("batch", "report", "results"), "pyarrow"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_without_what_a_command_takes_a_line_says_how_to_get_it_and_nothing_is_made(
    clean_checkout: Path, words: tuple[str, ...], package: str, tmp_path: Path
) -> None:
    program = (
        "import runpy, sys\n"
        f"sys.path[0], sys.modules[{package!r}] = {str(clean_checkout)!r}, None\n"
        f"runpy.run_module({words[0]!r}, run_name='__main__', alter_sys=True)"
    )
    before = sorted(clean_checkout.rglob("*"))
    done = run_program(program, *words[1:], cwd=tmp_path, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert (done.returncode, done.stdout) == (1, "")
    extra = next(extra for extra, packages in EXTRAS.items() if package in packages)
    command = f"{sys.executable} -m pip install -e '{clean_checkout}[{extra}]'"
    assert done.stderr == f"error: {package} is not installed: {command}\n"
    assert sorted(clean_checkout.rglob("*")) == before
    assert not list(tmp_path.iterdir())
