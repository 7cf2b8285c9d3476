"""A training run: what it writes, what it says, and what it never loses."""

import json
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from data import DatasetError, RunError, load_dataset
from data.drawing import draw_set
from edge.images.image_file import read_image
from edge.images.preprocess import InputSpec
from tests.support.chain import Chain
from tests.support.command import full_disk, run_module, run_program, start_module
from train import image_generator, myCallback, settings, train_happy_sad_model
from train.exercise.batch_stream import batch_stream
from train.exercise.generator import _vary
from train.exercise.training import ExerciseTraining
from train.run import train_run
from train.settings import (
    BATCH_SIZE,
    LARGE_BATCH_SIZE,
    Settings,
    read_settings,
    usual_batch_size,
)

RUN_FILES = [
    "config.json", "confusion.png", "curves.png", "images.csv", "metrics.json", "mistakes.png",
    "model.keras", "report.html", "samples.png",
]  # fmt: skip


SHORT = Settings(data="", size=48, epochs=3, augment=True)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 drawn faces a class."""
    directory = tmp_path_factory.mktemp("few")
    draw_set(directory, per_class=20)
    return directory


def train(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    return run_module("train", *arguments, **options)


def test_a_run_holds_model_figures_settings_and_pictures(chain: Chain) -> None:
    written = {path.name for path in chain.run.iterdir()}
    assert written - {"model.tflite", "export.json", "answers.png"} == set(RUN_FILES)
    for picture in ("confusion.png", "curves.png", "mistakes.png", "samples.png"):
        assert min(read_image(chain.run / picture).shape[:2]) > 100


def test_metrics_are_of_images_that_were_not_trained_on(chain: Chain) -> None:
    metrics = json.loads((chain.run / "metrics.json").read_text())
    test = metrics["test"]
    assert test["images"] == len(chain.test_files)
    assert test["balanced_accuracy"] == pytest.approx(
        (test["recall_happy"] + test["recall_sad"]) / 2
    )
    counts = metrics["data"]["images"]
    assert sum(counts[part][label] for part in counts for label in counts[part]) == 320
    assert metrics["data"]["groups"] == counts  # no two drawn faces look alike
    trained = metrics["history"]["accuracy"]
    assert metrics["epochs"] == len(trained)
    assert 1 <= metrics["kept_epoch"] <= metrics["epochs"]
    stopped = metrics["stopped_by"]
    assert stopped == f"training accuracy reached 0.999 in epoch {len(trained)}"
    assert trained[-1] >= 0.999 > max(trained[:-1])


def test_the_kept_weights_are_those_of_the_best_validation_epoch(chain: Chain) -> None:
    metrics = json.loads((chain.run / "metrics.json").read_text())
    best = max(metrics["history"]["val_accuracy"])
    assert metrics["history"]["val_accuracy"][metrics["kept_epoch"] - 1] == best
    assert metrics["validation"]["accuracy"] == pytest.approx(best, abs=1e-6)


def test_the_configuration_is_saved_with_seed_versions_and_fingerprint(chain: Chain) -> None:
    config = json.loads((chain.run / "config.json").read_text())
    assert config["settings"]["seed"] == 0
    assert config["settings"]["batch_size"] == 10
    assert config["versions"]["keras"] == keras.__version__
    assert len(config["data_fingerprint"]) == 64


def test_many_images_are_trained_on_in_larger_batches_unless_a_number_is_named(
    few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load_dataset(few, InputSpec(32, 32, 3))
    monkeypatch.setattr(settings, "LARGE", len(dataset.train.paths))
    for given, taken in ((None, LARGE_BATCH_SIZE), (20, 20)):
        training = ExerciseTraining(Settings(data=str(few), size=32, batch_size=given))
        assert training.complete_settings(dataset).batch_size == taken
    assert usual_batch_size(len(dataset.train.paths) - 1) == BATCH_SIZE


@pytest.fixture(scope="module")
def short(few: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes of SHORT."""
    return train_run(tmp_path_factory.mktemp("runs") / "short", replace(SHORT, data=str(few)))


def test_same_seed_same_metrics(few: Path, short: dict[str, Any], tmp_path: Path) -> None:
    assert train_run(tmp_path / "again", replace(SHORT, data=str(few))) == short


def test_another_seed_gives_another_training(
    few: Path, short: dict[str, Any], tmp_path: Path
) -> None:
    other = train_run(tmp_path / "other", replace(SHORT, data=str(few), seed=1))
    assert other["history"]["loss"] != short["history"]["loss"]


def test_the_limit_of_epochs_is_named_when_it_ends_the_training(short: dict[str, Any]) -> None:
    assert short["stopped_by"] == "the limit of 3 epochs"


def test_the_public_functions_train_as_in_the_exercise(few: Path) -> None:
    batches = image_generator(few, size=48, batch_size=10)
    assert batches.class_indices == {"happy": 0, "sad": 1}
    pixels, labels = batches[0]
    assert (pixels.shape, pixels.dtype) == ((10, 48, 48, 3), np.uint8)
    assert set(np.unique(labels)) <= {0.0, 1.0}
    history = train_happy_sad_model(batches, epochs=2, callbacks=[myCallback(0.5)])
    assert history.history["accuracy"][-1] >= 0.5 or len(history.epoch) == 2
    assert history.model.input_shape == (None, 48, 48, 3)


def test_each_epoch_shows_every_image_once_in_its_own_order(few: Path) -> None:
    batches = image_generator(few, size=32, batch_size=7)

    def epoch() -> np.ndarray:
        return np.concatenate([batches[number][0] for number in range(len(batches))])

    first = epoch()
    batches.on_epoch_end()
    second = epoch()
    assert len(first) == batches.samples
    assert not np.array_equal(first, second)
    assert sorted(image.tobytes() for image in first) == sorted(image.tobytes() for image in second)


def test_augmentation_varies_images_and_keeps_their_form(few: Path) -> None:
    plain, varied = (
        image_generator(few, size=64, shuffle=False, augment=augment)[0][0]
        for augment in (False, True)
    )
    assert (varied.shape, varied.dtype) == (plain.shape, np.uint8)
    assert (varied != plain).any(axis=(1, 2, 3)).all()
    assert np.abs(varied.astype(int).mean() - plain.mean()) < 40


def test_augmentation_leaves_black_black(tmp_path: Path) -> None:
    black = np.zeros((40, 40, 3), np.uint8)
    varied = [_vary(black, np.random.default_rng(seed)) for seed in range(20)]
    assert max(image.max() for image in varied) <= 20
    assert min(image.max() for image in varied) == 0


def test_settings_beside_resume_are_wrong_usage(tmp_path: Path) -> None:
    done = train("--resume", "--epochs", 5, "--runs", tmp_path)
    assert done.returncode == 2
    assert "--epochs does not go with --resume" in " ".join(done.stderr.split())


def test_an_unreadable_image_is_named_and_the_rest_is_trained_on(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(few, tmp_path / "mine")
    (tmp_path / "mine" / "sad" / "bad.png").write_text("no picture")
    train_run(tmp_path / "run", Settings(data=str(tmp_path / "mine"), size=32, epochs=1))
    assert f"skipped: {tmp_path / 'mine' / 'sad' / 'bad.png'}: not an image" in (
        capsys.readouterr().err
    )


def test_the_generator_refuses_a_part_that_is_none(few: Path) -> None:
    with pytest.raises(ValueError, match="received 'exam'"):
        image_generator(few, part="exam")


def test_an_existing_run_is_not_replaced_unasked(few: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    done = train("--data", few, "--runs", tmp_path, "--name", "mine")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {tmp_path / 'mine'} exists: take another --name, or --resume or --overwrite it\n"
    )


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    done = train("--data", tmp_path / "gone", "--runs", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'gone'} does not exist")
    assert len(done.stderr.splitlines()) == 1


def test_what_is_wrong_with_the_folder_is_said_before_tensorflow_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from train.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    print(end.code, 'tensorflow' in sys.modules)\n"
    )
    done = run_program(program, "--data", tmp_path / "gone", "--runs", tmp_path)
    assert done.stdout.startswith(f"error: {tmp_path / 'gone'} does not exist")
    assert done.stdout.endswith(" False\n")


def test_watching_validation_needs_validation_images(few: Path, tmp_path: Path) -> None:
    # Two images a class: too few for a validation part.
    for label in ("happy", "sad"):
        (tmp_path / "two" / label).mkdir(parents=True)
        for image in sorted((few / label).iterdir())[:2]:
            (tmp_path / "two" / label / image.name).write_bytes(image.read_bytes())
    watching = Settings(data=str(tmp_path / "two"), size=32, watch="val_accuracy")
    with pytest.raises(DatasetError, match="no validation images to watch"):
        train_run(tmp_path / "run", watching)


def test_ctrl_c_keeps_the_best_weights_and_resume_goes_on(few: Path, tmp_path: Path) -> None:
    command = ["--data", few, "--runs", tmp_path, "--name", "run", "--size", 48, "--epochs", 300]
    process = start_module("train", *command, "--stop-at", "1")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch   2"):
            process.send_signal(signal.SIGINT)
            break
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "interrupted: keeping the best weights so far" in errors
    assert f'go on with: make train ARGS="--resume --runs {tmp_path} --name run"' in errors
    interrupted = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert interrupted["stopped_by"].startswith("interrupted after epoch")
    assert keras.models.load_model(tmp_path / "run" / "model.keras").count_params() > 0

    done = train("--resume", "--runs", tmp_path)
    assert done.returncode == 0, done.stderr
    resumed = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert resumed["epochs"] > interrupted["epochs"]
    before = interrupted["history"]["loss"]
    assert resumed["history"]["loss"][: len(before)] == before
    assert not (tmp_path / "run" / "checkpoint").exists()


def test_nothing_to_resume_is_one_line(tmp_path: Path) -> None:
    done = train("--resume", "--runs", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"error: no interrupted training in {tmp_path}\n"


def test_a_full_disk_leaves_no_half_file(few: Path, tmp_path: Path) -> None:
    limited = full_disk(1_000_000)
    limited["env"] |= {"MPLCONFIGDIR": str(tmp_path / "mpl")}
    done = train(
        "--data", few, "--runs", tmp_path, "--name", "run", "--size", 100, "--epochs", 1, **limited
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    # A slow machine saves the state before the epoch has ended, and the disk is full then.
    run = re.escape(str(tmp_path / "run"))
    assert re.match(rf"error: cannot write {run}/(model|checkpoint/latest)\.keras: ", last)
    assert not list(tmp_path.rglob("*.keras"))
    assert not list(tmp_path.rglob(".*"))


def test_a_stream_gives_the_batches_that_keras_would_make(few: Path) -> None:
    batches = image_generator(few, size=32, batch_size=7, shuffle=False)
    made = [batches[number] for number in range(len(batches))]
    for (pixels, labels), streamed in zip(made, batch_stream(batches), strict=True):
        assert np.array_equal(pixels, streamed[0])
        assert np.array_equal(labels, streamed[1])


def test_each_epoch_of_a_stream_shows_every_image_once_in_its_own_order(few: Path) -> None:
    batches = image_generator(few, size=32, batch_size=7)
    truth = {
        pixels.tobytes(): label
        for pixels, label in zip(batches.pixels, batches.labels, strict=True)
    }
    keras.utils.set_random_seed(0)
    stream = batch_stream(batches)
    epochs = []
    for _ in range(2):
        shown = [
            (pixels.tobytes(), label)
            for images, labels in stream.as_numpy_iterator()
            for pixels, label in zip(images, labels, strict=True)
        ]
        assert len(shown) == batches.samples
        assert dict(shown) == truth
        epochs.append(shown)
    assert epochs[0] != epochs[1]


def test_a_seed_gives_the_same_weights_and_another_gives_others(few: Path) -> None:
    trained = []
    for seed in (1, 1, 2):
        batches = image_generator(few, size=48, seed=seed)
        history = train_happy_sad_model(batches, epochs=2, callbacks=[])  # the weights' seed is 0
        trained.append(history.model.get_weights())
    for first, again in zip(trained[0], trained[1], strict=True):
        assert np.array_equal(first, again)
    assert not all(map(np.array_equal, trained[0], trained[2]))


def test_the_configuration_of_an_older_run_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"settings": {"data": "faces", "model": "specified"}}))
    assert read_settings(path) == Settings(data="faces", model="exercise")
    with pytest.raises(RunError, match=f"no settings at {re.escape(str(tmp_path / 'none'))}"):
        read_settings(tmp_path / "none")
