"""Whether pictures are enough to learn from, and which are missing."""

from collections.abc import Mapping, Sequence

from ..wording import counted

PICTURES, MOMENTS = 10, 5  # of each label, at least
NEEDED = ("happy", "sad")  # of the labels; a third one may be left out altogether
ADVICE = "another light, another day, with and without glasses"


def missing(counts: Mapping[str, tuple[int, int]]) -> list[str]:
    """What is missing of each label, such as "4 pictures of sad"; nothing where all is enough.

    Counted are the pictures of each, and of how many moments they are.
    """
    lacks = []
    for label, (pictures, moments) in counts.items():
        if not pictures and label not in NEEDED:
            continue
        if pictures < PICTURES:
            lacks.append(f"{counted(PICTURES - pictures, 'picture')} of {label}")
        elif moments < MOMENTS:
            lacks.append(f"{counted(MOMENTS - moments, 'moment')} of {label}")
    return lacks


def listed(parts: Sequence[str]) -> str:
    """Parts as a sentence has them: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
