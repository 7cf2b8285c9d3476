"""Explanations: what made an answer, where the cause is known, and as the command writes it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import edge as happysad
from edge.classifier import Classifier
from edge.images.image_file import read_image
from edge.images.preprocess import prepare
from edge.labels import LOGITS
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from edge.terminal.report import face_text
from edge.why.evidence import Evidence
from edge.why.overlay import Overlay
from edge.why.sheet import AGAINST, FOR, SIDE, STRIP, sheet
from tests.support.chain import ROOT, Chain
from tests.support.command import edge
from tests.support.photographs import film

FACE = ROOT / "docs" / "astronaut.jpg"
REFUSAL = (
    "error: demo: its answers cannot be explained: only int8 models whose last layer follows an "
    "average over places can (the shipped model, and those of --model compact)"
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(SHIPPED_MODEL)


@pytest.fixture(scope="module")
def evidence(classifier: Classifier) -> Evidence:
    mirrored = classifier.contract.decision.mirrored
    return Evidence(classifier.content, LOGITS, mirrored=mirrored)


def blank_with_a_mouth(x: int, y: int) -> np.ndarray:
    """A gray square with an open, laughing mouth and nothing else: uint8 (48, 48, 1)."""
    picture = np.full((48, 48, 1), 150, np.uint8)
    cv2.ellipse(picture, (x, y), (9, 7), 0, 0, 180, 60, cv2.FILLED, cv2.LINE_AA)
    cv2.ellipse(picture, (x, y + 1), (8, 4), 0, 0, 180, 245, cv2.FILLED, cv2.LINE_AA)
    return picture


def test_the_places_add_up_to_the_logits_of_the_device(
    classifier: Classifier, evidence: Evidence
) -> None:
    face = prepare(read_image(FACE), classifier.contract.input)
    for picture in (face, blank_with_a_mouth(24, 32)):
        logits = np.array(classifier.scores_of(picture))
        scores = {label: evidence.activation(picture, label)[0] for label in LOGITS}
        # The file's output is rounded to a step, and its average to 8 bits before that.
        expected = (logits - logits.mean()).tolist()
        assert list(scores.values()) == pytest.approx(expected, abs=2 * classifier.network.step)
        assert evidence.likeliest(picture) == max(scores, key=scores.__getitem__)
        for label, score in scores.items():
            constant = score - evidence.activation(picture, label)[1].sum()
            other, places = evidence.activation(np.zeros_like(picture), label)
            assert constant == pytest.approx(other - places.sum())


def test_both_maps_point_at_the_only_mouth_in_the_picture(evidence: Evidence) -> None:
    middles = {}
    for x in (16, 32):
        mouth = blank_with_a_mouth(x, 34)
        row, column = np.unravel_index(evidence.occlusion(mouth, "happy").argmax(), (6, 6))
        assert 33 - 8 < row * 8 < 42  # the patch touches the mouth
        assert x - 10 - 8 < column * 8 < x + 10
        _, places = evidence.activation(mouth, "happy")
        weights = np.maximum(places, 0).sum(axis=0)
        middles[x] = np.average(np.arange(len(weights)), weights=weights)
    assert middles[16] < middles[32] - 0.5  # of six places


def test_what_is_not_there_cannot_be_hidden(evidence: Evidence) -> None:
    assert not evidence.occlusion(np.full((48, 48, 1), 90, np.uint8), "sad").any()


def test_the_command_writes_a_picture_beside_its_answers(tmp_path: Path) -> None:
    done = edge("classify", "-m", "faces", FACE, "--why", tmp_path / "why")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "happy"
    assert done.stderr.splitlines()[-2] == f"written to: {tmp_path / 'why'}"
    assert [path.name for path in (tmp_path / "why").iterdir()] == ["astronaut-why.png"]
    drawn = read_image(tmp_path / "why" / "astronaut-why.png")
    assert drawn.shape[0] > SIDE
    assert drawn.shape[1] > 3 * SIDE
    colours = {tuple(colour) for colour in drawn[SIDE:].reshape(-1, 3).tolist()}
    assert {FOR, AGAINST} <= colours
    seen, counted, missed = np.split(drawn[2 * STRIP : SIDE], [SIDE, 2 * SIDE + 6], axis=1)
    assert not np.ptp(seen, axis=2).any()  # the model sees gray
    assert np.ptp(counted, axis=2).max() > 50
    assert np.ptp(missed, axis=2).max() > 50


def test_each_row_says_which_face_it_is_about_as_the_lines_of_text_do(tmp_path: Path) -> None:
    done = edge("classify", "-m", "faces", FACE, "--why", tmp_path)
    explanation, *_ = happysad.load().explain(FACE)
    assert explanation.prediction.box is not None
    assert face_text(explanation.prediction.box) in done.stdout
    drawn = read_image(tmp_path / "astronaut-why.png")
    assert (drawn == sheet([explanation])).all()
    whole = replace(explanation, prediction=replace(explanation.prediction, box=None))
    assert len(drawn) == len(sheet([whole])) + STRIP
    assert (drawn[:STRIP] < 128).any()


def test_a_face_is_nearer_to_its_own_words_than_to_the_next_face() -> None:
    explanation, *_ = happysad.load().explain(FACE)
    one, two = sheet([explanation]), sheet([explanation] * 2)
    assert (two[: len(one)] == one).all()
    assert (two[-len(one) :] == one).all()
    between = two[len(one) : -len(one)]
    assert len(between) > STRIP
    assert (between == 255).all()


def test_a_live_picture_gets_the_same_map_in_shares_of_its_strongest_place(
    classifier: Classifier, evidence: Evidence, chain: Chain
) -> None:
    face = prepare(read_image(FACE), classifier.contract.input)
    overlay = Overlay()
    for answer, label in (("sad", "sad"), ("unsure", evidence.likeliest(face))):
        said = overlay.of(classifier, face, answer)
        _, places = evidence.activation(face, label)
        assert said["label"] == label
        shares = places / np.abs(places).max()
        assert np.array(said["places"]) == pytest.approx(shares, abs=0.005)
    other = Classifier(chain.model_path)
    assert overlay.of(other, face, "happy") == {"problem": REFUSAL.removeprefix("error: ")}
    assert overlay.of(classifier, face, "happy")["label"] == "happy"


def test_a_picture_without_a_face_has_no_explanation_and_a_video_is_named(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "wall.png"), np.full((200, 200, 3), 128, np.uint8))
    video = film(tmp_path / "film.mp4", [read_image(FACE)] * 3)
    done = edge("classify", "-m", "faces", tmp_path, "--why", tmp_path / "why")
    assert done.returncode == 1
    assert f"no copy: {video} is a video: --why explains pictures" in done.stderr.splitlines()
    assert "written to" not in done.stderr
    assert ", 1 not explained" in done.stderr.splitlines()[-1]
    assert "unreadable" not in done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["happy"] * 3 + ["no_face"]
    assert not (tmp_path / "why").exists()


def test_a_network_without_an_average_before_its_last_layer_is_refused_in_a_line(
    chain: Chain, tmp_path: Path
) -> None:
    done = edge("classify", "-m", chain.model_path, FACE, "--why", tmp_path / "why")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [REFUSAL]
    with pytest.raises(happysad.HappySadError) as refused:
        happysad.load(chain.model_path).explain(FACE)
    assert f"error: {refused.value}" == REFUSAL


def test_the_library_explains_the_answers_that_it_gives() -> None:
    with happysad.load() as faces:
        (why,) = faces.explain(FACE)
        (answer,) = faces(FACE)
        assert (why.prediction.label, why.prediction.box) == (answer.label, answer.box)
        assert why.prediction.p_happy == answer.p_happy
        assert (why.label, why.pixels.shape, why.occlusion.shape) == ("happy", (48, 48, 1), (6, 6))
        assert why.activation.ndim == 2
        assert faces.explain(np.zeros((100, 100, 3), np.uint8)) == []
    with pytest.raises(happysad.HappySadError, match="the model faces is closed: load it again"):
        faces.explain(FACE)
    (whole,) = happysad.load(crop="frame").explain(read_image(FACE))
    assert whole.prediction.box is None
    assert whole.label in LOGITS
