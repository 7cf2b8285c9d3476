"""The page answers as the device does: the same pictures through both."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.detector import FaceDetector
from edge.live.steady import SteadyLabel
from edge.model.choice import SHIPPED_MODEL
from edge.model.decision import Band, Thresholds
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


@pytest.mark.parametrize("decision", [Thresholds(0.37, 0.53, 0.35, lead=0.4), Band(0.4, 0.6)])
def test_labels_of_a_followed_face_are_as_steady_as_on_the_device(
    browser: Browser, host: Host, decision: Thresholds | Band
) -> None:
    browser.open(f"{host.address}/page/")
    chance = np.random.default_rng(3)
    is_band = isinstance(decision, Band)
    walk = np.cumsum(chance.normal(0, 0.5, (300, 1 if is_band else 4)), axis=0)
    moments = [
        (
            None if chance.random() < 0.05 else (expit(row) if is_band else row).tolist(),
            round(0.07 * number + 0.03 * chance.random(), 3),
        )
        for number, row in enumerate(walk)
    ]
    steady = SteadyLabel(decision)
    wanted = []
    for scores, time_s in moments:
        steady.update(scores and tuple(scores), None if scores else "too_dark", time_s)
        wanted.append(steady.prediction())
    contract = (
        {"decision_band": [decision.low, decision.high]}
        if isinstance(decision, Band)
        else {"thresholds": {name: getattr(decision, name) for name in decision.answers},
              "lead": decision.lead, "mirrored": True}
    )  # fmt: skip
    said = browser.run(
        f"const [contract, moments] = {json.dumps([contract, moments])};"
        "const { decisionOf } = await import('/page/decision.js');"
        "const { SteadyLabel } = await import('/page/steady.js');"
        "const steady = new SteadyLabel(decisionOf(contract));"
        "return moments.map(([scores, time]) => {"
        "  steady.update(scores, scores ? null : 'too_dark', time);"
        "  return steady.answer({});"
        "});"
    )
    assert len({answer.label for answer in wanted}) > 2
    for one, other in zip(wanted, said, strict=True):
        assert (one.label, one.reason) == (other["label"], other["reason"])
        assert one.p_happy == pytest.approx(other["p_happy"])
        assert one.p_shown == pytest.approx(other["p_shown"])


def expit(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


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
