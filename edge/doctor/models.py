"""The models and the TFLite runtimes: whether they work together.

What may crash or clash is tried in a child process. The modules that need OpenCV are imported
where they are used, as without it they do not import, and that is one of the things to be found.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import HappySadError, ModelError, RuntimeMissingError
from ..machine.child import PACKAGE, ask_python
from ..machine.pip import version_of
from ..model.runtime import RUNTIMES, build_interpreter
from ..self_test import self_test
from .finding import Finding

BUILD = f"from {PACKAGE}.doctor.models import build; build(*sys.argv[1:])"
TRY_TIMEOUT_S = 30.0  # the first start from a slow card
INSTALL_RUNTIME = (
    "pip install ai-edge-litert (64-bit), or pip install tflite-runtime 'numpy<2' (Python 3.11 "
    "and older)"
)
NUMPY_1 = "pip install 'numpy<2' 'opencv-python-headless==4.11.0.86'"  # they go together


def runtimes(model_path: Path, runtime: str = "auto") -> Iterator[Finding]:
    """The TFLite runtimes, each tried in a process of its own: two in one can clash."""
    sound = _sound_model(model_path)
    if sound is None:
        untried = "not tried, as there is no sound model to try them with"
        yield Finding("runtime", "note", untried, None)
        return
    names = [name for name in RUNTIMES if runtime in ("auto", name)]
    found = [_runtime(name, sound) for name in names if _is_installed(name)]
    if not found:
        missing = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not installed"
        yield Finding("runtime", "problem", missing, INSTALL_RUNTIME)
    works = any(finding.state == "ok" for finding in found)
    for finding in found:
        if works and finding.state == "problem":  # one is enough
            yield Finding(finding.what, "note", finding.found, finding.fix)
        else:
            yield finding


def model(model_path: Path, runtime: str = "auto") -> Iterator[Finding]:
    """The model, and whether it answers here as it did when it was exported."""
    from ..model.file import read_model

    content, contract = read_model(model_path)
    about = f"{contract.name}, {len(content) / 1e6:.2f} MB, {model_path}"
    try:
        found = f"{about}: answers its test inputs as it should, with "
        yield Finding("model", "ok", found + self_test(content, model_path, runtime), None)
    except RuntimeMissingError:
        yield Finding("model", "note", f"{about}: not tried, as no runtime works", None)
    except ModelError as error:
        yield Finding("model", "problem", str(error), None)


def detector(model_path: Path) -> Iterator[Finding]:
    """The files of the face detector; a model of whole pictures does without."""
    from ..faces.files import FETCH, FILES, read_detector
    from ..model.file import read_model

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


def build(runtime: str) -> None:
    """Runs in a child: builds the interpreter of a model on stdin, or prints what is wrong."""
    try:
        build_interpreter(sys.stdin.buffer.read(), runtime=runtime)
    except HappySadError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(1)


def _sound_model(model_path: Path) -> bytes | None:
    """A model that is safe to build, as a damaged one can end the process."""
    from ..faces.files import read_detector
    from ..model.file import read_model

    with suppress(ModelError):
        return read_model(model_path)[0]
    with suppress(ModelError):
        return read_detector("short")
    return None


def _runtime(name: str, model: bytes) -> Finding:
    about, numpy = f"{name} {version_of(name) or ''}".rstrip(), f"numpy {version_of('numpy')}"
    answer = ask_python(BUILD, name, timeout_s=TRY_TIMEOUT_S, stdin=model)
    if answer.code == 0:
        return Finding("runtime", "ok", f"{about} with {numpy}", None)
    if answer.code is None:
        return Finding("runtime", "problem", f"{about}: {answer.last_words}", None)
    if "it needs 'numpy<2'" in answer.last_words:
        return Finding("runtime", "problem", f"{about} does not run with {numpy}", NUMPY_1)
    found = f"{about} with {numpy} does not work ({answer.last_words})"
    return Finding("runtime", "problem", found, INSTALL_RUNTIME)


def _is_installed(runtime: str) -> bool:
    return importlib.util.find_spec(RUNTIMES[runtime].split(".")[0]) is not None
