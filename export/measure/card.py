"""The model card: what the shipped model is for, what it is not for, and how well it does."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data import LABELS, LabelledFile
from data.scores import intervals, score, wilson
from edge.classifier import Classifier
from edge.images.image_file import read_image
from edge.images.preprocess import prepare

TEMPLATE = Path(__file__).resolve().parent / "card.md"
ROWS = ("balanced_accuracy", "accuracy", "recall_happy", "recall_sad", "auc")


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """The predictions of one model for the card's pictures.

    Attributes:
        p_happy: float64 (n,): of happy and sad pictures.
        is_sad: bool (n,): their true labels.
        neutral: float64 (m,): p_happy of neutral pictures.
        median_ms: Time for one picture, in milliseconds.
    """

    p_happy: np.ndarray
    is_sad: np.ndarray
    neutral: np.ndarray
    median_ms: float


def file_predictions(classifier: Classifier, files: Sequence[LabelledFile]) -> Predictions:
    """The exported file's answers, as the device gives them; each picture is taken whole.

    Raises:
        ImageError: A file cannot be decoded.
    """
    predictions = [classifier.classify(read_image(file.path)) for file in files]
    p_happy = np.array([prediction.p_happy for prediction in predictions], float)
    latency = statistics.median(prediction.latency_ms for prediction in predictions)
    return _sorted(p_happy, files, latency)


def keras_predictions(
    model: keras.Model, classifier: Classifier, files: Sequence[LabelledFile]
) -> Predictions:
    """The float model's answers to the same pictures."""
    spec = classifier.contract.input
    pixels = np.stack([prepare(read_image(file.path), spec) for file in files])
    p_sad = model.predict(pixels, batch_size=64, verbose=0)[:, 0].astype(np.float64)
    return _sorted(1 - p_sad, files, 0.0)


def _sorted(p_happy: np.ndarray, files: Sequence[LabelledFile], median_ms: float) -> Predictions:
    labels = np.array([file.label for file in files])
    neutral = labels == "neutral"
    return Predictions(p_happy[~neutral], labels[~neutral] == "sad", p_happy[neutral], median_ms)


def card(
    details: Mapping[str, Any],
    imported: Mapping[str, Any],
    by_float: Predictions,
    by_file: Predictions,
    *,
    model_bytes: int,
    parameters: int,
    robustness: str,
    surroundings: Mapping[str, str],
) -> str:
    """The card as Markdown.

    Args:
        details: The model file's contract.json.
        imported: What the import of FER2013 reported, its import.json.
        by_float: Answers of the Keras model.
        by_file: Answers of the exported file.
        model_bytes: Size of the exported file.
        parameters: Of the network.
        robustness: Markdown table.
        surroundings: "part" that the answers are to, "machine", "runtime", "date".
    """
    low, high = details["decision_band"]
    scores = score(by_file.p_happy, by_file.is_sad, (low, high))
    assert scores is not None  # `ship` refuses pictures of one class
    says_sad, says_happy = by_file.p_happy <= low, by_file.p_happy >= high
    unsure = (
        np.mean((by_file.neutral > low) & (by_file.neutral < high)) if len(by_file.neutral) else 0
    )
    images = details["data"]["images"]
    labels = [label for label in LABELS if label in images["train"]]
    rows = [
        f"| {part} | {' | '.join(f'{counts[label]:,}' for label in labels)} |"
        for part, counts in images.items()
        if any(counts.values())
    ]
    calibration = details["calibration"]
    return TEMPLATE.read_text().format(
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
        images=f"{len(by_file.p_happy):,}",
        neutrals=f"{len(by_file.neutral):,}",
        figures=_figures(by_float, by_file, (low, high)),
        band_low=f"{low:.2f}",
        band_high=f"{high:.2f}",
        answered=f"{1 - scores.unsure:.1%}",
        decided="none" if scores.accuracy_decided is None else f"{scores.accuracy_decided:.1%}",
        precision_happy=_precision(says_happy, ~by_file.is_sad),
        precision_sad=_precision(says_sad, by_file.is_sad),
        neutral_unsure=f"{unsure:.1%}",
        neutral_sad=f"{np.mean(by_file.neutral <= low) if len(by_file.neutral) else 0:.1%}",
        neutral_happy=f"{np.mean(by_file.neutral >= high) if len(by_file.neutral) else 0:.1%}",
        answered_happy=f"{np.mean((says_happy | says_sad)[~by_file.is_sad]):.1%}",
        answered_sad=f"{np.mean((says_happy | says_sad)[by_file.is_sad]):.1%}",
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


def _figures(by_float: Predictions, by_file: Predictions, band: tuple[float, float]) -> str:
    """Rows of a Markdown table: the figures of both models with their intervals."""
    columns = [intervals(answers.p_happy, answers.is_sad) for answers in (by_float, by_file)]
    lines = []
    for name in ROWS:
        cells = []
        for figures in columns:
            one = figures[name]
            form = "{:.4f} ({:.4f} to {:.4f})" if name == "auc" else "{:.1%} ({:.1%} to {:.1%})"
            cells.append(form.format(one.value, one.low, one.high))
        title = "AUC" if name == "auc" else name.replace("_", " ")
        lines.append(f"| {title} | {' | '.join(cells)} |")
    cells = []
    for answers in (by_float, by_file):
        unsure = int(np.sum((answers.neutral > band[0]) & (answers.neutral < band[1])))
        total = max(len(answers.neutral), 1)
        low, high = wilson(unsure, total)
        cells.append(f"{unsure / total:.1%} ({low:.1%} to {high:.1%})")
    lines.append(f"| neutral answered unsure | {' | '.join(cells)} |")
    return "\n".join(lines)


def _precision(says: np.ndarray, truth: np.ndarray) -> str:
    """Share of answers that are right if both classes were equally frequent."""
    hits, misses = np.mean(says[truth]), np.mean(says[~truth])
    return f"{hits / max(hits + misses, 1e-9):.1%}"
