"""The wheel on 32-bit Bookworm: tflite-runtime from the index, numpy and OpenCV from Debian."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs.pi.arm_root import PI_2, ArmRoot, prepare
from tests.proofs.pi.bundles import unpacked

# What comes from the index; each with the platform that its wheel names.
WHEELS = {
    "manylinux_2_34_armv7l": "tflite-runtime==2.14.0",
    "manylinux_2_31_armv7l": "av>=18.1,<19",
}


@pytest.fixture(scope="module")
def root(
    bundles: dict[str, Path], inputs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ArmRoot]:
    """With the bundle in /root/bundle, whose wheels are those for 32 bits."""
    made = prepare("bookworm-armhf", PI_2, tmp_path_factory.mktemp("armhf") / "root")
    unpacked(bundles["bookworm"], made.at("/root")).rename(made.at("/root/bundle"))
    shutil.copytree(inputs, made.at("/root/inputs"))
    yield made
    made.remove()


@pytest.fixture(scope="module")
def installed(root: ArmRoot) -> ArmRoot:
    """The wheel in /root/env, with what pip chose of the wheels for this machine."""
    wheels = root.at("/root/wheels")
    wheels.mkdir()
    for path in root.at("/root/bundle/wheels").glob("*-none-any.whl"):
        shutil.copy(path, wheels)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels]
    command += ["--only-binary", ":all:", "--python-version", "3.11"]
    for platform, wheel in WHEELS.items():
        done = subprocess.run(
            [*command, "--platform", platform, wheel], capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"pip cannot fetch {wheel}: {done.stderr.strip().splitlines()[-1]}")
    done = root.shell(
        "cd /root/wheels && python3 -m venv --system-site-packages --without-pip /root/env &&\n"
        "pip=$(echo pip-*.whl) &&\n"
        '/root/env/bin/python "$pip/pip" install -q --no-index --find-links . happysad-*.whl'
    )
    assert done.returncode == 0, done.stderr
    return root


def test_the_model_answers_its_own_inputs_rightly(installed: ArmRoot) -> None:
    done = installed.run("/root/env/bin/happysad", "model", "check")
    assert done.returncode == 0, done.stderr
    assert "answers all 4 golden inputs correctly with tflite-runtime" in done.stdout


def test_a_photograph_is_answered(installed: ArmRoot) -> None:
    picture = "/root/inputs/photographs/astronaut.jpg"
    if not installed.at(picture).exists():
        pytest.skip("no photograph here")
    done = installed.run("/root/env/bin/happysad", "classify", "--json", picture)
    assert done.returncode == 0, done.stderr
    (answer,) = map(json.loads, done.stdout.splitlines())
    assert answer["label"] == "happy"


def test_the_doctor_says_that_it_is_32_bit_and_finds_nothing_wrong(installed: ArmRoot) -> None:
    done = installed.run("/root/env/bin/happysad", "doctor")
    assert done.returncode == 0, done.stdout
    assert "32-bit, armv7l" in done.stdout
    assert "tflite-runtime 2.14.0 with numpy 1.24.2" in done.stdout


def test_the_bundle_is_refused_in_one_line(root: ArmRoot) -> None:
    done = root.run("/root/bundle/install.sh")
    assert done.returncode == 1
    assert done.stderr.startswith("error: this bundle is for a 64-bit system on aarch64")
    assert done.stderr.count("\n") == 1
    assert not root.at("/opt/happysad").exists()
