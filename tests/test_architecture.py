"""The folders are the architecture: who may import whom, and the device alone."""

import ast
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from data.drawing import draw_face
from tests.support.chain import ROOT
from tests.support.command import run_program

MAY_IMPORT = {
    "edge": set(),
    "data": {"edge"},
    "train": {"edge", "data", "batch"},
    "export": {"edge", "data"},
    "bench": {"edge", "data", "train", "export", "batch"},
    "pi": {"edge"},
    "batch": {"edge"},
    "browser": {"edge"},
}
EDGE = ROOT / "edge"
# What only some modules of a folder may import: who trains on one machine needs no Dask.
ALONE = {"train": ("side_by_side", {"batch", "dask", "distributed"})}
# Whom a room of the device may import, from the command line down to the machine.
ROOMS = {
    "cli": {
        "benchmark", "camera", "classifier", "doctor", "errors", "face_classifier", "faces",
        "gallery", "history", "images", "live", "machine", "masking", "model", "mqtt",
        "prediction", "self_test", "service", "teach", "terminal", "web", "why", "wording",
    },
    "library": {
        "arguments", "classifier", "errors", "face_classifier", "faces", "live", "model",
        "prediction", "why",
    },
    "arguments": {"errors", "images", "machine"},
    "benchmark": {
        "classifier", "errors", "face_classifier", "faces", "images", "live", "machine", "model",
        "prediction", "video",
    },
    "doctor": {
        "camera", "errors", "faces", "machine", "masking", "model", "self_test", "service", "video",
    },
    "service": {"errors", "machine"},
    "live": {
        "camera", "classifier", "errors", "face_classifier", "faces", "gallery", "history",
        "images", "labels", "machine", "masking", "model", "mqtt", "prediction", "self_test",
        "teach", "terminal", "video", "web", "why", "wording",
    },
    "mqtt": {"errors", "machine"},
    "gallery": {"errors", "machine", "prediction"},
    "history": {"errors", "images", "machine", "prediction", "wording"},
    "teach": {
        "classifier", "errors", "face_classifier", "images", "labels", "machine", "model",
        "wording",
    },
    "why": {
        "classifier", "errors", "face_classifier", "faces", "images", "machine", "model",
        "prediction", "terminal",
    },
    "web": {"errors", "images", "machine", "model", "prediction", "terminal"},
    "camera": {"errors", "images", "machine", "masking", "video"},
    "terminal": {"errors", "images", "masking", "prediction", "wording"},
    "face_classifier": {"classifier", "faces", "model", "prediction"},
    "self_test": {"classifier", "errors", "machine", "model"},
    "classifier": {"errors", "images", "model", "prediction"},
    "faces": {"errors", "machine", "model"},
    "images": {"errors", "machine", "prediction", "video", "wording"},
    "video": {"errors", "machine"},
    "model": {"errors", "images", "labels", "machine", "wording"},
    "machine": {"errors"},
    "prediction": set(),
    "labels": set(),
    "masking": set(),
    "errors": set(),
    "wording": set(),
}  # fmt: skip
HEAVY = {
    "tensorflow", "keras", "matplotlib", "flatbuffers", "dask", "distributed", "pyarrow", "fsspec",
}  # fmt: skip


def imported_packages(source: Path) -> set[str]:
    packages = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            packages |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            packages.add((node.module or "").split(".")[0])
    return packages


def imported_modules(source: Path) -> set[str]:
    """The full names of what a source imports, and of what it might be taking from them."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def imported_rooms(source: Path) -> set[str]:
    """The folders and modules of `edge` that one of its modules imports, by their first name."""
    package = source.relative_to(EDGE).parent.parts
    rooms = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            parts = (*base, *(node.module or "").split("."))
            found = [part for part in parts if part]
            rooms |= {found[0]} if found else {alias.name for alias in node.names}
    return rooms - {"__version__"}


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_the_table_allows(folder: str) -> None:
    sources = list((ROOT / folder).rglob("*.py"))
    assert sources
    for source in sources:
        ours = imported_packages(source) & set(MAY_IMPORT)
        assert ours <= MAY_IMPORT[folder] | {folder}, source


@pytest.mark.parametrize("folder", ALONE)
def test_what_not_everybody_installs_is_imported_by_one_room_of_a_folder_alone(folder: str) -> None:
    room, packages = ALONE[folder]
    for source in (ROOT / folder).rglob("*.py"):
        if room not in source.parts:
            assert not imported_packages(source) & packages, source


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_the_device_imports_the_rooms_of_the_table_and_no_other(room: str) -> None:
    imported = set()
    for source in list((EDGE / room).rglob("*.py")) or [EDGE / f"{room}.py"]:
        imported |= imported_rooms(source)
        assert imported_rooms(source) <= ROOMS[room] | {room}, source
    assert ROOMS[room] <= imported  # an arrow that is gone leaves the table


def test_every_room_of_the_device_is_in_the_table() -> None:
    folders = {path.name for path in EDGE.iterdir() if (path / "__init__.py").exists()}
    modules = {path.stem for path in EDGE.glob("*.py")} - {"__init__", "__main__"}
    assert folders | modules == set(ROOMS)


def test_no_test_module_imports_another() -> None:
    sources = list((ROOT / "tests").rglob("*.py"))
    modules = {".".join(source.relative_to(ROOT).with_suffix("").parts) for source in sources}
    tests = {module for module in modules if module.split(".")[-1].startswith("test_")}
    assert tests
    for source in sources:
        assert not imported_modules(source) & tests, f"{source}: move it to tests/support"


def test_the_device_imports_neither_tensorflow_nor_what_training_needs() -> None:
    for source in (ROOT / "edge").rglob("*.py"):
        assert not imported_packages(source) & HEAVY, source


def test_edge_copied_elsewhere_classifies_an_image_without_the_rest(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "edge", tmp_path / "edge", ignore=shutil.ignore_patterns("__pycache__"))
    cv2.imwrite(str(tmp_path / "face.png"), draw_face("happy", np.random.default_rng(0)))
    program = (
        "import sys\n"
        "from edge.cli.main import app\n"
        "app(['classify', 'face.png', '--crop', 'frame'], standalone_mode=False)\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'tensorflow', 'keras', 'train', 'export', 'data', 'matplotlib'}))\n"
    )
    done = run_program(program, cwd=tmp_path, check=True)
    answer, loaded = done.stdout.splitlines()
    assert answer.split()[0] in ("happy", "sad", "neutral", "unsure")
    assert loaded == "[]"
