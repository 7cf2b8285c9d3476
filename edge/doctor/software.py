"""What is installed: Python, the TFLite runtimes, OpenCV, the models; whether it works together."""

import importlib.util
import platform
import struct
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edge.child import ask_python
from edge.doctor.finding import Finding
from edge.errors import HappySadError, ModelError, RuntimeMissingError
from edge.runtime import RUNTIMES

# The models and OpenCV are imported where they are looked at: without OpenCV they do not import,
# and that is one of the things to be found.
TRY = """
from pathlib import Path
from edge.errors import HappySadError, RuntimeMissingError
try:
    {what}
except HappySadError as error:
    print(error, file=sys.stderr)
    sys.exit(3 if isinstance(error, RuntimeMissingError) else 1)
"""
BUILD = TRY.format(
    what="from edge.runtime import build_interpreter; "
    "build_interpreter(Path(sys.argv[1]).read_bytes(), runtime=sys.argv[2])"
)
CLASSIFIER = TRY.format(
    what="from edge.classifier import Classifier; "
    "print(Classifier(Path(sys.argv[1]), runtime=sys.argv[2]).network.runtime)"
)
NO_RUNTIME = 3  # exit code of both
TRY_TIMEOUT_S = 30.0  # the first start from a slow card
INSTALL_RUNTIME = (
    "pip install ai-edge-litert (64-bit), or pip install tflite-runtime 'numpy<2' (Python 3.11 "
    "and older)"
)
NUMPY_1 = "pip install 'numpy<2' 'opencv-python-headless==4.11.0.86'"  # they go together
OPENCV = (
    "opencv-python", "opencv-python-headless", "opencv-contrib-python",
    "opencv-contrib-python-headless",
)  # fmt: skip


def python() -> Iterator[Finding]:
    """The interpreter's version, and for which machine it is built."""
    bits = struct.calcsize("P") * 8
    found = f"Python {platform.python_version()}, {bits}-bit, {platform.machine()}"
    if bits == 32:
        fix = "a 64-bit system runs the models several times as fast"
        yield Finding("python", "note", found, fix)
    else:
        yield Finding("python", "ok", found, None)


def runtimes(model_path: Path, runtime: str = "auto") -> Iterator[Finding]:
    """The TFLite runtimes, each tried in a process of its own: two in one can clash.

    Args:
        model_path: The model to try them with; the face detector's where it is damaged.
        runtime: The one that is needed, or "auto" for any.
    """
    model_path = _sound_model(model_path)
    names = [name for name in RUNTIMES if runtime in ("auto", name)]
    found = [_runtime(name, model_path) for name in names if _is_installed(name)]
    if not found:
        missing = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not installed"
        yield Finding("runtime", "problem", missing, INSTALL_RUNTIME)
    works = any(finding.state == "ok" for finding in found)
    for finding in found:
        if works and finding.state == "problem":  # one is enough
            yield Finding(finding.what, "note", finding.found, finding.fix)
        else:
            yield finding


def opencv() -> Iterator[Finding]:
    """OpenCV, and what it was built to do."""
    installed = [name for name in OPENCV if _version(name)]
    try:
        from edge.opencv import cv2
    except RuntimeMissingError as error:
        fix = "pip install opencv-python-headless"
        yield Finding("opencv", "problem", str(error).split(": install")[0], fix)
        return
    names = " and ".join(f"{name} {_version(name)}" for name in installed)
    known = {"V4L2": cv2.CAP_V4L2, "FFMPEG": cv2.CAP_FFMPEG, "GStreamer": cv2.CAP_GSTREAMER}
    backends = [name for name, number in known.items() if cv2.videoio_registry.hasBackend(number)]
    found = (
        f"{names or f'OpenCV {cv2.__version__}'}, windows: {window_system()}, "
        f"reads with {', '.join(backends) or 'neither V4L2 nor FFMPEG'}"
    )
    if len(installed) > 1:  # they overwrite each other's files
        fix = f"pip uninstall {' '.join(installed)}, then pip install one of them"
        yield Finding("opencv", "problem", found, fix)
    elif sys.platform == "linux" and "V4L2" not in backends:
        fix = "cameras cannot be read: pip install opencv-python-headless"
        yield Finding("opencv", "problem", found, fix)
    elif "FFMPEG" not in backends:
        fix = "videos and streams cannot be read: pip install opencv-python-headless"
        yield Finding("opencv", "note", found, fix)
    else:
        yield Finding("opencv", "ok", found, None)


def window_system() -> str:
    """What OpenCV opens windows with, such as "QT5"; "none" for the headless package."""
    from edge.opencv import cv2

    lines = (line.partition("GUI:") for line in cv2.getBuildInformation().splitlines())
    named = next((value.strip() for _, found, value in lines if found), "")
    return "none" if named in ("", "NONE") else named


def model(model_path: Path, runtime: str = "auto") -> Iterator[Finding]:
    """The model, and whether it answers here as it did when it was exported.

    Args:
        model_path: As for `examine`.
        runtime: As for `examine`.
    """
    from edge.contract import read_model

    content, contract = read_model(model_path)
    about = f"{contract.name}, {len(content) / 1e6:.2f} MB, {model_path}"
    answer = ask_python(CLASSIFIER, str(model_path), runtime, timeout_s=TRY_TIMEOUT_S)
    if answer.code == 0:
        found = f"{about}: answers its test inputs as it should, with {answer.out}"
        yield Finding("model", "ok", found, None)
    elif answer.code == NO_RUNTIME:
        yield Finding("model", "note", f"{about}: not tried, as no runtime works", None)
    else:
        yield Finding("model", "problem", answer.last_words, None)


def detector(model_path: Path) -> Iterator[Finding]:
    """The files of the face detector; a model of whole pictures does without.

    Args:
        model_path: As for `examine`.
    """
    from edge.contract import read_model
    from edge.detector_files import FETCH, FILES, read_detector

    try:
        needs_faces = read_model(model_path)[1].crop == "face"
    except ModelError:
        needs_faces = True
    for range_ in FILES:
        try:
            read_detector(range_)
        except ModelError as error:
            found = str(error).removesuffix(f": {FETCH}")
            yield Finding("detector", "problem" if needs_faces else "note", found, FETCH)
            return
    yield Finding("detector", "ok", f"both files are there and right: {', '.join(FILES)}", None)


def _sound_model(model_path: Path) -> Path:
    """A model that is safe to build: a damaged one can end the process."""
    from edge.contract import read_model
    from edge.detector_files import FILES, read_detector

    try:
        read_model(model_path)
    except HappySadError:
        read_detector("short")
        return FILES["short"].path
    return model_path


def _runtime(name: str, model_path: Path) -> Finding:
    about = f"{name} {_version(name) or '(no version)'} with numpy {_version('numpy')}"
    answer = ask_python(BUILD, str(model_path), name, timeout_s=TRY_TIMEOUT_S)
    if answer.code == 0:
        return Finding("runtime", "ok", about, None)
    if "it needs 'numpy<2'" in answer.last_words:
        return Finding("runtime", "problem", f"{about} do not go together", NUMPY_1)
    found = f"{about} does not work ({answer.last_words})"
    return Finding("runtime", "problem", found, INSTALL_RUNTIME)


def _is_installed(runtime: str) -> bool:
    return importlib.util.find_spec(RUNTIMES[runtime].split(".")[0]) is not None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
