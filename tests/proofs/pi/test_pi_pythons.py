"""The wheel, installed by pip with what it asks for, on every Python that this machine has."""

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.proofs.budget import run
from tests.proofs.pi.bundles import our_wheel, unpacked
from tests.proofs.pi.notes import note
from tests.proofs.pi.sizes import SIZES, size_line
from tests.proofs.pi.systems import ByName

PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def usable(version: str) -> str | None:
    """The path of a Python of this version that makes environments, or None."""
    # pyenv's own command of that name runs only the versions that are switched on.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    commands = [f"python{version}", *map(str, pyenv.glob(f"{version}.*/bin/python{version}"))]
    for command in filter(None, map(shutil.which, commands)):
        if not subprocess.run([command, "-c", "import ensurepip"], capture_output=True).returncode:
            return command
    return None


@pytest.fixture(scope="module")
def environments(
    bundles: dict[str, Path], pool: ThreadPoolExecutor, tmp_path_factory: pytest.TempPathFactory
) -> ByName[Path | None]:
    home = tmp_path_factory.mktemp("pythons")
    wheel = our_wheel(unpacked(bundles["trixie"], home))

    def make(version: str) -> Path | None:
        if (python := usable(version)) is None:
            return None
        folder = home / version
        done = run(python, "-m", "venv", folder)
        assert done.returncode == 0, done.stderr
        pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
        done = run(*pip, "install", "--quiet", wheel)
        assert done.returncode == 0, done.stderr
        run(*pip, "uninstall", "--quiet", "--yes", "pip", "setuptools")
        note(SIZES, size_line(f"Python {version}, x86-64", folder))
        return folder

    return ByName(pool, make).begin(PYTHONS)


@pytest.mark.parametrize("version", PYTHONS)
def test_the_wheel_and_what_pip_chooses_answer_a_photograph(
    version: str, environments: ByName[Path | None], inputs: Path
) -> None:
    if (folder := environments[version]) is None:
        pytest.skip(f"python{version} is not installed, or makes no environments")
    picture = inputs / "photographs" / "astronaut.jpg"
    if not picture.exists():
        pytest.skip("no photograph here")
    done = run(
        folder / "bin" / "happysad", "classify", "--json", picture,
        env=os.environ | {"HAPPYSAD_HOME": "/nowhere"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (answer,) = map(json.loads, done.stdout.splitlines())
    assert answer["label"] == "happy"
