"""What `make site` builds, what it refuses, and that the twins have the same numbers."""

import importlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from browser.build import PAGE, _replace, build_page
from edge.faces.blazeface import VARIANTS
from edge.model.choice import SHIPPED_MODEL
from tests.support.chain import ROOT
from tests.support.command import run_module

TWINS = {
    "blazeface": "edge.faces.blazeface", "boxes": "edge.faces.boxes",
    "classifier": "edge.model.file", "contrast": "edge.images.preprocess",
    "decision": "edge.model.decision",
    "detector": "edge.faces.detector", "face_classifier": "edge.faces.crop",
    "quality": "edge.faces.quality", "steady": "edge.live.steady", "tracks": "edge.live.tracks",
}  # fmt: skip


def build(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_module("browser", *words, env=environment)


def test_the_folder_is_whole_and_loads_nothing_from_another_host(page_folder: Path) -> None:
    files = {str(path.relative_to(page_folder)) for path in page_folder.rglob("*")}
    assert files >= {"index.html", "main.js", "worker.js", "page.css", "models/model.tflite",
                     "models/short.tflite", "models/full.tflite", "LICENSE-Apache-2.0.md",
                     "litert/index.js", "litert/litert_wasm_compat_internal.wasm"}  # fmt: skip
    page = (page_folder / "index.html").read_text()
    assert "connect-src 'self'" in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    for module in page_folder.glob("*.js"):
        for imported in re.findall(r'from "([^"]+)"', module.read_text()):
            assert (module.parent / imported).exists(), f"{module.name}: {imported}"


def test_the_packages_are_pinned_by_hash_and_no_address_is_written_down() -> None:
    lock = (ROOT / "browser" / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    del packages[""]
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "http" not in lock


def test_without_npm_it_says_what_is_missing_and_leaves_nothing(tmp_path: Path) -> None:
    done = build("--out", tmp_path / "page", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "error: no npm, which fetches LiteRT.js for the page: sudo apt install npm"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "worker.js").write_text("of a website")
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    for out in (tmp_path, link):
        done = build("--out", out)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert done.stderr.startswith(f"error: {tmp_path} holds something else")
    assert (tmp_path / "worker.js").read_text() == "of a website"
    assert build("--out", ".").stderr.startswith(f"error: {ROOT} holds something else")


def test_what_was_built_before_is_replaced_where_a_link_leads(
    page_folder: Path, tmp_path: Path
) -> None:
    old = Path(shutil.copytree(page_folder, tmp_path / "www"))
    (old / "index.html").write_text("old")
    link = tmp_path / "link"
    link.symlink_to(old)
    build_page(SHIPPED_MODEL, link)
    assert (old / "index.html").read_text() == (page_folder / "index.html").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"www", "link"}


def test_a_page_that_cannot_be_replaced_is_left_as_it_was(tmp_path: Path) -> None:
    old = tmp_path / "www"
    old.mkdir()
    (old / "index.html").write_text("old")
    with pytest.raises(FileNotFoundError):
        _replace(old, tmp_path / "not-there")
    assert [path.name for path in tmp_path.iterdir()] == ["www"]
    assert (old / "index.html").read_text() == "old"


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_has_the_numbers_of_the_device(name: str) -> None:
    text = (PAGE / f"{name}.js").read_text()
    found = re.findall(r"^const ([A-Z_]+) = ([^;]+);", text, re.MULTILINE)
    numbers = {key: eval(value) for key, value in found}
    device = importlib.import_module(TWINS[name])
    assert numbers
    for key, number in numbers.items():
        assert number == getattr(device, key), key


def test_the_two_networks_of_the_detector_are_those_of_the_device() -> None:
    text = (PAGE / "blazeface.js").read_text()
    for name, variant in VARIANTS.items():
        grids = ", ".join(f"[{cells}, {each}]" for cells, each in variant.grids)
        assert (
            f"{name}: {{ size: {variant.size}, grids: [{grids}], minScore: {variant.min_score}, "
            f"sureScore: {variant.sure_score} }}"
        ) in text
