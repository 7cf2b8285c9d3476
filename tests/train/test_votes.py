"""Learning from votes: shares, the calibration of four logits, a teacher grown from a student."""

import keras
import numpy as np
import pytest

from data.votes import COLUMNS, EXPRESSIONS
from edge.labels import LOGITS
from train.compact import growth
from train.compact.network import build_compact
from train.compact.scaling import Scaling, build_in, fit_scaling, softmax
from train.compact.shares import answers_of, shares_of

HEADS = {"logits": (4, "linear"), "expression": (8, "softmax")}
FACES = np.random.default_rng(0).integers(0, 256, (8, 48, 48, 1)).astype(np.float32)


def votes(**counts: int) -> np.ndarray:
    """One face's votes by column: float32 (1, 10)."""
    return np.array([[counts.get(name, 0) for name in COLUMNS]], np.float32)


def test_votes_become_shares_of_those_who_named_an_expression() -> None:
    shares = shares_of(votes(sadness=6, neutral=2, unknown=2), np.array(["happy"]))
    assert dict(zip(EXPRESSIONS, shares[0], strict=True)) == pytest.approx(
        {**dict.fromkeys(EXPRESSIONS, 0), "sadness": 0.75, "neutral": 0.25}
    )


def test_a_face_that_most_could_not_tell_has_no_shares() -> None:
    assert not shares_of(votes(NF=6, happiness=4), np.array(["happy"])).any()


@pytest.mark.parametrize(("label", "answer"), [("sad", "sad"), ("fear", "other")])
def test_where_nobody_voted_the_label_counts(label: str, answer: str) -> None:
    shares = shares_of(votes(), np.array([label]))
    assert shares.sum() == pytest.approx(1)
    assert LOGITS[answers_of(shares)[0].argmax()] == answer
    assert shares.max() > 0.7


def test_anger_and_contempt_are_other() -> None:
    shares = shares_of(votes(anger=3, contempt=2, happiness=5), np.array(["angry"]))
    assert answers_of(shares)[0] == pytest.approx([0.5, 0, 0, 0.5])


def test_scaling_finds_what_was_distorted_whatever_is_frequent() -> None:
    rng = np.random.default_rng(0)
    true = rng.choice(4, 40_000, p=[0.5, 0.1, 0.3, 0.1])
    logits = rng.normal(0, 1, (len(true), 4))
    logits[np.arange(len(true)), true] += 2  # of unit normals 2 apart: exact logits are twice these
    distorted = (2 * logits - [1, 0, -1, 0]) / 3
    scaling = fit_scaling(distorted, np.eye(4)[true], np.ones(4))
    assert scaling.scale == pytest.approx(3, rel=0.05)
    assert scaling.offsets == pytest.approx([1, 0, -1, 0], abs=0.1)


def test_an_answer_that_counts_less_is_answered_less() -> None:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 4, 20_000)
    logits = rng.normal(0, 1, (len(true), 4))
    logits[np.arange(len(true)), true] += 1
    alike, rare = (
        softmax(fit_scaling(logits, np.eye(4)[true], np.array([1, 1, 1, c])).of(logits))
        for c in (1, 0.3)
    )
    assert alike[:, 3].mean() == pytest.approx(0.25, abs=0.01)
    # Of 3.3 faces 0.3 would be other.
    weights = np.where(true == 3, 0.3, 1)
    assert np.average(rare[:, 3], weights=weights) == pytest.approx(0.3 / 3.3, abs=0.01)


def test_the_scaling_is_built_into_the_last_layer() -> None:
    model = build_compact(HEADS, channels=(4, 4, 4, 4))
    before = model.predict(FACES, verbose=0)["logits"]
    scaling = Scaling(2.0, np.array([0.3, 0, -0.1, -0.2]))
    build_in(model, scaling)
    after = model.predict(FACES, verbose=0)["logits"]
    assert after == pytest.approx(scaling.of(before), abs=1e-4)


def test_a_grown_teacher_answers_as_the_student(monkeypatch: pytest.MonkeyPatch) -> None:
    keras.utils.set_random_seed(0)
    student = build_compact(HEADS, channels=(4, 6, 8, 10))
    teacher = build_compact(HEADS, channels=(8, 12, 16, 20))
    # Statistics and offsets as after a training: all the same they prove nothing.
    rng = np.random.default_rng(0)
    student.set_weights([w + 0.1 * np.abs(rng.normal(size=w.shape)) for w in student.get_weights()])
    said = student.predict(FACES, verbose=0)
    growth.grow(student, teacher, seed=0)
    parted = teacher.predict(FACES, verbose=0)
    monkeypatch.setattr(growth, "NOISE", 0)
    growth.grow(student, teacher, seed=0)
    alike = teacher.predict(FACES, verbose=0)
    for name in HEADS:
        assert alike[name] == pytest.approx(said[name], rel=1e-4, abs=1e-5)
    assert np.abs(parted["logits"] - said["logits"]).max() > 1e-4
