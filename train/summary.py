"""What a run came to, in lines for people."""

from typing import Any

from data import CLASSES


def summarize(metrics: dict[str, Any]) -> str:
    """Why the training ended, which epoch was kept, and the scores on held-out images.

    Args:
        metrics: As `metrics.json` holds them.
    """
    lines = [
        f"stopped by: {metrics['stopped_by']}",
        f"kept: epoch {metrics['kept_epoch']} of {metrics['epochs']}"
        if metrics["kept_epoch"]
        else "kept: the original",
    ]
    # What the model that a fine-tuning started from was trained on is not known here.
    unseen = "not used in this fine-tuning" if metrics.get("before") else "not trained on"
    for part in ("validation", "test"):
        scores = metrics[part]
        if scores is None:
            lines.append(f"{part}: no images of both classes were held out, accuracy unknown")
            continue
        groups = sum(metrics["data"]["groups"][part][label] for label in CLASSES)
        lines.append(
            f"{part}: accuracy {scores['accuracy']:.1%} (95 % interval "
            f"{scores['accuracy_low']:.1%} to {scores['accuracy_high']:.1%}), recall happy "
            f"{scores['recall_happy']:.1%}, sad {scores['recall_sad']:.1%}, on "
            f"{scores['images']} images {unseen}, in {groups} groups of look-alikes"
        )
    if metrics.get("before"):
        lines += _before_and_after(metrics)
    return "\n".join([*lines, *metrics["data"]["notes"]])


def _before_and_after(metrics: dict[str, Any]) -> list[str]:
    """What fine-tuning changed, on the images that were not trained on."""
    low, high = metrics["decision_band"]
    before_low, before_high = metrics["before"]["decision_band"]
    lines = [
        "fine-tuning, before -> after:",
        f"  band of unsure: {before_low:.2f} to {before_high:.2f} -> {low:.2f} to {high:.2f}"
        + (" (kept)" if (before_low, before_high) == (low, high) else ""),
    ]
    for part in ("validation", "test"):
        before, after = metrics["before"][part], metrics[part]
        if before and after:
            figures = (
                f"{name.replace('_', ' ')} {before[name]:.1%} -> {after[name]:.1%}"
                for name in ("balanced_accuracy", "recall_happy", "recall_sad", "unsure")
            )
            lines.append(f"  {part} ({after['images']} images): {', '.join(figures)}")
    return lines
