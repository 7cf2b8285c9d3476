"""200 pictures through the page and through the device's own code: `make test-browser`."""

import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.detector import FaceDetector
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from tests.support.browser import Browser, chromium
from tests.support.parity import Differences, compare
from tests.support.shared import SHARED
from tests.support.static_host import Host, static_host
from tests.support.takes import takes

COUNT = 200
FACES = 100  # of FER2013's validation part, JPEG of 48 x 48 pixels
FRAMES = 39  # of a film


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of other people too, where they lie beside the checkout; else of the astronaut alone."""
    folder = tmp_path_factory.mktemp("pictures")
    others = [*_faces(folder), *_frames(folder)]
    if (group := SHARED / "media" / "multi_face.jpg").exists():
        others.append(Path(shutil.copy(group, folder)))
    return [*others, *takes(folder, COUNT - len(others))]


def _faces(folder: Path) -> Iterator[Path]:
    archive = SHARED / "datasets" / "fer2013-validation.tar.gz"
    if not archive.exists():
        return
    with tarfile.open(archive) as tar:
        members = sorted((one for one in tar.getmembers() if one.isfile()), key=lambda m: m.name)
        for member in members[:: len(members) // FACES][:FACES]:
            path = folder / f"fer-{member.name.replace('/', '-')}"
            path.write_bytes(tar.extractfile(member).read())  # type: ignore[union-attr]
            yield path


def _frames(folder: Path) -> Iterator[Path]:
    film = cv2.VideoCapture(str(SHARED / "media" / "single_face.mp4"))
    for number in range(FRAMES):
        found, frame = film.read()
        if not found:
            return
        path = folder / f"film-{number:02}.png"
        cv2.imwrite(str(path), frame)
        yield path


@pytest.fixture(scope="module")
def host(page_folder: Path, pictures: list[Path]) -> Iterator[Host]:
    with static_host(page=page_folder, pictures=pictures[0].parent) as served:
        yield served


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, host: Host) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        opened.open(f"{host.address}/page/")
        yield opened


def test_faces_are_found_and_judged_as_on_the_device(
    browser: Browser, pictures: list[Path]
) -> None:
    device = FaceClassifier(Classifier(SHIPPED_MODEL), FaceDetector())
    found = compare(browser, "/page", "/pictures", pictures, device.classify, is_whole=False)
    _tell("faces", found)
    assert found.missing == []
    assert found.box_px <= 1
    assert found.p <= 8 / 256
    assert len(found.labels) <= found.answers / 100  # at the edges of the operating point


def test_whole_pictures_are_judged_as_on_the_device(browser: Browser, pictures: list[Path]) -> None:
    device = Classifier(SHIPPED_MODEL)
    found = compare(
        browser, "/page", "/pictures", pictures,
        lambda image: [device.classify(image)], is_whole=True,
    )  # fmt: skip
    _tell("whole pictures", found)
    assert (found.missing, found.labels) == ([], [])
    assert found.p <= 4 / 256


def _tell(what: str, found: Differences) -> None:
    sys.stdout.write(
        f"\n{what}: {found.pictures} pictures, {found.answers} answers, labels that differ "
        f"{len(found.labels)}, faces that one alone finds {len(found.missing)}, boxes apart by "
        f"{found.box_px} px at most, probabilities by {found.p:.4f}\n"
    )
    sys.stdout.writelines(f"{line}\n" for line in found.labels)
