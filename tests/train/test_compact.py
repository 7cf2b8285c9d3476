"""The compact network: its size, its soft labels, its training, and the shipped model's recipe."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from data import DatasetError, RunError, load_dataset
from data.drawing import draw_set
from data.tally import Tally
from edge.classifier import Classifier
from edge.images.preprocess import InputSpec
from edge.machine.opencv import cv2
from export.convert import calibration_images, convert
from export.exporter import export_run
from export.measure import ship as shipping
from export.measure.hub import hub_metadata
from export.operators import read_composition
from tests.support.command import run_module
from tests.support.turns import once
from train.checkpoint import Checkpoint
from train.compact import batches as batches_module
from train.compact import distillation as recipe_of_faces
from train.compact.batches import ExpressionBatches
from train.compact.beard import beard
from train.compact.fine_tuning import asked_in_tuning, open_init
from train.compact.fit import Recipe, build, fit_compact
from train.compact.lighting import darken, equalise, infrared, relight
from train.compact.network import INPUT
from train.compact.pose import move
from train.compact.shares import answers_of, voted
from train.compact.targets import (
    EXPRESSIONS,
    one_hot,
    p_sad,
    p_sad_weights,
)
from train.compact.training import deployable
from train.compact.variation import vary
from train.compact.views import said_of_views, view
from train.evaluation import shares
from train.options import network_for
from train.run import train_run
from train.runs import start_of
from train.settings import Settings

RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (40, 48, 48, 1), np.uint8)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 drawn faces a class."""
    directory = tmp_path_factory.mktemp("few")
    draw_set(directory, per_class=30)
    return directory


def make_run(home: Path) -> None:
    draw_set(home / "few", per_class=30)
    settings = Settings(data=str(home / "few"), model="compact", epochs=3)
    train_run(home / "runs" / "small", settings)
    export_run(home / "runs" / "small", "int8", allow_drop=True)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compact network, trained for three epochs on images like those of `few`, and exported."""
    return once(tmp_path_factory, "compact", make_run) / "runs" / "small"


@pytest.fixture(scope="module")
def seven(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces under seven names in two parts; what they show does not matter here."""
    directory = tmp_path_factory.mktemp("seven")
    for part, count in (("train", 6), ("validation", 3)):
        for number, label in enumerate(EXPRESSIONS):
            seed = 10 * number + (part == "train")
            draw_set(directory / "drawn" / part / label, per_class=count, seed=seed)
            drawn = directory / "drawn" / part / label / "happy"
            (directory / part).mkdir(exist_ok=True)
            drawn.rename(directory / part / label)
    for path in directory.glob("*/*/*.png"):  # as FER2013's are: the faces alone, not photographs
        assert cv2.imwrite(str(path), cv2.resize(cv2.imread(str(path)), (48, 48)))
    return directory


@pytest.mark.parametrize("heads", [("expression", "p_sad"), ("voted", "logits")])
def test_the_exported_network_keeps_to_its_limits(heads: tuple[str, str]) -> None:
    recipe = Recipe(epochs=0)
    model = deployable(build(recipe, heads), recipe, heads[-1])
    flatbuffer = convert(model, "int8", calibration_images([FACES, FACES], seed=0))
    parts = read_composition(flatbuffer)
    assert parts.multiply_adds <= 30e6
    assert len(flatbuffer) <= 390_000  # the contract's archive comes on top
    assert parts.input == "uint8, scale 1, zero point 0"
    assert parts.int8_share > 0.97
    assert not any(name.startswith(("DEPTHWISE", "DEQUANTIZE", "MUL")) for name in parts.operators)


def test_a_neutral_face_is_asked_to_land_in_the_middle() -> None:
    asked = p_sad(one_hot(np.array(["happy", "sad", "neutral"])))[:, 0]
    assert asked == pytest.approx([0, 1, 0.5], abs=1e-5)


def test_soft_labels_lie_between() -> None:
    shares = 0.5 * one_hot(np.array(["sad"])) + 0.5 * one_hot(np.array(["happy"]))
    assert p_sad(shares)[0, 0] == pytest.approx(0.5)


def test_happy_and_sad_count_alike_and_other_expressions_not_at_all() -> None:
    labels = np.array(["happy"] * 30 + ["sad"] * 10 + ["fear"] * 5)
    weights = p_sad_weights(one_hot(labels))
    assert weights[labels == "happy"].sum() == pytest.approx(weights[labels == "sad"].sum())
    assert not weights[40:].any()


def test_a_varied_face_is_another_picture_of_the_same_size() -> None:
    first, again, other = (vary(FACES[0, :, :, 0], np.random.default_rng(s)) for s in (1, 1, 2))
    assert first.shape == (48, 48)
    assert first.dtype == np.uint8
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("change", [move, relight, equalise, darken, infrared, beard, vary])
def test_each_change_takes_faces_without_any_contrast(
    change: Callable[[np.ndarray, np.random.Generator], np.ndarray],
) -> None:
    for value in (0, 128, 255):
        plain = np.full((48, 48), value, np.uint8)
        with np.errstate(all="raise"):
            changed = [change(plain, np.random.default_rng(seed)) for seed in range(30)]
        assert {face.shape for face in changed} == {(48, 48)}
        assert {face.dtype for face in changed} == {np.dtype(np.uint8)}


def test_too_little_light_leaves_a_darker_or_noisier_face() -> None:
    half = np.full((48, 48), 200, np.uint8)
    faces = [darken(half, np.random.default_rng(seed)) for seed in range(20)]
    assert all(face.mean() <= 110 or face.std() > 10 for face in faces)


def test_variation_leaves_the_original_alone() -> None:
    face = FACES[0, :, :, 0].copy()
    for seed in range(50):
        vary(face, np.random.default_rng(seed))
    assert (face == FACES[0, :, :, 0]).all()


def test_batches_are_mixed_with_their_targets_and_resume_where_they_stopped() -> None:
    shares = one_hot(RNG.choice(EXPRESSIONS, 40))
    targets, weights = {"expression": shares}, {"expression": np.ones(40, np.float32)}

    def batches(epoch: int) -> ExpressionBatches:
        return ExpressionBatches(FACES, targets, weights, batch_size=16, seed=3, epoch=epoch)

    begun = batches(0)
    begun.on_epoch_end()
    pixels, asked, counted = begun[1]
    assert len(begun) == 2
    assert pixels.shape == (16, 48, 48, 1)
    assert asked["expression"].sum(axis=1) == pytest.approx(np.ones(16), abs=1e-5)
    assert counted["expression"] == pytest.approx(np.ones(16))
    assert ((asked["expression"] > 0).sum(axis=1) == 2).any()
    resumed = batches(1)[1]
    assert (resumed[0] == pixels).all()
    assert (resumed[1]["expression"] == asked["expression"]).all()


@pytest.mark.long
def test_a_training_cut_in_two_goes_on_with_its_epochs_and_ends_in_averaged_weights(
    tmp_path: Path,
) -> None:
    shares = one_hot(RNG.choice(EXPRESSIONS, 40))
    short = Recipe(epochs=3, batch_size=16, channels=(8, 8, 8, 8))
    epochs: list[int] = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    checkpoint = Checkpoint(tmp_path / "checkpoint", keep_last=True)
    save = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: checkpoint.save())
    whole = fit_compact(
        FACES, shares, short, validation=(FACES, shares), callbacks=[checkpoint, note, save]
    )
    # The state of the last epoch was saved before Keras put the averages in place.
    resumed = Checkpoint(tmp_path / "checkpoint", keep_last=True)
    again = fit_compact(FACES, shares, short, model=resumed.load(), first_epoch=resumed.epochs_done)
    assert epochs == [0, 1, 2]
    for one, other in zip(whole.get_weights(), again.get_weights(), strict=True):
        assert one == pytest.approx(other, abs=1e-6)
    longer = replace(short, epochs=4)
    fit_compact(FACES, shares, longer, model=again, first_epoch=3, callbacks=[note])
    assert epochs == [0, 1, 2, 3]


def test_a_beard_covers_the_chin_and_leaves_eyes_and_mouth() -> None:
    face = np.full((48, 48), 180, np.uint8)
    changed = np.mean([beard(face, np.random.default_rng(seed)) != face for seed in range(40)], 0)
    assert changed[:20].max() == 0
    assert changed[44:, 18:30].mean() > 0.9
    assert changed[36, 20:28].mean() < 0.35  # the mouth's middle


def test_views_are_shown_in_turn_with_what_the_teacher_said_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches_module, "MIXED", 0.0)
    said = RNG.random((2, len(FACES), 4), np.float32)
    targets, weights = {"logits": said}, {"logits": np.ones(len(FACES), np.float32)}
    for epoch in range(3):
        batches = ExpressionBatches(
            FACES, targets, weights, batch_size=len(FACES), seed=0, epoch=epoch
        )
        pixels, asked, _ = batches[0]
        order = np.random.default_rng([0, epoch]).permutation(len(FACES))
        for shown, target, index in zip(pixels, asked["logits"], order, strict=True):
            number = (index + epoch) % 2
            assert target == pytest.approx(said[number, index], abs=1e-6)
            seen = view(FACES[index, :, :, 0], index, number)
            assert any((shown[:, :, 0] == each).all() for each in (seen, seen[:, ::-1]))


def test_what_a_teacher_says_of_views_is_as_frequent_as_what_voters_said() -> None:
    keras.utils.set_random_seed(0)
    teacher = build(Recipe(epochs=0, channels=(4, 4, 4, 4)), ("logits", "voted"))
    voters = voted(np.array(["happy", "sad", "neutral", "angry"] * 10))
    said = said_of_views(teacher, FACES, voters, 2)
    assert said.shape == (2, len(FACES), 4)
    assert said.sum(axis=2) == pytest.approx(np.ones((2, len(FACES))), abs=1e-5)
    assert said.mean(axis=(0, 1)) == pytest.approx(answers_of(voters).mean(axis=0), abs=1e-3)
    assert abs(said[0] - said[1]).max() > 1e-4


def test_a_compact_run_is_exported_and_classifies(run: Path) -> None:
    config = json.loads((run / "config.json").read_text())
    assert config["settings"]["model"] == "compact"
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["epochs"] == metrics["kept_epoch"] == 3
    assert (run / "model.tflite").stat().st_size <= 400_000
    classifier = Classifier(run / "model.tflite")
    assert classifier.contract.input == INPUT
    assert classifier.contract.crop == "frame"
    assert 0 <= classifier.p_happy(np.zeros((10, 10, 3), np.uint8)) <= 1


@pytest.mark.long
def test_with_neutral_images_the_compact_network_has_three_answers(
    seven: Path, tmp_path: Path
) -> None:
    metrics = train_run(tmp_path / "three", Settings(data=str(seven), model="compact", epochs=1))
    assert metrics["thresholds"] == {"happy": 0.4, "sad": 0.4, "neutral": 0.4}  # few choose nothing
    assert metrics["validation"]["images"] == 9
    done = export_run(tmp_path / "three", "int8", allow_drop=True)
    contract = Classifier(done.path).contract
    assert contract.decision.answers == ("happy", "sad", "neutral")
    assert contract.crop == "frame"
    with pytest.raises(RunError, match="was not trained with --model faces"):
        shipping.ship(tmp_path / "three")


def test_neutral_images_ask_for_the_network_that_has_an_answer_for_them(
    seven: Path, few: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert network_for(few, []) == "exercise"
    assert network_for(seven, ["size"]) == "exercise"
    assert capfd.readouterr().err == ""
    assert network_for(seven, ["epochs"]) == "compact"
    assert capfd.readouterr().err == (
        f"neutral images in {seven}: training the compact network, which has three answers "
        "(--model exercise trains the exercise's two)\n"
    )


def test_fine_tuning_reports_before_and_after_on_the_same_images(
    run: Path, few: Path, tmp_path: Path
) -> None:
    settings = Settings(data=str(few), model="compact", init=str(run), epochs=2)
    metrics = train_run(tmp_path / "tuned", settings)
    before = json.loads((run / "metrics.json").read_text())
    for part in ("validation", "test"):
        assert metrics["before"][part]["auc"] == pytest.approx(before[part]["auc"])
        assert metrics["before"][part]["images"] == metrics[part]["images"]
    worth = [Tally(found["answered"]["validation"]).worth for found in (metrics["before"], metrics)]
    assert worth[1] >= worth[0]
    assert "the fine-tuned model answers" in metrics["verdict"]
    assert open_init(str(tmp_path / "tuned")).name == "compact"
    assert str(run) in metrics["data"]["notes"][0]
    # So few validation images choose no band: it is that of the model to start from.
    assert list(metrics["decision_band"]) == before["decision_band"]


def test_without_images_to_judge_by_fine_tuning_keeps_the_original(
    run: Path, tmp_path: Path
) -> None:
    draw_set(tmp_path / "two", per_class=1)
    settings = Settings(data=str(tmp_path / "two"), model="compact", init=str(run), epochs=1)
    metrics = train_run(tmp_path / "tuned", settings)
    assert metrics["verdict"] == (
        "the original is kept: there are no validation images of both classes to tell whether it "
        "helps\n--keep-anyway keeps the fine-tuned model"
    )
    assert metrics["kept_epoch"] == 0
    anyway = train_run(tmp_path / "anyway", replace(settings, keep_anyway=True))
    assert anyway["verdict"].startswith("the fine-tuned model is kept, as --keep-anyway asks: ")
    assert anyway["kept_epoch"] == 1
    original, kept = (open_init(str(path)) for path in (run, tmp_path / "tuned"))
    for one, other in zip(original.get_weights(), kept.get_weights(), strict=True):
        assert (one == other).all()


def test_fine_tuning_on_happy_and_sad_faces_asks_what_was_said_of_the_rest(few: Path) -> None:
    keras.utils.set_random_seed(0)
    recipe = Recipe(epochs=0, channels=(4, 4, 4, 4))
    model = deployable(build(recipe, ("logits",)), recipe, "logits")
    faces = load_dataset(few, INPUT).train
    said = shares(model, faces.pixels)
    asked = asked_in_tuning(model, faces)
    assert asked.sum(axis=1) == pytest.approx(np.ones(len(asked)))
    assert answers_of(asked)[:, 2:] == pytest.approx(said[:, 2:], abs=1e-5)
    sadder = asked[:, 1] > asked[:, 0]
    assert (sadder == faces.is_sad).all()


def test_fine_tuning_starts_from_compact_models_only(chain, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not a compact network"):
        open_init(str(chain.run))
    with pytest.raises(RunError, match="no model to start from at"):
        open_init(str(tmp_path / "none.keras"))


def test_a_start_is_named_by_its_run(run: Path) -> None:
    assert start_of(run.parent, "small") == str(run)
    assert start_of(run.parent, str(run)) == str(run)
    assert start_of(run.parent, "faces") == "faces"
    assert start_of(run.parent, "none") == "none"


@pytest.mark.long
def test_the_recipe_of_the_shipped_model_trains_its_stages_once(
    seven: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    small = [Recipe(epochs=1, batch_size=8, channels=(channels,) * 4) for channels in (8, 16, 8)]
    monkeypatch.setattr(recipe_of_faces.FacesTraining, "recipes", lambda training, dataset: small)
    monkeypatch.setattr(recipe_of_faces, "VIEWS", 2)
    settings = Settings(data=str(seven), model="faces", crop="face", epochs=1, keeps_parts=True)
    metrics = train_run(tmp_path / "faces", settings)
    said = capfd.readouterr().err.splitlines()
    assert [line for line in said if line in ("student", "teacher")] == ["student", "teacher"]
    assert metrics["data"]["images"]["test"] == dict.fromkeys(metrics["data"]["images"]["test"], 0)
    assert metrics["calibration"]["error_after"] <= 1
    assert set(metrics["thresholds"]) == {"happy", "sad", "neutral"}
    assert metrics["validation"]["images"] == 9
    train_run(tmp_path / "faces-large", replace(settings, model="faces-large"))
    assert not {"student", "teacher"} & set(capfd.readouterr().err.splitlines())
    export_run(tmp_path / "faces", "int8", allow_drop=True)
    contract = Classifier(tmp_path / "faces" / "model.tflite").contract
    assert contract.crop == "face"
    assert contract.decision.answers == ("happy", "sad", "neutral")
    monkeypatch.setattr(shipping, "SHIPPED_MODEL", tmp_path / "shipped" / "faces.tflite")
    for name in ("CARD", "WEIGHTS"):
        monkeypatch.setattr(shipping, name, tmp_path / "shipped" / name)
    shipping.ship(tmp_path / "faces")
    card = (tmp_path / "shipped" / "CARD").read_text()
    assert card.startswith(hub_metadata(contract.details))
    assert "| validation | 3 | 3 | 3 | 3 | 3 | 3 | 3 |" in card
    assert "(3 happy, 3 sad, 3 neutral, and\n12 of other expressions)" in card
    assert "| surprise (3) |" in card
    assert "| unchanged |" in card
    assert not set("{}") & set(card)
    assert (tmp_path / "shipped" / "faces.tflite").read_bytes() == (
        tmp_path / "faces" / "model.tflite"
    ).read_bytes()


def test_only_a_run_of_the_recipe_is_shipped(run: Path) -> None:
    with pytest.raises(RunError, match="was not trained with --model faces"):
        shipping.ship(run)
    with pytest.raises(RunError, match=r"no .*model\.tflite: run 'make train'"):
        shipping.ship(run / "nowhere")


def test_a_training_that_cannot_start_leaves_its_name_free(few: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        train_run(tmp_path / "run", Settings(data=str(few), model="faces", epochs=1))
    assert not (tmp_path / "run").exists()


def test_the_recipe_names_the_expressions_that_are_missing(few: Path, tmp_path: Path) -> None:
    settings = Settings(data=str(few), model="faces", epochs=1)
    with pytest.raises(DatasetError, match="no train images that are clearly neutral or other"):
        train_run(tmp_path / "faces", settings)


def test_faces_of_all_expressions_keep_their_labels(seven: Path) -> None:
    dataset = load_dataset(seven, InputSpec(48, 48, 1), labels=EXPRESSIONS, fill_parts=False)
    part = dataset.validation
    assert one_hot(part.labels).sum(axis=0).tolist() == [3] * 7
    assert [path.parent.name for path in part.paths] == part.labels.tolist()
    assert len(dataset.test.pixels) == 0


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--model", "compact", "--size", "64"], "--size does not go with the compact network's"),
        (["--model", "exercise", "--init", "faces"], "--init fine-tunes a compact network"),
        (["--keep-anyway"], "--keep-anyway goes with --init alone"),
        (["--resume", "--model", "compact"], "--model does not go with --resume"),
    ],
)
def test_options_without_an_effect_are_refused(options: list[str], complaint: str) -> None:
    done = run_module("train", *options)
    assert done.returncode == 2
    assert complaint in " ".join(done.stderr.split())
