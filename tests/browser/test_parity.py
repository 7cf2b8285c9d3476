"""The page answers as the device does: the same pictures through both."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.boxes import Box
from edge.faces.detector import Face, FaceDetector
from edge.live.steady import SteadyLabel
from edge.live.tracks import FaceTracks
from edge.model.choice import SHIPPED_MODEL
from edge.model.decision import Band, Probabilities, Thresholds
from tests.support.browser import Browser
from tests.support.chain import ROOT, Chain
from tests.support.image_forms import GOOD
from tests.support.parity import compare
from tests.support.static_host import Host, static_host
from tests.support.takes import takes

# What Chromium does not read as the device does: TIFF, and which way up a WebP is.
NOT_READ = re.compile(r".*\.tif|exif-([2-8]|rgba)\.webp")
NOTHING = "/page/LICENSE-Apache-2.0.md"  # an address of the host without a script
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
    browser.open(f"{host.address}{NOTHING}")
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
    browser.open(f"{host.address}{NOTHING}")
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
    assert any(answer.is_held for answer in wanted)
    for one, other in zip(wanted, said, strict=True):
        assert (one.label, one.reason) == (other["label"], other["reason"])
        assert one.p_happy == pytest.approx(other["p_happy"])
        assert one.p_shown == pytest.approx(other["p_shown"])
        assert one.is_held == other.get("is_held", False)


def test_the_same_two_answers_are_too_close_as_on_the_device(browser: Browser, host: Host) -> None:
    browser.open(f"{host.address}{NOTHING}")
    decision = Thresholds(0.37, 0.53, 0.35, lead=0.4)
    shares = np.random.default_rng(3).dirichlet(np.ones(4), 200)[:, :3].tolist()
    found = browser.run(
        f"const shares = {json.dumps(shares)};"
        "const { Thresholds } = await import('/page/decision.js');"
        "const decision = new Thresholds({ happy: 0.37, sad: 0.53, neutral: 0.35 }, 0.4, true);"
        "return shares.map(([p_happy, p_sad, p_neutral]) =>"
        "  decision.rivals({ p_happy, p_sad, p_neutral }));"
    )
    wanted = [decision.rivals(Probabilities(*row)) for row in shares]
    assert found == [rivals and list(rivals) for rivals in wanted]
    assert len(set(wanted)) == 7  # each pair both ways round, and none


def test_a_face_keeps_its_number_and_one_that_was_seen_once_does_not_count(
    browser: Browser, page_folder: Path, tmp_path: Path
) -> None:
    head = cv2.imread(str(ROOT / "docs" / "astronaut.jpg"))[20:240, 110:330]
    both = np.full((300, 640, 3), (90, 110, 100), np.uint8)
    both[40:260, 20:240] = head
    one = both.copy()
    both[40:260, 380:600] = head
    for name, picture in (("one", one), ("both", both)):
        assert cv2.imwrite(str(tmp_path / f"{name}.png"), picture)
    film = [("both", 0.0), ("one", 0.1), ("one", 0.5), ("one", 0.9), ("both", 1.0),
            ("both", 1.1), ("one", 1.2), ("both", 3.0)]  # fmt: skip
    with static_host(page=page_folder, frames=tmp_path) as host:
        browser.open(f"{host.address}{NOTHING}")
        seen = browser.run(
            "const { Answerer } = await import('/page/answerer.js');"
            "const { readPhoto } = await import('/page/photo.js');"
            "const [answerer, all] = [new Answerer(), []];"
            "await answerer.load();"
            f"for (const [name, time] of {json.dumps(film)}) {{"
            "  const file = await (await fetch(`/frames/${name}.png`)).blob();"
            "  const question = { bitmap: await readPhoto(file), time };"
            "  const { result } = await answerer.ask('frame', question);"
            "  all.push(result.map((answer) => [answer.track_id, answer.box[0] > 300]));"
            "}"
            "return all;"
        )
    left, right, again = [1, False], [2, True], [3, True]
    if [1, True] in seen[0]:  # of two faces as large as each other either may be first
        left, right = [2, False], [1, True]
    assert [sorted(faces, key=lambda face: face[1]) for faces in seen] == [
        [left, right], [left, right], [left, right], [left], [left],
        [left, again], [left, again], [left, again],
    ]  # fmt: skip


class Scripted:
    """A detector that finds what it is told to, in each picture the next."""

    def __init__(self, frames: list[list[Box]]) -> None:
        self._frames = iter(frames)

    def look(self) -> "Scripted":
        return self

    def ask(self, image: np.ndarray) -> list[Face]:
        return [Face(box, np.zeros((6, 2), np.float32), 0.9) for box in next(self._frames)]


def test_each_face_goes_on_with_the_number_that_it_has_on_the_device(
    browser: Browser, host: Host
) -> None:
    """Two faces before a camera that changes places between two frames."""
    alone: list[Box] = [(30, 0, 99, 99)]
    both: list[Box] = [*alone, (2, 0, 97, 97)]
    frames: list[list[Box]] = [[(0, 0, 100, 100), (60, 0, 98, 98)], both, alone, alone, both]
    times = [0.0, 0.1, 1.0, 1.1, 2.0]  # the second face is away for longer than GRACE_S
    browser.open(f"{host.address}{NOTHING}")
    said = browser.run(
        f"const [frames, times] = {json.dumps([frames, times])};"
        "const { decisionOf } = await import('/page/decision.js');"
        "const { Tracks } = await import('/page/tracks.js');"
        "const face = (box) => ({ box, side: Math.max(box[2], box[3]) });"
        "const tracks = new Tracks({"
        "  classifier: { decision: decisionOf({ decision_band: [0.4, 0.6] }) },"
        "  detector: { detect: async () => frames.shift().map(face) },"
        "  scores: async () => ({ scores: null, reason: 'too_dark', seen: null }),"
        "});"
        "const numbers = [];"
        "for (const time of times) {"
        "  const answers = await tracks.answer({ width: 640, height: 480 }, time);"
        "  numbers.push(answers.map((answer) => answer.track_id));"
        "}"
        "return numbers;"
    )
    # In a picture without a pattern nothing can be followed: it looks in every frame too.
    gray = np.full((480, 640, 3), 128, np.uint8)
    device = FaceTracks(Scripted(frames))  # type: ignore[arg-type]
    wanted = [[track.id for track in device.update(gray, time_s)] for time_s in times]
    assert said == wanted == [[1, 2], [2, 1], [2, 1], [2, 1], [2, 1]]


def test_files_of_all_forms_have_the_pixels_that_they_have_on_the_device(
    browser: Browser, page_folder: Path, tmp_path: Path
) -> None:
    forms = [form for name, form in GOOD.items() if not NOT_READ.fullmatch(name)]
    for number, form in enumerate(forms):
        (tmp_path / str(number)).write_bytes(form.content)
    with static_host(page=page_folder, forms=tmp_path) as host:
        browser.open(f"{host.address}{NOTHING}")
        read = browser.run(
            "const { pixelsOf } = await import('/page/canvas.js');"
            "const { readPhoto } = await import('/page/photo.js');"
            "const all = [];"
            f"for (let number = 0; number < {len(forms)}; number++) {{"
            "  const file = await (await fetch(`/forms/${number}`)).blob();"
            "  const { data, width, height } = pixelsOf(await readPhoto(file));"
            "  all.push([height, width, Array.from(data)]);"
            "}"
            "return all;"
        )
    for form, (height, width, data) in zip(forms, read, strict=True):
        pixels = np.array(data).reshape(height, width, 4)[..., 2::-1]
        assert pixels.shape == form.pixels.shape
        assert np.abs(pixels - form.pixels.astype(int)).max() <= max(1, form.tolerance)


def test_a_model_of_whole_pictures_answers_as_on_the_device(
    browser: Browser, chain: Chain, page_folder: Path, tmp_path: Path
) -> None:
    page = shutil.copytree(page_folder, tmp_path / "page")
    shutil.copy(chain.model_path, page / "models" / "model.tflite")
    device = Classifier(chain.model_path)
    drawn = [file.path for file in chain.test_files][::4]
    flat = tmp_path / "drawn"
    flat.mkdir()
    files = [Path(shutil.copy(path, flat / f"{n}{path.suffix}")) for n, path in enumerate(drawn)]
    with static_host(page=page, drawn=flat) as host:
        browser.open(f"{host.address}{NOTHING}")
        found = compare(
            browser, "/page", "/drawn", files,
            lambda image: [device.classify(image)], is_whole=None,
        )  # fmt: skip
    assert found.answers == len(files) >= 10
    assert (found.missing, found.labels) == ([], [])
    assert found.p <= 4 / 256


def expit(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))
