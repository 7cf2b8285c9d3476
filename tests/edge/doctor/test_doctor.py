"""The doctor: a sound machine, and each of the things that can be wrong with one."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from edge.camera.csi import CsiCamera, Seen, by_picamera2, by_rpicam, csi_cameras
from edge.camera.listing import cameras, cameras_text
from edge.doctor import Finding, examine, machine, models, packages, text_line
from edge.doctor.cameras import cameras as camera_findings
from edge.machine.board import Board
from edge.machine.child import ask, ask_python
from edge.machine.pip import pip_command
from tests.support.chain import ROOT
from tests.support.command import run_program
from tests.support.kernel_files import FIRMWARE, write, zone

MODEL = ROOT / "edge" / "models" / "faces.tflite"
LISTED = """\
Available cameras
-----------------
0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)
    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                             1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
1 : imx708_wide (/base/soc/i2c0mux/i2c@0/imx708@1a)
2 : C270 [1280x720] (/base/scb/pcie@7d500000/pci@0,0/usb@0,0-1.2:1.0-046d:0825)
"""
IMX219 = CsiCamera(
    "rpicam-vid:0", "imx219", "3280x2464 10-bit RGGB, /base/soc/i2c0mux/i2c@1/imx219@10"
)
IMX708 = CsiCamera("rpicam-vid:1", "imx708_wide", "/base/soc/i2c0mux/i2c@0/imx708@1a")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which programs are found before those of the system."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which modules are found before those installed, by child processes too."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def picamera2(site: Path, text: str) -> None:
    (site / "picamera2.py").write_text(text)


def of(what: str, findings: list[Finding]) -> Finding:
    (found,) = [finding for finding in findings if finding.what == what]
    return found


def examined(*arguments: str, **environment: str) -> list[Finding]:
    """What a fresh interpreter finds: one that has not imported OpenCV yet."""
    text = (
        "import json, sys; from dataclasses import asdict; from pathlib import Path\n"
        "from edge.doctor import *\n"
        "for finding in examine(Path(sys.argv[1]), *sys.argv[2:]):"
        " print(json.dumps(asdict(finding)))"
    )
    done = run_program(text, *arguments, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [Finding(**json.loads(line)) for line in done.stdout.splitlines()]


def test_a_machine_that_runs_the_tests_has_no_problem_with_its_software() -> None:
    findings = list(examine(MODEL))
    for what in ("python", "runtime", "opencv", "videos", "model", "detector"):
        states = [finding.state for finding in findings if finding.what == what]
        assert "ok" in states
        assert "problem" not in states
    assert of("model", findings).found.startswith(f"faces, 0.36 MB, {MODEL}: answers its test ")
    assert {"camera", "disk", "memory"} <= {finding.what for finding in findings}


def test_lines_are_aligned_and_a_fix_follows_its_problem() -> None:
    fine = Finding("runtime", "ok", "ai-edge-litert 2.3.0 with numpy 2.4", None)
    bad = Finding("camera", "problem", "/dev/video0 (C270): no\npermission", "join the group")
    assert text_line(fine) == "ok       runtime     ai-edge-litert 2.3.0 with numpy 2.4"
    assert text_line(bad) == (
        "problem  camera      /dev/video0 (C270): no\\npermission: join the group"
    )
    assert json.loads(json.dumps(asdict(fine))) == {
        "what": "runtime", "state": "ok", "found": "ai-edge-litert 2.3.0 with numpy 2.4",
        "fix": None,
    }  # fmt: skip


def test_a_model_that_is_not_there_is_a_problem_of_the_model_only(tmp_path: Path) -> None:
    findings = list(examine(tmp_path / "none.tflite"))
    assert of("model", findings) == Finding(
        "model",
        "problem",
        f"no model at {tmp_path / 'none.tflite'}: those that are there are "
        "shown by 'python -m edge model list'",
        None,
    )
    assert "ok" in [finding.state for finding in findings if finding.what == "runtime"]


def test_a_damaged_model_is_named_and_never_built(tmp_path: Path) -> None:
    damaged = bytearray(MODEL.read_bytes())
    damaged[5000:5100] = bytes(100)
    path = tmp_path / "damaged.tflite"
    path.write_bytes(damaged)
    findings = list(examine(path))
    assert of("model", findings).found == f"{path} is damaged (checksum): copy or export it again"


def test_without_opencv_it_is_said_once_and_nothing_breaks(site: Path) -> None:
    (site / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    findings = examined(str(MODEL))
    finding = of("opencv", findings)
    assert finding.found == "OpenCV does not import (libGL.so.1: cannot open shared object file)"
    assert finding.fix
    assert finding.fix.startswith("pip uninstall opencv-python")
    assert finding.fix.endswith(", then pip install numpy opencv-python-headless")
    assert of("model", findings).found == "not looked at, as OpenCV does not import"
    assert [finding.what for finding in findings if finding.state == "problem"] == ["opencv"]


def test_what_reads_no_video_or_no_photo_of_a_phone_is_said(site: Path) -> None:
    (site / "av.py").write_text("raise ImportError('no av here')")
    findings = {finding.what: finding for finding in examined(str(MODEL))}
    assert findings["videos"].state == "note"
    assert findings["videos"].found == (
        "videos and network streams need PyAV, which does not import (no av here): "
        f"{pip_command('av')}"
    )
    assert findings["pictures"].state in ("ok", "note")


def test_without_numpy_the_doctor_still_speaks(site: Path) -> None:
    (site / "numpy.py").write_text("raise ImportError('no numpy here')")
    findings = examined(str(MODEL))
    assert of("opencv", findings).found.startswith("OpenCV does not import (no numpy here")
    assert {"memory", "disk", "camera"} <= {finding.what for finding in findings}


def test_two_packages_of_opencv_at_once_are_a_problem(site: Path) -> None:
    installed = [name for name in packages.OPENCV if packages.version_of(name)]
    (second,) = {"opencv-python", "opencv-python-headless"} - set(installed)
    about = site / f"{second.replace('-', '_')}-5.0.0.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text(f"Metadata-Version: 2.1\nName: {second}\nVersion: 5.0.0\n")
    (finding,) = packages.opencv()
    assert finding.state == "problem"
    assert f"{second} 5.0.0" in finding.found
    assert finding.fix
    assert finding.fix.startswith("pip uninstall opencv-python opencv-python-headless")


def test_a_runtime_that_breaks_is_a_note_beside_one_that_works(site: Path) -> None:
    package = site / "tflite_runtime"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "interpreter.py").write_text("raise SystemError('built for numpy 1')")
    about = f"tflite-runtime {packages.version_of('tflite-runtime') or ''}".rstrip()
    broken = Finding(
        "runtime", "problem", f"{about} does not run with numpy {packages.version_of('numpy')}",
        "pip install 'numpy<2' 'opencv-python-headless==4.11.0.86'",
    )  # fmt: skip
    assert list(models.runtimes(MODEL, "tflite-runtime")) == [broken]
    states = [finding.state for finding in models.runtimes(MODEL)]
    assert states == (["ok", "note"] if packages.version_of("ai-edge-litert") else ["problem"])


def test_a_runtime_that_ends_the_process_does_not_end_the_doctor(site: Path) -> None:
    package = site / "tflite_runtime"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "interpreter.py").write_text("import os\nos.kill(os.getpid(), 4)")
    (finding,) = models.runtimes(MODEL, "tflite-runtime")
    assert finding.state == "problem"
    assert "does not work (killed by signal 4)" in finding.found
    (finding,) = models.model(MODEL, "tflite-runtime")
    assert finding == Finding(
        "model", "problem", f"{MODEL} does not pass its self-test: killed by signal 4", None
    )


def test_a_runtime_that_is_missing_is_named_with_what_to_install() -> None:
    if packages.version_of("tflite-runtime"):
        pytest.skip("both runtimes are installed here")
    (finding,) = models.runtimes(MODEL, "tflite-runtime")
    assert finding == Finding(
        "runtime", "problem", "tflite-runtime is not installed", models.INSTALL_RUNTIME
    )
    (finding,) = models.model(MODEL, "tflite-runtime")
    assert finding.state == "note"
    assert finding.found.endswith("not tried, as no runtime works")


def test_picamera2_lists_its_cameras_without_those_at_usb(site: Path) -> None:
    picamera2(
        site,
        "import sys; print('libcamera 0.5', file=sys.stderr); print('a word on stdout')\n"
        "class Picamera2:\n"
        "    @staticmethod\n"
        "    def global_camera_info():\n"
        "        return [{'Model': 'imx219', 'Location': 2, 'Id': '/base/i2c@1/imx219@10',\n"
        "                 'Num': 0}, {'Model': 'C270', 'Id': '/base/usb@1-046d:0825', 'Num': 1}]\n",
    )
    camera = CsiCamera("picamera2:0", "imx219", "/base/i2c@1/imx219@10")
    assert by_picamera2() == Seen("picamera2", (camera,), None)
    assert csi_cameras() == (camera,)
    assert cameras_text().splitlines()[-1] == "picamera2:0  imx219 (/base/i2c@1/imx219@10)"
    last = cameras()[-1]
    assert (last["kind"], last["source"], last["name"]) == ("csi", "picamera2:0", "imx219")
    found = Finding("camera", "ok", "picamera2:0 imx219", None)
    assert found in list(camera_findings(Board()))


def test_picamera2_built_for_another_numpy_is_a_problem_with_its_fix(site: Path) -> None:
    said = "numpy.dtype size changed, may indicate binary incompatibility. Expected 96, got 88"
    picamera2(site, f"raise ValueError({said!r})")
    assert by_picamera2() == Seen("picamera2", (), f"ValueError: {said}")
    assert of("picamera2", list(camera_findings(Board()))) == Finding(
        "picamera2", "problem",
        "does not import, as it was built for another numpy than this environment's",
        "pip install 'numpy<2' 'opencv-python-headless==4.11.0.86', or use rpicam-vid as the "
        "source",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import libcamera_is_missing", "No module named 'libcamera_is_missing'"),
        ("raise RuntimeError('no camera manager')", "RuntimeError: no camera manager"),
        ("import os; os._exit(7)", "it ended with code 7"),
        ("class Picamera2:\n    global_camera_info = dict", "cannot be read"),
        ("class Picamera2:\n    global_camera_info = lambda: [{'Num': 0}]", "cannot be read"),
    ],
    ids=["an import", "an error", "an exit", "no list", "half a list"],
)
def test_picamera2_may_fail_in_many_ways(site: Path, text: str, problem: str) -> None:
    picamera2(site, text)
    seen = by_picamera2()
    if "dict" in text:  # an empty list of cameras, in an odd form
        assert seen == Seen("picamera2", (), None)
        return
    assert seen is not None
    assert seen.problem is not None
    assert problem in seen.problem
    assert of("picamera2", list(camera_findings(Board()))).state == "note"


@pytest.mark.parametrize("where", ["", " >&2"], ids=["on stdout", "on stderr"])
@pytest.mark.parametrize("name", ["rpicam-hello", "libcamera-hello"])
def test_the_rpicam_programs_are_read_too(programs: Path, name: str, where: str) -> None:
    path = program(programs, name, f"[ $1 = --list-cameras ] && cat <<'.'{where}\n{LISTED}.")
    assert by_rpicam() == Seen(path, (IMX219, IMX708), None)


def test_no_camera_on_the_port_is_an_empty_list(programs: Path) -> None:
    path = program(programs, "rpicam-hello", "echo 'No cameras available!'")
    assert by_rpicam() == Seen(path, (), None)


def test_a_program_that_fails_says_why(programs: Path) -> None:
    path = program(programs, "rpicam-hello", "echo 'ERROR: no permission' >&2; exit 255")
    assert by_rpicam() == Seen(path, (), "ERROR: no permission")
    assert of("rpicam", list(camera_findings(Board()))) == Finding(
        "rpicam", "note", f"{path} does not work (ERROR: no permission)", None
    )


def test_a_child_that_hangs_is_not_waited_for() -> None:
    answer = ask_python("import time; time.sleep(60)", timeout_s=0.5)
    assert answer.code is None
    assert answer.last_words == "no answer within 0 s"


def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    assert ask([str(tmp_path / "none")], 1).last_words == "No such file or directory"


def test_a_hot_board_with_a_weak_power_supply_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
    zone(tmp_path, 0, "cpu-thermal", "82100")
    write(tmp_path, FIRMWARE, "d0005\n")
    assert list(machine.board(Board(tmp_path))) == [
        Finding("board", "ok", "Raspberry Pi 4 Model B Rev 1.4", None),
        Finding("temperature", "problem", "82 degrees Celsius", machine.COOLING),
        Finding("power", "problem", "now: under-voltage, throttled", machine.POWER),
        Finding("power", "note", "since the start: temperature limit", machine.COOLING),
    ]


def test_under_voltage_that_is_over_is_a_note(tmp_path: Path) -> None:
    zone(tmp_path, 0, "cpu-thermal", "45000")
    write(tmp_path, FIRMWARE, "10000\n")
    assert list(machine.board(Board(tmp_path))) == [
        Finding("temperature", "ok", "45 degrees Celsius", None),
        Finding("power", "note", "since the start: under-voltage", machine.POWER),
    ]


@pytest.mark.parametrize(("kilobytes", "state"), [(146_000, "problem"), (147_000, "ok")])
def test_too_little_memory_is_a_problem(tmp_path: Path, kilobytes: int, state: str) -> None:
    write(tmp_path, "proc/meminfo", f"MemTotal: 500000 kB\nMemAvailable: {kilobytes} kB\n")
    (finding,) = machine.memory(Board(tmp_path))
    assert finding.state == state


def test_a_display_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    (finding,) = machine.display()
    assert finding.state == "note"
    assert finding.found.startswith("none (DISPLAY and WAYLAND_DISPLAY are empty)")
    monkeypatch.setenv("DISPLAY", ":97")  # where nothing answers
    (finding,) = machine.display()
    assert finding.state == "note"
    assert ":97" in finding.found
    has_windows = packages.window_system() != "none"
    assert ("nothing answers there" in finding.found) == has_windows
