"""Few photographs: how many are few, and what does better with them than new weights."""

from collections.abc import Mapping

from data.labels import ANSWERS

# Of a label, held-out ones included. The default drawn faces are more: the shipped model knows no
# cartoons, and the exercise's network learns these.
FEW = 150


def few_of(counts: Mapping[str, int]) -> dict[str, int]:
    """The answers that have fewer images than FEW, and how many; those without any are left out."""
    return {label: counts[label] for label in ANSWERS if 0 < counts.get(label, 0) < FEW}


def advice(images: Mapping[str, Mapping[str, int]], *, doubted: bool) -> str:
    """What to do about a model of new weights that has seen little, or learned nothing; else "".

    Args:
        images: Numbers of images by part, then by label.
        doubted: Its figures could be those of guessing.
    """
    labels = {label for counts in images.values() for label in counts}
    few = few_of({x: sum(counts.get(x, 0) for counts in images.values()) for x in labels})
    return shipped_start(few=bool(few)) if few or doubted else ""


def shipped_start(*, few: bool) -> str:
    """How to train from the shipped model.

    Args:
        few: Whether few photographs are the reason.
    """
    start = "with so few photographs start" if few else "start"
    return f'{start} from the shipped model: add ARGS="--init faces" to make train'
