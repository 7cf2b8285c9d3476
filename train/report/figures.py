"""The figures of a run, each share with its interval."""

from collections.abc import Mapping
from typing import Any

from edge.model.chance import wilson
from edge.model.contract_text import AREAS, SHARES

ROWS = {  # of metrics.json: of which images they are shares
    "accuracy": "all",
    "balanced_accuracy": "happy and sad",
    "recall_happy": "happy",
    "recall_sad": "sad",
    "happy_found": "happy",
    "sad_found": "sad",
    "neutral_found": "neutral",
    "neutral_called_happy": "neutral",
    "neutral_called_sad": "neutral",
    "right": "answered",
    "unsure": "all",
    **dict.fromkeys(AREAS, ""),  # no shares
}


def figure_rows(metrics: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The head of a table and its rows; none where nothing is known.

    Args:
        metrics: As `metrics.json` holds them.
    """
    parts = [part for part in ("validation", "test") if metrics[part]]
    columns = {part: (metrics[part], _images(metrics, part)) for part in parts}
    for part, figures in (metrics.get("before") or {}).items():
        if figures and part in parts:
            columns[f"{part}, before"] = figures, _images(metrics, part)
    rows = [
        [
            {**SHARES, **AREAS}[key],
            *(_cell(figures, key, of, images) for figures, images in columns.values()),
        ]
        for key, of in ROWS.items()
        if any(key in figures for figures, _ in columns.values())
    ]
    return ["", *columns], rows


def _images(metrics: Mapping[str, Any], part: str) -> dict[str, float]:
    """How many held-out images show what."""
    rows = metrics["answered"][part].items()
    images: dict[str, float] = {label: sum(row.values()) for label, row in rows}
    # A mean of two shares varies as one of so many does.
    images["happy and sad"] = 4 / (1 / images["happy"] + 1 / images["sad"])
    return images


def _cell(figures: Mapping[str, Any], key: str, of: str, images: Mapping[str, float]) -> str:
    value = figures.get(key)
    if value is None:
        return "-"
    if not of:
        return f"{value:.3f}"
    count = images.get(of, figures["images"])
    if of == "answered":
        count *= 1 - figures["unsure"]
    if not count:
        return f"{value:.1%}"
    low, high = wilson(value, count)
    return f"{value:.1%} ({low:.1%} to {high:.1%})"
