"""The folders are the architecture: who may import whom, and the device alone."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chain import ROOT, Chain

MAY_IMPORT = {
    "edge": set(),
    "data": {"edge"},
    "train": {"edge", "data"},
    "export": {"edge", "data"},
    "bench": {"edge", "data", "train", "export"},
    "pi": {"edge"},
}
HEAVY = {"tensorflow", "keras", "matplotlib", "flatbuffers"}


def imported_packages(source: Path) -> set[str]:
    packages = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            packages |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}: relative import"
            packages.add((node.module or "").split(".")[0])
    return packages


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_the_table_allows(folder: str) -> None:
    sources = list((ROOT / folder).rglob("*.py"))
    assert sources
    for source in sources:
        ours = imported_packages(source) & set(MAY_IMPORT)
        assert ours <= MAY_IMPORT[folder] | {folder}, source


def test_the_device_imports_neither_tensorflow_nor_what_training_needs() -> None:
    for source in (ROOT / "edge").rglob("*.py"):
        assert not imported_packages(source) & HEAVY, source


def test_edge_copied_elsewhere_classifies_an_image_without_the_rest(
    chain: Chain, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "edge", tmp_path / "edge", ignore=shutil.ignore_patterns("__pycache__"))
    program = (
        "import sys\n"
        "from edge.cli import app\n"
        f"app(['classify', {str(chain.test_files[0].path)!r}, '--model', "
        f"{str(chain.model_path)!r}], standalone_mode=False)\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'tensorflow', 'keras', 'train', 'export', 'data', 'matplotlib'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    answer, loaded = done.stdout.splitlines()
    assert answer.split()[0] in ("happy", "sad", "unsure")
    assert loaded == "[]"
