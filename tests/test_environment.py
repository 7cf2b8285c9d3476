"""The set-up: what is pinned in requirements/, and what environment.sh says and does.

Python and pip are stood in for by a shell script that notes what it is asked: the real ones take
minutes and half a gigabyte.
"""

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.chain import ROOT

PINS = ROOT / "requirements"
MACHINES = [
    {"python_version": version, "python_full_version": f"{version}.9", "platform_machine": machine,
     "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix",
     "platform_python_implementation": "CPython", "implementation_name": "cpython"}
    for version in ("3.10", "3.11", "3.12", "3.13") for machine in ("x86_64", "aarch64")
]  # fmt: skip


def pinned(name: str) -> list[Requirement]:
    """The requirements of one file, without their hashes."""
    lines = (PINS / name).read_text().splitlines()
    return [Requirement(line.rstrip("\\ ")) for line in lines if re.match("[a-z]", line)]


def versions(name: str, machine: dict[str, str]) -> dict[str, str]:
    """What one file installs on a machine: packages and their versions."""
    found = [pin for pin in pinned(name) if pin.marker and pin.marker.evaluate(machine)]
    assert len({pin.name for pin in found}) == len(found)
    return {pin.name: str(pin.specifier).removeprefix("==") for pin in found}


def wanted(table: str) -> list[Requirement]:
    """The requirements between a line of pyproject.toml that begins like this, and its end."""
    text = (ROOT / "pyproject.toml").read_text()
    lines = text.split(f"\n{table} = [\n")[1].split("\n]\n")[0].splitlines()
    return [Requirement(line.split('"')[1]) for line in lines if line.startswith('    "')]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: "-".join(list(m.values())[:3:2]))
@pytest.mark.parametrize(
    ("tables", "names"),
    [
        (("dependencies", "web", "mqtt", "metrics"), ("device.txt",)),
        (("dependencies", "web", "mqtt", "metrics", "train", "onnx"), ("train.txt",)),
        (("dev", "docs"), ("dev.txt",)),
    ],
)
def test_what_pyproject_asks_for_is_pinned_within_its_bounds(
    tables: tuple[str, ...], names: tuple[str, ...], machine: dict[str, str]
) -> None:
    pins = {pin: version for name in names for pin, version in versions(name, machine).items()}
    for table in tables:
        for requirement in wanted(table):
            if requirement.marker is None or requirement.marker.evaluate(machine):
                assert requirement.specifier.contains(pins[requirement.name]), requirement


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: "-".join(list(m.values())[:3:2]))
def test_the_files_agree_on_every_machine(machine: dict[str, str]) -> None:
    train, dev = versions("train.txt", machine), versions("dev.txt", machine)
    assert {name: dev[name] for name in dev if name in train} == {
        name: train[name] for name in train if name in dev
    }
    windows = versions("opencv-windows.txt", machine)
    assert windows == {"opencv-python": train["opencv-python-headless"]}
    device = versions("device.txt", machine)
    assert device.items() <= train.items()
    assert "pillow-heif" in device
    assert "setuptools" in device  # it builds the package, as nothing is fetched for that


def test_every_pin_has_hashes_and_no_file_has_an_address() -> None:
    for path in PINS.iterdir():
        text = path.read_text()
        assert "://" not in text
        assert not re.search("^ *--(?!hash=sha256:[0-9a-f]{64}( |$))", text, re.MULTILINE)
        for block in re.split(r"\n(?=[a-z])", text)[1:]:
            assert "--hash=sha256:" in block, block


# Answers the questions of environment.sh, and makes a .venv whose Python is this script again.
PYTHON = """#!/bin/sh
echo "$*" | head -n 1 >>"$CALLS"
case $* in
*"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
*"-m pip"*" install "*) eval "${PIP:-}" ;;
*_base_executable*) [ -z "${NO_VENV:-}" ] && echo "$0" ;;
*SOABI*) echo "${WHY:-}" ;;
*version_info*) echo "${VERSION:-3.11}" ;;
*CDLL*) [ -z "${MISSING:-}" ] || [ "${2%"$MISSING"*}" = "$2" ] ;;
*fetch-detector*) touch edge/models/face_detection_short_range.tflite \\
    edge/models/face_detection_full_range.tflite ;;
esac
"""


class Checkout:
    """A copy of what environment.sh reads, with a Python that only notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder.parent / "bin" / "python3"
        self.calls = folder.parent / "calls"
        self.python.parent.mkdir()
        self.python.write_text(PYTHON)
        self.python.chmod(0o755)
        for version in ("3.10", "3.11", "3.12", "3.13"):  # before those of this machine
            self.python.with_name(f"python{version}").symlink_to(self.python)
        (folder / "edge" / "models").mkdir(parents=True)
        shutil.copytree(PINS, folder / "requirements")
        for name in ("environment.sh", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)

    def command(self, **variables: str) -> dict[str, object]:
        path = f"{self.python.parent}:/usr/bin:/bin"
        environment = {"PATH": path, "CALLS": str(self.calls), "PYTHON": "python3"} | variables
        return {"cwd": self.folder, "env": environment, "text": True, "stderr": subprocess.PIPE}

    def set_up(self, stage: str = "train", **variables: str) -> subprocess.CompletedProcess[str]:
        self.calls.write_text("")
        return subprocess.run(["sh", "environment.sh", stage], **self.command(**variables))

    def installs(self) -> list[str]:
        """What was asked of `pip install` in the last set-up."""
        calls = self.calls.read_text().splitlines()
        return [call.split("--no-deps ")[1] for call in calls if "--no-deps" in call]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a checkout")


def test_the_first_time_installs_and_the_second_costs_nothing(checkout: Checkout) -> None:
    done = checkout.set_up()
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        "Making .venv with Python 3.11.",
        "Installing what is pinned in requirements/: at most 600 MB to download, 2.6 GB on disk, "
        "about a minute on an idle machine.",
        "Loading TensorFlow for the first time.",
        "The environment is complete: .venv",
        "Fetching the face detector: 7 MB to download, 1.3 MB on disk.",
    ]
    assert checkout.installs() == [
        "--require-hashes -r .venv/tmp/train.txt -r requirements/opencv-windows.txt",
        "--no-build-isolation -e .",
    ]
    again = checkout.set_up()
    assert (again.returncode, again.stderr, checkout.installs()) == (0, "", [])


def test_the_tools_of_the_tests_come_on_top(checkout: Checkout) -> None:
    checkout.set_up()
    checkout.set_up("dev")
    assert checkout.installs()[0].endswith("-r requirements/dev.txt")
    for stage in ("dev", "train"):
        assert checkout.set_up(stage).stderr == ""


def test_a_device_needs_no_tensorflow_and_training_comes_on_top(checkout: Checkout) -> None:
    done = checkout.set_up("device")
    assert done.stderr.splitlines()[1:3] == [
        "Installing what is pinned in requirements/: at most 150 MB to download, 480 MB on disk.",
        "The environment is complete: .venv",
    ]
    assert checkout.installs() == [
        "--require-hashes -r .venv/tmp/device.txt -r requirements/opencv-windows.txt",
        "--no-build-isolation -e .",
    ]
    assert checkout.set_up("train").stderr.splitlines()[1:3] == [
        "Loading TensorFlow for the first time.",
        "The environment is complete: .venv",
    ]
    assert checkout.set_up("device").stderr == ""


def test_a_device_target_installs_no_more_into_an_older_environment(checkout: Checkout) -> None:
    checkout.set_up("train")
    with (checkout.folder / "requirements" / "train.txt").open("a") as file:
        file.write("# another line\n")
    checkout.set_up("device")
    assert [install.split("/tmp/")[-1].split()[0] for install in checkout.installs()] == [
        "device.txt", "--no-build-isolation",
    ]  # fmt: skip
    assert checkout.set_up("train").stderr.startswith("Installing what is pinned")


@pytest.mark.parametrize("library", ["libGL.so.1", "libICE.so.6"])
def test_where_no_window_can_open_opencv_comes_without(checkout: Checkout, library: str) -> None:
    done = checkout.set_up(MISSING=library)
    assert f"OpenCV without windows, as this machine has no {library}; for windows: sudo apt " in (
        done.stderr
    )
    assert checkout.installs()[0] == "--require-hashes -r requirements/train.txt"


def test_of_two_opencvs_one_is_installed(checkout: Checkout) -> None:
    pip = 'cp .venv/tmp/train.txt "$CALLS.pins" 2>/dev/null || true'
    checkout.set_up(PIP=pip)
    names = {pin.split("=")[0] for pin in Path(f"{checkout.calls}.pins").read_text().split("\n")}
    assert {pin.name for pin in pinned("train.txt")} - names == {"opencv-python-headless"}


@pytest.mark.parametrize("name", ["requirements/dev.txt", "pyproject.toml"])
def test_other_pins_are_installed_into_the_same_environment(checkout: Checkout, name: str) -> None:
    checkout.set_up()
    with (checkout.folder / name).open("a") as file:
        file.write("# another line\n")
    done = checkout.set_up()
    assert done.stderr.startswith("Installing what is pinned in requirements/: ")
    assert len(checkout.installs()) == 2


def test_a_moved_checkout_starts_over(checkout: Checkout) -> None:
    checkout.set_up()
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("elsewhere"))
    assert checkout.set_up().stderr.startswith("Making .venv with Python 3.11")


def test_another_python_starts_over(checkout: Checkout) -> None:
    checkout.set_up()
    (checkout.folder / ".venv" / "bin" / "python").write_text("#!/bin/sh\necho 3.10\n")
    assert checkout.set_up().stderr.startswith("Making .venv with Python 3.11")


@pytest.mark.parametrize(("signal", "word"), [("INT", "Interrupted"), ("TERM", "Terminated")])
def test_an_interrupted_one_starts_over(checkout: Checkout, signal: str, word: str) -> None:
    done = checkout.set_up(PIP=f"kill -{signal} $PPID")
    assert done.returncode == {"INT": 130, "TERM": 143}[signal]
    assert done.stderr.splitlines()[-1] == f"{word}: the next make starts over."
    assert checkout.set_up().stderr.startswith("Making .venv with Python 3.11")


def test_two_at_once_take_turns(checkout: Checkout) -> None:
    checkout.calls.write_text("")
    go = checkout.folder / "go"
    command = checkout.command(PIP=f"until [ -e '{go}' ]; do sleep 0.05; done")
    with subprocess.Popen(["sh", "environment.sh", "train"], **command) as first:
        while not checkout.installs():
            assert first.poll() is None
            time.sleep(0.05)
        with subprocess.Popen(["sh", "environment.sh", "train"], **command) as second:
            assert second.stderr.readline() == "Another make is installing: waiting for it.\n"
            go.touch()
            assert second.communicate()[1] == ""
        assert first.communicate()[1].splitlines()[-2] == "The environment is complete: .venv"
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(checkout.installs()) == 2


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"WHY": "is 3.9"},
         "The packages need Python 3.10 to 3.13 for 64-bit Linux with glibc; found: python3 is "
         "3.9. Install one (sudo apt install python3 python3-venv) or name it: make "
         "PYTHON=/path/to/python3.12. To run a trained model needs less (README.md, Raspberry "
         "Pi)."),
        ({"WHY": "is 32-bit"}, "found: python3 is 32-bit."),
        ({"PYTHON": "/nowhere/python"}, "found: /nowhere/python does not run."),
        ({"PYTHON": "", "WHY": "is 3.14"}, "found: python3 is 3.14, python3.13 is 3.14, "),
        ({"NO_VENV": "yes"},
         "python3 cannot make virtual environments: sudo apt install python3-venv"),
        ({"PIP": "echo 'ERROR: [Errno 28] No space left on device'; exit 1"},
         "The disk is full: the environment needs 3.2 GB in "),
        ({"PIP": "echo 'Temporary failure in name resolution'; exit 1"},
         "Cannot reach the package index: is there a network? pip's words are in "
         ".venv/install.log."),
        ({"PIP": "echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES'; exit 1"},
         "The installation failed (ERROR: THESE PACKAGES DO NOT MATCH THE HASHES); all of it is "
         "in .venv/install.log."),
    ],
)  # fmt: skip
def test_what_is_missing_is_the_last_line(
    checkout: Checkout, variables: dict[str, str], message: str
) -> None:
    done = checkout.set_up(**variables)
    assert done.returncode == 1
    assert message in done.stderr.splitlines()[-1]
    assert not list(checkout.folder.glob(".venv/*.done"))
    assert checkout.set_up().returncode == 0


def test_wrong_usage_is_exit_code_2(checkout: Checkout) -> None:
    assert checkout.set_up("everything").returncode == 2
