"""Who got which answer, as a table whose colours say how much is right."""

from collections.abc import Mapping

from data.three_answers import UNSURE


def matrix(counts: Mapping[str, Mapping[str, int]]) -> str:
    """A table as HTML: a row for each label, a column for each answer, "unsure" the last.

    Args:
        counts: As `Tally.counts`, not empty.
    """
    answers = "".join(f"<th scope=col>{answer}" for answer in next(iter(counts.values())))
    rows = "".join(
        f"<tr><th scope=row>{label}"
        + "".join(_cell(kind(label, answer), n, sum(row.values())) for answer, n in row.items())
        for label, row in counts.items()
    )
    return f"<table class=matrix><tr><td>{answers}{rows}</table>"


def kind(label: str, answer: str) -> str:
    """What an answer is, which decides its colour: "right", "unsure" or "wrong"."""
    return "right" if label == answer else "unsure" if answer == UNSURE else "wrong"


def opacity(share: float) -> float:
    """How strong the colour is for a share of a label's images, 0 to 1: text stays readable."""
    return 0.06 + 0.5 * share


def _cell(colour: str, count: int, total: int) -> str:
    share = count / total
    shade = f"rgba(var(--{colour}),{opacity(share):.2f})"
    return f'<td style="background:{shade}">{count}<small>{share:.0%}</small>'
