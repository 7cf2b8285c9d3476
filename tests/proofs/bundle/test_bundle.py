"""A bundle put through its life on this machine: installed, upgraded, broken, rolled back, gone."""

import os
import subprocess
from pathlib import Path

import pytest

from edge.images.image_file import decode_image
from edge.model.choice import SHIPPED_MODEL
from pi.wheel import build_wheel
from tests.support.bundle import current, install, restamped, resummed, unpacked
from tests.support.page_client import Client
from tests.support.page_server import Webcam, face_clip
from tests.support.photographs import photograph


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wheel = build_wheel(SHIPPED_MODEL, tmp_path_factory.mktemp("wheel"))
    return unpacked(wheel, tmp_path_factory.mktemp("bundle"))


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


def test_it_is_for_everybody_and_of_nothing_but_the_bundle(home: Path) -> None:
    assert (home / "app" / "current" / "bin").stat().st_mode & 0o005 == 0o005
    assert not (home / "elsewhere").exists()
