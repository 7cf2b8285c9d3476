"""Few pictures: how many are few, and what to try before new weights."""

from collections.abc import Mapping

from data.labels import ANSWERS

# Of a label, held-out ones included. A rule of thumb, not measured; 160 are drawn by default.
FEW = 150

SHIPPED_START = (
    "if these are photographs of faces, start from the shipped model: "
    'add ARGS="--init faces" to make train'
)


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
    return SHIPPED_START if few or doubted else ""
