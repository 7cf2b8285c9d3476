"""The model card: what the shipped model is for, what it is not for, and how well it does."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data import ANSWERS, LABELS, LabelledFile
from data.answers import both_sides, figures, shares_of
from data.scores import auc
from data.three_answers import UNSURE, Figures, answered
from edge.classifier import Classifier
from edge.images.image_file import read_image
from edge.images.preprocess import prepare
from edge.model.chance import wilson
from edge.model.decision import Thresholds, softmax
from export.measure.hub import hub_metadata

TEMPLATE = Path(__file__).resolve().parent / "card.md"
DRAWS = 1000  # of the bootstrap
TITLES = {
    "auc": "happy from sad, AUC",
    "auc_sad_neutral": "sad from neutral, AUC",
    "happy_found": "happy faces answered happy",
    "sad_found": "sad faces answered sad",
    "neutral_found": "neutral faces answered neutral",
    "neutral_called_happy": "neutral faces answered happy",
    "neutral_called_sad": "neutral faces answered sad",
    "right": "answers that are right",
    "unsure": "answered unsure",
    "others_unsure": "other expressions answered unsure",
}


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """The predictions of one model for the card's pictures.

    Attributes:
        shares: float64 (n, 4): probabilities of happy, sad, neutral and all else.
        labels: str (n,): what the pictures show.
        median_ms: Time for one picture, in milliseconds.
    """

    shares: np.ndarray
    labels: np.ndarray
    median_ms: float


def file_predictions(classifier: Classifier, files: Sequence[LabelledFile]) -> Predictions:
    """The exported file's answers, as the device gives them; each picture is taken whole.

    Raises:
        ImageError: A file cannot be decoded.
    """
    pictures = [read_image(file.path) for file in files]
    shares = np.array([softmax(classifier.scores(picture)) for picture in pictures])
    times = [classifier.classify(picture).latency_ms for picture in pictures]
    return Predictions(shares, _labels(files), statistics.median(times))


def keras_predictions(
    model: keras.Model, classifier: Classifier, files: Sequence[LabelledFile]
) -> Predictions:
    """The float model's answers to the same pictures."""
    spec = classifier.contract.input
    pixels = np.stack([prepare(read_image(file.path), spec) for file in files])
    predict = partial(model.predict, batch_size=64, verbose=0)
    mirrored = classifier.contract.decision.mirrored
    outputs = both_sides(predict, pixels) if mirrored else predict(pixels)
    return Predictions(shares_of(outputs), _labels(files), 0.0)


def _labels(files: Sequence[LabelledFile]) -> np.ndarray:
    return np.array([file.label for file in files])


def card(
    details: Mapping[str, Any],
    decision: Thresholds,
    imported: Mapping[str, Any],
    by_float: Predictions,
    by_file: Predictions,
    before: tuple[Predictions, Thresholds] | None,
    *,
    model_bytes: int,
    parameters: int,
    robustness: str,
    surroundings: Mapping[str, str],
) -> str:
    """The card as Markdown, with what model hubs read at its head.

    Args:
        details: The model file's contract.json.
        decision: Its operating point.
        imported: What the import of FER2013 reported, its import.json.
        by_float: Predictions of the Keras model.
        by_file: Predictions of the exported file.
        before: Those of the file that it takes the place of, with its operating point.
        model_bytes: Size of the exported file.
        parameters: Of the network.
        robustness: Markdown table.
        surroundings: "part" that the answers are to, "machine", "runtime", "date".
    """
    images = details["data"]["images"]
    labels = [label for label in LABELS if label in images["train"]]
    rows = [
        f"| {part} | {' | '.join(f'{counts[label]:,}' for label in labels)} |"
        for part, counts in images.items()
        if any(counts.values())
    ]
    calibration = details["calibration"]
    shown = {name: int(np.sum(by_file.labels == name)) for name in ANSWERS}
    return hub_metadata(details) + TEMPLATE.read_text().format(
        median_ms=f"{by_file.median_ms:.2f}",
        kilobytes=f"{model_bytes / 1000:.0f}",
        mega_macs=f"{details['multiply_adds'] / 1e6:.1f}",
        parameters=f"{parameters:,}",
        margin=f"{details['face']['margin']:g}",
        labels=" | ".join(labels),
        rules="---|" * (len(labels) - 1) + "---",
        counts="\n".join(rows),
        left_out=_left_out(imported),
        notes="; ".join(details["data"]["notes"]) or "nothing",
        doubtful=f"{details['doubtful_labels']:,}",
        fingerprint=details["data"]["fingerprint"],
        shown=", ".join(f"{count:,} {name}" for name, count in shown.items()),
        others=f"{len(by_file.labels) - sum(shown.values()):,}",
        figures=_figures(
            {
                "float (Keras)": (by_float, decision),
                "int8 (`edge`)": (by_file, decision),
                **({"int8, the model before this one": before} if before else {}),
            }
        ),
        confusion=_confusion(by_file, decision),
        factor=f"{math.exp(decision.lead):.2f}",
        thresholds=", ".join(f"{name} {getattr(decision, name):g}" for name in ANSWERS),
        error_before=f"{calibration['error_before']:.3f}",
        error_after=f"{calibration['error_after']:.3f}",
        robustness=robustness,
        **surroundings,
    )


def _left_out(imported: Mapping[str, Any]) -> str:
    """How many pictures the import left out of each part, and why."""
    counted = [
        f"{count} of {part} ({reason})"
        for reason, counts in imported.get("left_out", {}).items()
        for part, count in counts.items()
        if count
    ]
    return ", ".join(counted) or "none"


def _figures(models: Mapping[str, tuple[Predictions, Thresholds]]) -> str:
    """A Markdown table: the figures of models, by their titles, with their intervals."""
    columns = [_cells(predictions, decision) for predictions, decision in models.values()]
    rows = [
        f"| {title} | {' | '.join(column[name] for column in columns)} |"
        for name, title in TITLES.items()
        if all(name in column for column in columns)
    ]
    return "\n".join([f"| | {' | '.join(models)} |", f"|---|{'---|' * len(columns)}", *rows])


def _cells(predictions: Predictions, decision: Thresholds) -> dict[str, str]:
    """Each figure with its 95 % interval: Wilson's of a share, of an AUC by bootstrap."""
    found = figures(predictions.shares, predictions.labels, decision)
    assert isinstance(found, Figures)  # `ship` refuses pictures that lack an answer
    given = answered(predictions.shares, decision)
    labels = predictions.labels
    known = np.isin(labels, ANSWERS)
    of = {
        "right": int(np.sum(known & (given != UNSURE))),
        "unsure": int(known.sum()),
        "others_unsure": int(np.sum(~known)),
    }
    cells = {}
    for name, value in asdict(found).items():
        if name in ("auc", "auc_sad_neutral"):
            pair = ("happy", "sad") if name == "auc" else ("sad", "neutral")
            low, high = _auc_interval(predictions, *pair)
            cells[name] = f"{value:.4f} ({low:.4f} to {high:.4f})"
        elif name != "images" and value is not None:
            total = of.get(name) or int(np.sum(labels == name.split("_")[0]))
            low, high = wilson(value, max(total, 1))
            cells[name] = f"{value:.1%} ({low:.1%} to {high:.1%})"
    return cells


def _auc_interval(predictions: Predictions, more: str, less: str) -> tuple[float, float]:
    """The 95 % bootstrap interval (Efron 1979) of the AUC of two labels."""
    log_p = np.log(np.maximum(predictions.shares, 1e-9))
    margin = log_p[:, ANSWERS.index(more)] - log_p[:, ANSWERS.index(less)]
    ones, others = (margin[predictions.labels == label] for label in (more, less))
    rng = np.random.default_rng(0)
    drawn = [
        auc(rng.choice(ones, len(ones)), rng.choice(others, len(others))) for _ in range(DRAWS)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def _confusion(predictions: Predictions, decision: Thresholds) -> str:
    """Rows of a Markdown table: what faces of each kind are answered."""
    given = answered(predictions.shares, decision)
    rows = []
    for label in [label for label in LABELS if (predictions.labels == label).any()]:
        mine = given[predictions.labels == label]
        cells = " | ".join(f"{np.mean(mine == answer):.1%}" for answer in (*ANSWERS, UNSURE))
        rows.append(f"| {label} ({len(mine):,}) | {cells} |")
    return "\n".join(rows)
