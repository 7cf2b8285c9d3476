"""Teaching on the device: the last layer in the file, the trial, and the command."""

import re
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.classifier import Classifier
from edge.errors import ModelError
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from edge.model.contract_text import contract_text
from edge.model.decision import Band, Thresholds
from edge.model.file import check_model, read_model
from edge.model.head import Head, read_head, with_head
from edge.model.network import Network
from edge.teach.alike import group_alike
from edge.teach.edges import answers, chosen
from edge.teach.examples import Examples
from edge.teach.fits import CANDIDATES, OLD
from edge.teach.report import Report, sentence
from edge.teach.teaching import features_of, teach
from edge.teach.trial import try_all
from tests.support.chain import ROOT, Chain
from tests.support.command import edge


@pytest.fixture(scope="module")
def shipped() -> tuple[bytes, Classifier]:
    content, _ = read_model(SHIPPED_MODEL)
    return content, Classifier(SHIPPED_MODEL, content=content)


def faces(count: int, seed: int = 0) -> np.ndarray:
    """The photograph's face, 48x48 and gray, in another light and place each time."""
    chance = np.random.default_rng(seed)
    image = cv2.imread(str(ROOT / "docs" / "faces.jpg"), cv2.IMREAD_GRAYSCALE)
    pictures = []
    for _ in range(count):
        x, y = 165 + chance.integers(-20, 20, 2) - (0, 97)
        side = 118 + int(chance.integers(-10, 30))
        crop = cv2.resize(image[y : y + side, x : x + side], (48, 48), interpolation=cv2.INTER_AREA)
        light = chance.uniform(0.4, 1.3) * crop + chance.normal(0, 25, crop.shape)
        pictures.append(light.clip(0, 255).astype(np.uint8)[:, :, np.newaxis])
    return np.array(pictures)


def test_features_and_head_are_the_network(shipped: tuple[bytes, Classifier]) -> None:
    content, classifier = shipped
    pixels = np.concatenate([faces(6), classifier.contract.golden_inputs])
    head = read_head(content)
    assert (head.weights.shape, head.bias.shape) == ((4, 96), (4,))
    outputs = head.outputs(features_of(content, pixels))
    expected = np.array([classifier.network.scores(picture) for picture in pixels])
    assert np.abs(outputs - expected).max() <= classifier.network.step  # of its rounding


def test_another_head_answers_from_the_file_and_the_rest_stays(
    shipped: tuple[bytes, Classifier],
) -> None:
    content, _ = shipped
    pixels = faces(6)
    features = features_of(content, pixels)
    old = read_head(content)
    new = Head(3 * old.weights[::-1], old.bias - 2)
    flatbuffer = with_head(content, new, new.outputs(features))
    network = Network(flatbuffer)
    scores = np.array([network.scores(picture) for picture in pixels])
    assert np.abs(scores - new.outputs(features)).max() <= 2 * network.step
    changed = np.flatnonzero(
        np.frombuffer(flatbuffer, np.uint8) != np.frombuffer(content, np.uint8)[: len(flatbuffer)]
    )
    assert len(flatbuffer) < len(content)
    assert 0 < len(changed) <= 4 * 96 + 4 * (4 + 4 + 4) + 2 * (4 + 8)  # weights, biases, scales


def test_a_head_of_one_sigmoid_is_read_too(chain: Chain) -> None:
    content, contract = read_model(chain.model_path)
    network = Network(content)
    outputs = read_head(content).outputs(features_of(content, contract.golden_inputs))
    p_happy = [network.scores(picture)[0] for picture in contract.golden_inputs]
    assert np.allclose(1 / (1 + np.exp(outputs[:, 0])), p_happy, atol=0.02)


def some_world(outputs: int, count: int, shift: float = 0.0) -> tuple[Head, np.ndarray, np.ndarray]:
    """A head, and features of labels that it knows but for a shift of its outputs."""
    chance = np.random.default_rng(5)
    head = Head(chance.normal(0, 0.5, (outputs, 20)), np.zeros(outputs))
    features = chance.normal(0, 1, (count, 20))
    logits = head.outputs(features) + chance.normal(0, 0.5, (count, outputs))
    labels = logits.argmax(axis=1) if outputs > 1 else (logits[:, 0] > 0).astype(int)
    shifted = np.zeros(outputs)
    shifted[0] = shift
    return Head(head.weights, head.bias + shifted), features, labels


# The answer is the largest output; never "unsure".
LARGEST = {1: Band(0.5, 0.5), 3: Thresholds(0.01, 0.01, 0.01)}


def largest(outputs: np.ndarray) -> np.ndarray:
    return answers(LARGEST[outputs.shape[1]], outputs)


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_head_that_leans_to_one_side_is_set_right_and_each_picture_is_judged_unseen(
    outputs: int,
) -> None:
    head, features, labels = some_world(outputs, 300, shift=3.0)
    verdict = try_all(head, features, labels, np.arange(300), LARGEST[outputs])
    before, after = verdict.scores[OLD], verdict.scores[verdict.best]
    assert verdict.best in ("scaled", "fitted")
    assert after.right > before.right + 0.1
    assert after.gain_low > 0
    assert after.low < after.right < after.high
    assert len(before.wrong) > len(after.wrong)


def test_what_was_answered_for_each_wrong_picture_is_kept() -> None:
    head = Head(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]), np.zeros(3))
    features = np.repeat([[9.0, 0.0], [0.0, 9.0]], 30, axis=0)
    labels = np.repeat([0, 2], 30)
    cautious = Thresholds(0.99, 0.99, 0.99, lead=20.0)  # whatever it sees, it is unsure
    for decision, wrong, said in (
        (LARGEST[3], range(30, 60), "sad"),
        (cautious, range(60), "unsure"),
    ):
        score = try_all(head, features, labels, np.arange(60) // 3, decision).scores[OLD]
        assert (score.wrong, score.said) == (tuple(wrong), (said,) * len(wrong))


def test_where_all_of_a_label_are_right_the_interval_has_a_width_all_the_same() -> None:
    head = Head(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]), np.zeros(3))
    features = np.repeat([[9.0, 0.0], [0.0, 9.0]], 30, axis=0)
    labels = np.repeat([0, 2], 30)  # the second half is never right
    score = try_all(head, features, labels, np.arange(60) // 3, LARGEST[3]).scores[OLD]
    assert score.right == 0.5
    # Wilson's interval of one half of twenty.
    assert (round(score.low, 3), round(score.high, 3)) == (0.299, 0.701)


def test_a_head_that_is_right_stays(shipped: tuple[bytes, Classifier]) -> None:
    head, features, labels = some_world(3, 120)
    verdict = try_all(head, features, labels, np.arange(120), LARGEST[3])
    assert verdict.best == OLD
    assert verdict.scores[OLD].gain == 0


def test_what_only_repeats_itself_is_no_proof() -> None:
    """Twelve moments, each ten times: what one tells of its copies must not count as learned."""
    chance = np.random.default_rng(2)
    head = Head(chance.normal(0, 0.1, (3, 20)), np.zeros(3))
    features = chance.normal(0, 1, (12, 20)).repeat(10, axis=0)
    labels = (np.arange(12) % 3).repeat(10)
    alone = try_all(head, features, labels, np.arange(120), LARGEST[3])
    together = try_all(head, features, labels, np.arange(12).repeat(10), LARGEST[3])
    assert alone.best == "fitted"  # by heart
    assert alone.scores["fitted"].right > together.scores["fitted"].right + 0.2
    assert together.best == OLD


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_fit_is_the_same_every_time_and_stays_near_where_there_is_nothing_to_learn(
    name: str,
) -> None:
    head, features, labels = some_world(3, 90)
    one, other = (CANDIDATES[name](head, features, labels) for _ in range(2))
    assert np.array_equal(one.weights, other.weights)
    assert (largest(one.outputs(features)) == largest(head.outputs(features))).mean() > 0.8


def test_copies_and_neighbours_are_one_group_and_labels_keep_apart() -> None:
    pictures = faces(4, seed=1)
    noisy = (pictures[0] * 0.9 + 5).astype(np.uint8)
    groups = group_alike([*pictures, noisy, noisy], np.array([0, 0, 0, 0, 0, 1]), [None] * 6)
    assert groups[4] == groups[0]
    assert groups[5] not in groups[:5]


def test_pictures_of_one_moment_are_one_group_and_those_of_others_only_if_nearly_the_same() -> None:
    down, across = np.indices((48, 48, 1))[:2]
    ramp, tilted = ((4 * down + k * across).astype(np.uint8) for k in (0, 1))  # correlate by 0.97
    pictures = [faces(1)[0], ramp, ramp, tilted]
    moments = ["20261129-120000", "20261129-120000", "20261129-120009", "20261129-120020"]
    groups = group_alike(pictures, np.zeros(4, int), moments)
    assert groups.tolist() == [0, 0, 0, 1]
    assert group_alike(pictures, np.zeros(4, int), [None] * 4).tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize("decision", [Band(0.3, 0.7), Thresholds(0.3, 0.6, 0.3, lead=0.38)])
def test_outputs_amount_to_what_the_device_answers(decision: Band | Thresholds) -> None:
    outputs = np.random.default_rng(3).normal(0, 2, (300, 1 if isinstance(decision, Band) else 4))
    names = [*decision.answers, "unsure"]  # the place of which is -1
    for row, place in zip(outputs, answers(decision, outputs), strict=True):
        scores = row if len(row) > 1 else 1 / (1 + np.exp(row))
        assert names[place] == decision.label(tuple(scores.tolist()))


@pytest.mark.parametrize("decision", [Band(0.3, 0.7), Thresholds(0.3, 0.6, 0.3, lead=0.38)])
def test_edges_go_where_the_pictures_are_and_stay_where_nothing_is_won(
    decision: Band | Thresholds,
) -> None:
    chance = np.random.default_rng(4)
    labels = np.arange(120) % len(decision.answers)
    outputs = 3 * np.eye(4)[labels] + chance.normal(0, 0.2, (120, 4))
    if isinstance(decision, Band):
        outputs = outputs[:, [1]] - outputs[:, [0]]
    assert chosen(decision, outputs, labels) == decision
    leaning = outputs + ([2.5] if isinstance(decision, Band) else [0.0, 3.5, 0.0, 0.0])
    moved = chosen(decision, leaning, labels)  # which holds all of them sadder
    assert moved != decision
    right = [(answers(some, leaning) == labels).mean() for some in (decision, moved)]
    assert right[1] > right[0]


def test_edges_are_chosen_only_by_enough_pictures() -> None:
    head, features, labels = some_world(3, 120)
    decision = Thresholds(0.3, 0.9, 0.3)
    alone = try_all(head, features, labels, np.arange(120), decision)
    assert alone.edges == "chosen"
    assert alone.is_better
    assert alone.decision.sad < decision.sad  # type: ignore[union-attr]
    assert alone.after.right > alone.scores[OLD].right
    few = try_all(head, features[:60], labels[:60], np.arange(60), decision)
    assert (few.edges, few.decision) == ("few", decision)


def test_a_taught_model_is_a_model_like_any_other(shipped: tuple[bytes, Classifier]) -> None:
    """Faces called by other names, which a shift of the outputs can learn."""
    content, classifier = shipped
    pixels = faces(60)
    features = features_of(content, pixels)
    outputs = read_head(content).outputs(features)
    lean = outputs[:, 2] - outputs[:, 0]
    labels = np.where(lean > np.median(lean), 2, 0)
    paths = tuple(Path(f"{number}.png") for number in range(60))
    examples = Examples(pixels, labels, np.arange(60), paths, Counter())
    lesson = teach(content, classifier, examples)
    assert lesson.content is not None
    contract = check_model(lesson.content, "taught")
    assert contract.name == "faces-taught"
    assert contract.details["metrics_part"] == "taught"
    assert classifier.contract.details["bands"]  # which are figures of the model before
    assert not contract.details["bands"]
    figures = contract.details["metrics"]
    assert figures["taught"]["right"] > figures["before"]["right"]
    assert contract.details["data"]["images"]["taught"] == {
        "happy": int((labels == 0).sum()), "sad": 0, "neutral": int((labels == 2).sum()),
    }  # fmt: skip
    assert contract.details["data"]["notes"][-1].startswith("taught on this device on 20")
    rows = {line[:12].rstrip(): line[14:] for line in contract_text(contract).splitlines()}
    assert re.fullmatch(r"[\d.]+% right \(.*%\) \(cross-validation\)", rows["taught"])
    assert rows["taught with"].startswith(f"{(labels == 0).sum()} happy, 0 sad, ")
    taught = Classifier(Path("taught"), content=lesson.content)  # passes its golden outputs
    head = read_head(lesson.content)
    again = np.array([taught.network.scores(picture) for picture in pixels])
    assert np.abs(again - head.outputs(features)).max() <= 2 * taught.network.step


def folder(root: Path, counts: dict[str, int]) -> Path:
    for seed, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for number, picture in enumerate(faces(count, seed)):
            cv2.imwrite(str(root / name / f"{number:03}.png"), picture)
    return root


def run(*words: object, home: Path) -> subprocess.CompletedProcess[str]:
    return edge(*words, env={"HAPPYSAD_HOME": str(home)})


def test_the_command_installs_nothing_where_it_is_no_better(tmp_path: Path) -> None:
    """One face called happy, sad and neutral by lot: there is nothing to learn."""
    pictures = folder(tmp_path / "mine", {"happy": 12, "sad": 12, "neutral": 12})
    done = run("teach", pictures, "--crop", "frame", "-m", "faces", home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert [line[:8] for line in done.stdout.splitlines()] == ["as it is", "scaled  ", "fitted  "]
    said = done.stderr.splitlines()
    assert said[0].startswith("12 happy, 12 sad, 12 neutral, in ")
    assert said[1] == "no better by more than chance: faces stays as it is"
    assert said[2].startswith(
        "When it is unsure stays: to choose that anew takes 30 pictures of 10"
    )
    for line in said[3:-1]:
        found = re.fullmatch(r"still wrong: (\S+) \(answered: (happy|sad|neutral|unsure)\)", line)
        assert found, line
        assert Path(found[1]).parent.parent == pictures
        assert Path(found[1]).parent.name != found[2]
    assert len(said) == 24  # the first twenty,
    assert re.fullmatch(r"still wrong: \d+ others", said[-1])  # and how many more
    assert not (tmp_path / "home").exists()


def test_an_answer_without_pictures_is_said_to_be_unknown(
    shipped: tuple[bytes, Classifier], tmp_path: Path
) -> None:
    """One face, called sad where the model takes it less for happy: no neutral one is shown."""
    content, _ = shipped
    pixels = faces(60)
    outputs = read_head(content).outputs(features_of(content, pixels))
    lean = outputs[:, 1] - outputs[:, 0]
    for number, picture in enumerate(pixels):
        path = tmp_path / ("sad" if lean[number] > np.median(lean) else "happy") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), picture)
    done = run("teach", tmp_path, "--try", "--crop", "frame", "-m", "faces", home=tmp_path / "home")
    said = done.stderr.splitlines()
    assert said[1].startswith("better by ")
    assert said[2] == (
        "No neutral pictures: whether it still knows a neutral face was not looked at; it may now "
        "call one happy or sad."
    )
    score = {"right": 0.5, "wrong": []}
    report = Report(60, 60, score, score, "few", ["neutral"], False, 0.1, b"a model")
    assert sentence(report).endswith(f"now I know 60. {said[2]}")
    assert "neutral" not in sentence(replace(report, unseen=[]))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "no folder {folder}: give one that holds happy and sad"),
        (
            {"cats": 3},
            "{folder} has no folders happy, sad and neutral: sort the pictures into them",
        ),
        (
            {"happy": 12, "sad": 3},
            "{folder} has too few pictures to learn from: 7 pictures of sad are missing; each "
            "label needs 10 pictures of 5 moments that do not look alike: another light, ",
        ),
        (
            {"sad": 3},
            "{folder} has too few pictures to learn from: 10 pictures of happy and 7 pictures of "
            "sad are missing; ",
        ),
    ],
)
def test_too_few_pictures_are_said_in_a_line(
    counts: dict[str, int], said: str, tmp_path: Path
) -> None:
    pictures = folder(tmp_path / "mine", counts)
    done = run("teach", pictures, "--crop", "frame", "-m", "faces", home=tmp_path / "home")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {said.format(folder=pictures)}")
    assert len(done.stderr.splitlines()) == 1


def test_a_model_without_int8_weights_cannot_be_taught(tmp_path: Path) -> None:
    content = bytearray(SHIPPED_MODEL.read_bytes())
    with pytest.raises(ModelError, match="only int8 models can"):
        read_head(_without_dense(content))


def _without_dense(content: bytearray) -> bytes:
    """The shipped model with its last layer's weights said to be something else."""
    from edge.model.archive import read_archive
    from edge.model.flatbuffer import FlatBuffer
    from edge.model.schema import MODEL

    _, size = read_archive(bytes(content))
    fields = FlatBuffer(content, size).root(MODEL)["subgraphs"][0]
    dense = [operator for operator in fields["operators"] if len(operator["inputs"]) == 3][-1]
    dense["inputs"][1] = dense["inputs"][2]
    return bytes(content)
