"""The static folder: our modules, the look of the device's page, LiteRT.js, and three models."""

import shutil
from pathlib import Path

from browser.litert import fetch_litert
from edge.classifier import Classifier
from edge.errors import OutputError
from edge.faces.files import FILES, fetch_detector
from edge.machine.output_file import write_bytes
from edge.machine.temporary import temporary_beside
from edge.model.choice import MODELS

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "browser"
PAGE, WEB = ROOT / "browser" / "page", ROOT / "edge" / "web"
# Of the page that a device serves: how it looks, the picture with its boxes, the verdict.
SHARED = ("icon.svg", "page.css", "stage.js", "verdict.js")
LICENCE = "LICENSE-Apache-2.0.md"  # of LiteRT.js and of the face detector
MARK = ".happysad-page"  # a folder that has it was built here, and may be replaced


def build_page(model: Path, out: Path = OUT) -> None:
    """Builds the folder, whole or not at all.

    Args:
        model: The model that answers.
        out: Takes the place of what an earlier call has built there.

    Raises:
        ModelError: The model does not answer as it should, or the detector cannot be fetched.
        OutputError: The folder holds something else, or cannot be written.
        PackageError: LiteRT.js cannot be fetched.
    """
    out = out.resolve()  # a link stays, and leads to the new folder
    content = Classifier(model).content
    try:
        _check(out)
        fetch_detector()
        out.parent.mkdir(parents=True, exist_ok=True)
        with temporary_beside(out, is_folder=True) as folder:
            (folder / MARK).touch()
            for source in (*sorted(PAGE.iterdir()), *(WEB / name for name in SHARED)):
                shutil.copyfile(source, folder / source.name)
            shutil.copyfile(MODELS / LICENCE, folder / LICENCE)
            fetch_litert(folder / "litert")
            (folder / "models").mkdir()
            write_bytes(folder / "models" / "model.tflite", content)
            for name, file in FILES.items():
                shutil.copyfile(file.path, folder / "models" / f"{name}.tflite")
            folder.chmod(0o755)
            _replace(out, folder)
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror or error}") from error


def _replace(out: Path, folder: Path) -> None:
    """Puts the new folder in the place of the old one, which is there until then."""
    with temporary_beside(out, is_folder=True) as aside:
        old = aside / "old"
        if out.exists():
            out.rename(old)
        try:
            folder.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise


def _check(out: Path) -> None:
    """Refuses to replace a folder that this has not built."""
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).exists():
        raise OutputError(
            f"{out} holds something else (no {MARK} is in it): name another folder with --out, "
            "or remove it"
        )
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file: name a folder with --out")
