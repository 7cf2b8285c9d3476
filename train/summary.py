"""What a run came to, in lines for people."""

from collections.abc import Mapping
from typing import Any

from data import ANSWERS, CLASSES
from data.few import advice
from data.tally import Tally
from edge.model.chance import doubt
from edge.wording import counted

MIN_IMAGES = 10  # of a class to train on; `data check` calls fewer a problem
# The figures that fine-tuning is judged by.
TWO_ANSWERS = ("balanced_accuracy", "recall_happy", "recall_sad", "unsure")
THREE_ANSWERS = ("happy_found", "sad_found", "neutral_found", "right")


def summarize(metrics: dict[str, Any]) -> str:
    """Why the training ended, which epoch was kept, and the scores on held-out images.

    Args:
        metrics: As `metrics.json` holds them.
    """
    lines = [f"stopped by: {metrics['stopped_by']}"]
    if metrics["kept_epoch"]:
        lines.append(f"kept: epoch {metrics['kept_epoch']} of {metrics['epochs']}")
    if "verdict" in metrics:
        lines.append(metrics["verdict"])
    # What the model that a fine-tuning started from was trained on is not known here.
    unseen = "not used in this fine-tuning" if metrics.get("before") else "not trained on"
    for part in ("validation", "test"):
        scores = metrics[part]
        if scores is None:
            lines.append(f"{part}: {_tally_text(Tally(metrics['answered'][part]), unseen)}")
            continue
        if "sad_found" in scores:
            lines.append(_three_answers(part, scores))
            continue
        groups = sum(metrics["data"]["groups"][part][label] for label in CLASSES)
        lines.append(
            f"{part}: accuracy {scores['accuracy']:.1%} (95% interval "
            f"{scores['accuracy_low']:.1%} to {scores['accuracy_high']:.1%}), recall happy "
            f"{scores['recall_happy']:.1%}, sad {scores['recall_sad']:.1%}, on "
            f"{counted(scores['images'], 'image')} {unseen}, in {counted(groups, 'group')} of "
            "look-alikes"
        )
    if metrics.get("before"):
        lines += _before_and_after(metrics)
    return "\n".join([*lines, *metrics["data"]["notes"], *limits(metrics)])


def limits(metrics: Mapping[str, Any]) -> list[str]:
    """What the figures do not show: answers of which none was held out, mere guessing, few images.

    Args:
        metrics: As `metrics.json` holds them.
    """
    answered, images = metrics["answered"], metrics["data"]["images"]
    lines = [
        f"no {label} image was held out: nothing is known of these"
        for label, trained in images["train"].items()
        if label in ANSWERS and trained
        and not any(images[part].get(label) for part in ("validation", "test"))
    ]  # fmt: skip
    part = "test" if metrics["test"] else "validation"
    counts = {label: sum(row.values()) for label, row in answered[part].items()}
    doubted = doubt(metrics[part] or {}, counts, part)
    if doubted:
        lines.append(f"warning: {doubted}")
    few, label = min((images["train"][label], label) for label in CLASSES)
    if few < MIN_IMAGES:
        lines.append(f"warning: {few_images(few, label)}")
    if not metrics.get("before") and (said := advice(images, doubted=bool(doubted))):
        lines.append(said)
    return lines


def few_images(few: int, label: str) -> str:
    """That a class has too few images to train on.

    Args:
        few: How many.
        label: Of the class.
    """
    return (
        f"{counted(few, f'{label} image')} to train on {'is' if few == 1 else 'are'} too few to "
        "learn from: add more, and see 'make check'"
    )


def _tally_text(answered: Tally, unseen: str) -> str:
    """The answers in numbers, where images of some answer are missing and shares say little."""
    if not answered.images:
        return "no images were held out, accuracy unknown"
    rows = (
        f"{row.get(label, 0)} of {sum(row.values())} {label}"
        for label, row in answered.counts.items()
    )
    return (
        f"right {', '.join(rows)}; {answered.wrong} wrong and {answered.unsure} unsure of "
        f"{counted(answered.images, 'image')} {unseen}"
    )


def _three_answers(part: str, scores: dict[str, Any]) -> str:
    return (
        f"{part}: of {scores['images']} faces found happy {scores['happy_found']:.1%}, sad "
        f"{scores['sad_found']:.1%}, neutral {scores['neutral_found']:.1%}; neutral called happy "
        f"{scores['neutral_called_happy']:.1%}, sad {scores['neutral_called_sad']:.1%}; right when "
        f"answered {_share(scores['right'])}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _before_and_after(metrics: dict[str, Any]) -> list[str]:
    """What fine-tuning changed, on the images that were not trained on."""
    if not metrics["kept_epoch"]:
        return []
    before, after = _operating_point(metrics["before"]), _operating_point(metrics)
    lines = [f"{before}{'' if before == after else f' -> {after}'}"]
    for part in ("validation", "test"):
        old, new = metrics["before"][part], metrics[part]
        if old and new:
            names = TWO_ANSWERS if "recall_sad" in new else THREE_ANSWERS
            figures = (f"{n.replace('_', ' ')} {_share(old[n])} -> {_share(new[n])}" for n in names)
            lines.append(f"{part}, before -> after: {', '.join(figures)}")
    return lines


def _operating_point(metrics: dict[str, Any]) -> str:
    if "thresholds" in metrics:
        edges = (f"{label} {edge:.2f}" for label, edge in metrics["thresholds"].items())
        lead = f"; lead {metrics['lead']:.2f}" if metrics.get("lead") else ""
        return f"answered from: {', '.join(edges)}{lead}"
    low, high = metrics["decision_band"]
    return f"band of unsure: {low:.2f} to {high:.2f}"
