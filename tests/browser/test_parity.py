"""The page answers as the device does: the same pictures through both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.detector import FaceDetector
from edge.model.choice import SHIPPED_MODEL
from tests.support.browser import Browser
from tests.support.parity import compare
from tests.support.static_host import Host, static_host
from tests.support.takes import takes

COUNT = 12  # `make test-browser` has 200, of other people too


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return takes(tmp_path_factory.mktemp("pictures"), COUNT)


@pytest.fixture(scope="module")
def host(page_folder: Path, pictures: list[Path]) -> Iterator[Host]:
    with static_host(page=page_folder, pictures=pictures[0].parent) as served:
        yield served


def test_faces_are_found_and_judged_as_on_the_device(
    browser: Browser, host: Host, pictures: list[Path]
) -> None:
    browser.open(f"{host.address}/page/")
    device = FaceClassifier(Classifier(SHIPPED_MODEL), FaceDetector())
    found = compare(browser, "/page", "/pictures", pictures, device.classify, is_whole=False)
    assert found.answers >= COUNT - 2
    assert (found.missing, found.labels) == ([], [])
    assert found.box_px <= 1
    assert found.p <= 4 / 256


def test_whole_pictures_are_judged_as_on_the_device(
    browser: Browser, host: Host, pictures: list[Path]
) -> None:
    browser.open(f"{host.address}/page/")
    device = Classifier(SHIPPED_MODEL)
    found = compare(
        browser, "/page", "/pictures", pictures,
        lambda image: [device.classify(image)], is_whole=True,
    )  # fmt: skip
    assert (found.missing, found.labels) == ([], [])
    assert found.p <= 4 / 256
