"""What a Raspberry Pi installs: the wheel, and a bundle put through its life on this machine."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from edge.errors import ModelError, OutputError
from edge.faces.files import FILES
from edge.images.image_file import decode_image
from edge.model.choice import SHIPPED_MODEL
from edge.web.site import FILES as PAGE_FILES
from pi.bundle import build_bundle
from pi.dependencies import required
from pi.release import BOOKWORM, TRIXIE, Release
from pi.wheel import build_wheel
from tests.support.chain import ROOT, Chain
from tests.support.page_client import Client
from tests.support.page_server import Webcam, face_clip
from tests.support.photographs import photograph

HERE = Release(
    "here", ".".join(platform.python_version_tuple()[:2]),
    int(platform.libc_ver()[1].split(".")[1]), platform.machine(),
)  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(SHIPPED_MODEL, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bundle(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for this very machine, unpacked."""
    folder = tmp_path_factory.mktemp("bundle")
    try:
        archive = build_bundle(HERE, wheel, folder)
    except OutputError as error:
        pytest.skip(f"no package index: {error}")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


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
    page = {f"happysad/web/{name}" for name, _ in PAGE_FILES.values()}
    assert page == {name for name in files if re.search(r"\.(html|css|js|svg)$", name)}
    assert sources == {name for name in files if name.endswith(".py")}
    assert wheel.stat().st_size < 3_000_000


def test_the_same_sources_make_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    assert build_wheel(SHIPPED_MODEL, tmp_path).read_bytes() == wheel.read_bytes()


def test_a_model_of_the_users_comes_along_and_answers_where_none_is_named(
    chain: Chain, tmp_path: Path
) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "pi", "wheel", "--model", chain.model_path, "--out", tmp_path],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    whose = "yours; the one shipped is there too"
    assert built.stderr == f"with the model {chain.run.name} of {chain.model_path}: {whose}\n"
    wheel = Path(built.stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "device")
    assert "happysad/models/faces.tflite" in names(wheel)
    done = subprocess.run(
        [sys.executable, "-m", "happysad", "model", "list"],
        cwd=tmp_path / "device", capture_output=True, text=True, check=True,
    )  # fmt: skip
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
        ("aarch64", "3.11", {"numpy<2", "ai-edge-litert", "opencv-python-headless"}),
        ("aarch64", "3.13", {"ai-edge-litert", "opencv-python-headless"}),
        ("x86_64", "3.10", {"ai-edge-litert", "opencv-python-headless"}),
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
    everywhere = {"av", "numpy", "typer", "starlette", "uvicorn", "websockets", "segno"}
    assert plain - everywhere == expected
    assert everywhere <= plain


def test_a_release_takes_wheels_of_its_own_glibc_and_older_ones() -> None:
    assert BOOKWORM.platforms[0] == "manylinux_2_36_aarch64"
    assert TRIXIE.platforms[0] == "manylinux_2_41_aarch64"
    assert "manylinux2014_aarch64" in BOOKWORM.platforms


def install(
    folder: Path, home: Path, *options: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs an installer of the bundle as one would, into a home of its own."""
    places = ["--prefix", str(home / "app"), "--bin", str(home / "bin")]
    # Of pytest's own environment nothing may get in.
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    environment |= variables
    return subprocess.run(
        ["sh", str(folder / "install.sh"), *places, *options],
        cwd="/", env=environment, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bundle has been installed, by somebody with a umask and settings of pip's own."""
    home = tmp_path_factory.mktemp("home")
    before = os.umask(0o077)
    try:
        done = install(bundle, home, PIP_TARGET=str(home / "elsewhere"), PIP_USER="1")
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    return home


def resummed(folder: Path) -> None:
    """Makes its checksums right again."""
    command = "rm SHA256SUMS; sha256sum $(find * -type f) > .sums; mv .sums SHA256SUMS"
    subprocess.run(command, shell=True, cwd=folder, check=True)


def restamped(bundle: Path, copy: Path) -> Path:
    """The bundle as a later version of itself: with one more file, which is another checksum."""
    shutil.copytree(bundle, copy)
    (copy / "news.txt").write_text("later")
    sums = subprocess.run("sha256sum news.txt >> SHA256SUMS", shell=True, cwd=copy, check=True)
    assert sums.returncode == 0
    return copy


def current(home: Path) -> str:
    return (home / "app" / "current").readlink().name


def test_a_bundle_is_installed_upgraded_rolled_back_and_removed(
    bundle: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = install(bundle, home)
    assert done.returncode == 0, done.stderr
    assert "Looking whether it answers as it should\nok: " in done.stdout
    assert done.stderr == ""
    first = current(home)
    command = home / "bin" / "happysad"
    answer = subprocess.run(
        [str(command), "classify", str(photograph("astronaut.png"))],
        cwd=home, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.startswith("happy")
    with Webcam(face_clip(tmp_path / "clip.mp4", 30.0), "0", program=[str(command)]) as page:
        client = Client(page.port)
        assert client.ask("/healthz").status == 200
        assert decode_image(client.ask("/snapshot.jpg").body).shape == (448, 448, 3)
    again = install(bundle, home)
    assert f"Version {first} is installed already\n" in again.stdout
    later = restamped(bundle, tmp_path / "later")
    assert install(later, home).returncode == 0
    second = current(home)
    assert second != first
    back = install(home / "app", home, "--rollback")
    assert back.stdout == f"Back at {first}; {second} is kept, and --rollback again returns to it\n"
    assert current(home) == first
    third = restamped(bundle, tmp_path / "third")
    next(third.glob("wheels/ai_edge_litert-*.whl")).unlink()
    resummed(third)
    failed = install(third, home)
    assert failed.returncode == 1
    assert "what was installed before is as it was" in failed.stderr.splitlines()[-1]
    assert (current(home), subprocess.run([str(command), "model", "check"]).returncode) == (
        first,
        0,
    )
    assert len(list((home / "app" / "versions").iterdir())) == 2
    # The installed copy knows where it is, and where its command is.
    gone = subprocess.run(
        ["sh", str(home / "app" / "install.sh"), "--uninstall"],
        env={"PATH": os.environ["PATH"], "HOME": str(home)}, capture_output=True, text=True,
    )  # fmt: skip
    assert gone.returncode == 0, gone.stderr
    left = [path for name in ("app", "bin") for path in (home / name).rglob("*")]
    assert left == []


def test_a_damaged_model_of_the_user_is_no_reason_to_take_the_program_away(
    bundle: Path, home: Path, tmp_path: Path
) -> None:
    command = str(home / "bin" / "happysad")
    environment = {"PATH": os.environ["PATH"], "HAPPYSAD_HOME": str(tmp_path / "data")}
    subprocess.run([command, "model", "install", SHIPPED_MODEL], env=environment, check=True)
    (model,) = tmp_path.glob("data/models/faces-*.tflite")
    model.write_bytes(b"damaged")
    later = restamped(bundle, tmp_path / "later")
    for folder, options in ((bundle, ()), (later, ()), (later, ("--rollback",))):
        done = install(folder, home, *options, **environment)
        assert done.returncode == 0, done.stderr
    classify = [command, "classify", str(photograph("astronaut.png"))]
    done = subprocess.run(classify, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()[0]) == (0, "happy")
    assert "falling back" in done.stderr


def test_a_version_that_broke_is_replaced_and_only_then_removed(bundle: Path, home: Path) -> None:
    broken = current(home)
    (model,) = (home / "app" / "versions" / broken).rglob("models/faces.tflite")
    model.write_bytes(b"damaged")
    done = install(bundle, home)
    assert done.returncode == 0, done.stderr
    assert current(home) == f"{broken}+"
    subprocess.run([home / "bin" / "happysad", "model", "check"], check=True)


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


def test_it_is_for_everybody_and_of_nothing_but_the_bundle(home: Path) -> None:
    assert (home / "app" / "current" / "bin").stat().st_mode & 0o005 == 0o005
    assert not (home / "elsewhere").exists()


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
