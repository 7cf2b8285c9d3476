"""What a Raspberry Pi installs: the wheel, and the bundle with its installer's refusals."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from edge.errors import ModelError
from edge.faces.files import FILES
from edge.model import choice
from edge.model.choice import SHIPPED_MODEL
from edge.web.site import FILES as PAGE_FILES
from pi.dependencies import required
from pi.release import BOOKWORM, TRIXIE, Release
from pi.wheel import build_wheel
from tests.support.bundle import install, resummed, unpacked
from tests.support.chain import Chain
from tests.support.command import run_module


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(SHIPPED_MODEL, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bundle(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for this very machine, unpacked."""
    return unpacked(wheel, tmp_path_factory.mktemp("bundle"))


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_device_its_models_and_nothing_else(wheel: Path) -> None:
    files = names(wheel)
    assert wheel.name.endswith("-py3-none-any.whl")
    assert {name.split("/")[0].split("-")[0] for name in files} == {"happysad"}
    for model in ("faces.tflite", "faces.md", *(file.name for file in FILES.values())):
        assert f"happysad/models/{model}" in files
    sources = {str("happysad" / path.relative_to("edge")) for path in Path("edge").rglob("*.py")}
    assert "happysad/py.typed" in files
    page = {f"happysad/web/{name}" for name in (*PAGE_FILES.values(), "entrance.html")}
    assert page == {name for name in files if re.search(r"\.(html|css|js|svg)$", name)}
    assert sources == {name for name in files if name.endswith(".py")}
    assert wheel.stat().st_size < 3_000_000


def test_the_same_sources_make_the_same_wheel_whatever_was_exported(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "RUNS", tmp_path)
    (tmp_path / "mine").mkdir()
    shutil.copy(SHIPPED_MODEL, tmp_path / "mine" / "model.tflite")
    assert choice.newest_export() == tmp_path / "mine" / "model.tflite"
    assert build_wheel(out=tmp_path).read_bytes() == wheel.read_bytes()


def test_a_model_of_the_users_comes_along_and_answers_where_none_is_named(
    chain: Chain, tmp_path: Path
) -> None:
    built = run_module("pi", "wheel", "--model", chain.model_path, "--out", tmp_path, check=True)
    whose = "yours; the one shipped is there too"
    assert built.stderr.splitlines() == [
        f"building the wheel in {tmp_path}: some seconds",
        f"with the model {chain.run.name} of {chain.model_path}: {whose}",
    ]
    wheel = Path(built.stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "device")
    assert "happysad/models/faces.tflite" in names(wheel)
    done = run_module("happysad", "model", "list", cwd=tmp_path / "device", check=True)
    assert done.stdout.startswith("* own ")
    assert f"  run: {chain.run.name}  " in done.stdout.splitlines()[0]


def test_a_model_that_does_not_work_makes_no_wheel(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(SHIPPED_MODEL.read_bytes()[:5000])
    with pytest.raises(ModelError):
        build_wheel(broken, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize(
    ("machine", "python", "expected"),
    [
        ("aarch64", "3.11", {"numpy<2", "ai-edge-litert", "opencv-python-headless", "pillow"}),
        ("aarch64", "3.13", {"ai-edge-litert", "opencv-python-headless", "pillow"}),
        ("x86_64", "3.10", {"ai-edge-litert", "opencv-python-headless", "pillow"}),
        ("armv7l", "3.11", {"numpy<2", "tflite-runtime"}),
        ("armv8l", "3.11", {"numpy<2", "tflite-runtime"}),
        ("armv7l", "3.13", set()),  # no runtime exists: the program says so
    ],
)
def test_each_kind_of_machine_gets_the_packages_that_work_together(
    wheel: Path, machine: str, python: str, expected: set[str]
) -> None:
    requirements = set(required(wheel, Release("any", python, 36, machine)))
    plain = {text if text == "numpy<2" else text.split("=")[0].split("<")[0].split(">")[0]
             for text in requirements}  # fmt: skip
    everywhere = {"av", "numpy", "typer", "starlette", "uvicorn", "websockets", "segno",
                  "paho-mqtt", "prometheus-client"}  # fmt: skip
    assert plain - everywhere == expected
    assert everywhere <= plain


def test_a_release_takes_wheels_of_its_own_glibc_and_older_ones() -> None:
    assert BOOKWORM.platforms[0] == "manylinux_2_36_aarch64"
    assert TRIXIE.platforms[0] == "manylinux_2_41_aarch64"
    assert "manylinux2014_aarch64" in BOOKWORM.platforms


def test_a_folder_or_a_command_of_somebody_else_is_left_alone(bundle: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "app" / "versions" / "3.12"
    theirs.mkdir(parents=True)
    done = install(bundle, tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'app'} holds something else")
    gone = install(bundle, tmp_path, "--uninstall")
    assert gone.stdout.splitlines()[0] == f"There is nothing of happysad in {tmp_path / 'app'}"
    assert theirs.is_dir()
    other = tmp_path / "other"
    (other / "bin").mkdir(parents=True)
    (other / "bin" / "happysad").symlink_to("/usr/bin/true")
    done = install(bundle, other)
    assert done.returncode == 1
    assert "is there and not ours" in done.stderr
    assert not (other / "app").exists()


def test_what_has_no_checksum_is_neither_installed_nor_run(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    (copy / "wheels" / "numpy-99.0-py3-none-any.whl").touch()
    done = install(copy, tmp_path / "home")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {copy}/wheels/numpy-99.0-py3-none-any.whl is not in SHA256SUMS: unpack the "
        "archive into a new folder\n"
    )
    (copy / "wheels" / "numpy-99.0-py3-none-any.whl").unlink()
    # Python runs without the folder, and without what its environment names.
    for name in ("venv", "sitecustomize", "encodings"):
        (copy / f"{name}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')")
    theirs = tmp_path / "other" / "app" / "theirs"
    theirs.mkdir(parents=True)
    done = install(copy, tmp_path / "other", PYTHONPATH=str(copy))
    assert "app holds something else" in done.stderr  # the last thing before an environment is made
    assert not (tmp_path / "run").exists()


def test_a_damaged_bundle_changes_nothing(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    wheel = next(copy.glob("wheels/happysad-*.whl"))
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"!")
    done = install(copy, tmp_path / "home")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: this bundle is damaged (see above): copy it once more; nothing was changed"
    )
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "MACHINE=aarch65",
            "error: this bundle is for a 64-bit system on aarch65; this one has 64",
        ),
        ("PYTHON=3.99", "error: this bundle is for here with Python 3.99; this system has 3."),
    ],
)
def test_another_machine_is_refused_in_one_line(
    bundle: Path, tmp_path: Path, line: str, said: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    with (copy / "release").open("a") as release:
        release.write(f"{line}\n")
    resummed(copy)
    done = install(copy, tmp_path / "home")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(said)
    assert not (tmp_path / "home").exists()


def test_what_cannot_be_asked_for_is_said(bundle: Path, tmp_path: Path) -> None:
    none = install(bundle, tmp_path, "--rollback")
    assert none.returncode == 1
    assert none.stderr == f"error: no earlier version is installed in {tmp_path / 'app'}\n"
    assert install(bundle, tmp_path, "--nonsense").returncode == 2
    assert install(bundle, tmp_path, "--prefix").returncode == 2
    relative = install(bundle, tmp_path, "--prefix", "here")
    assert relative.stderr == "error: --prefix takes an absolute path, not here\n"
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    shutil.copy(bundle / "install.sh", lonely)
    assert "is no bundle" in install(lonely, tmp_path).stderr
    assert "sudo ./install.sh --service" in install(bundle, tmp_path, "--help").stdout
