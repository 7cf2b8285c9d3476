"""The wheel that a device installs: the package `edge`, the face detector's files, the models."""

import shutil
from pathlib import Path

from edge.classifier import Classifier
from edge.errors import OutputError, PackageError
from edge.faces.files import fetch_detector
from edge.machine.output_file import replacing
from edge.machine.pip import pip
from edge.machine.temporary import scratch_folder
from edge.model.choice import OWN_MODEL, SHIPPED_MODEL, model_path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
METADATA = ("pyproject.toml", "README.md", "LICENSE")
# 1980-01-01, the first day that zip files know: a fixed time makes the same contents the same file.
EPOCH = "315532800"


def build_wheel(model: Path | None = None, out: Path = DIST) -> Path:
    """Builds the wheel from a copy of the package, so that nothing left lying about gets in.

    Args:
        model: The model that answers where none is named; None for the one shipped.
        out: The folder for it; an older wheel of the same version is replaced.

    Returns:
        The wheel.

    Raises:
        ModelError: The model does not answer as it should, or the detector cannot be fetched.
        OutputError: The wheel cannot be built or written.
    """
    chosen = model_path(model) if model else SHIPPED_MODEL
    Classifier(chosen)
    detector = fetch_detector()
    with scratch_folder() as folder:
        stage, built = folder / "stage", folder / "built"
        skipped = shutil.ignore_patterns("__pycache__", OWN_MODEL.name)
        shutil.copytree(ROOT / "edge", stage / "edge", ignore=skipped)
        models = stage / SHIPPED_MODEL.parent.relative_to(ROOT)
        for path in detector:
            shutil.copy(path, models)
        if chosen != SHIPPED_MODEL:
            shutil.copy(chosen, models / OWN_MODEL.name)
        for name in METADATA:
            shutil.copy(ROOT / name, stage)
        _build(stage, built)
        (wheel,) = built.glob("*.whl")
        with replacing(out / wheel.name) as temporary:
            shutil.copyfile(wheel, temporary)
        return out / wheel.name


def _build(stage: Path, built: Path) -> None:
    try:
        pip(
            "wheel", "--no-deps", "--wheel-dir", str(built), str(stage),
            environment={"SOURCE_DATE_EPOCH": EPOCH},
        )  # fmt: skip
    except PackageError as error:
        raise OutputError(f"cannot build the wheel: {error}") from error
