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
        + "".join(_cell(_colour(label, answer), n, sum(row.values())) for answer, n in row.items())
        for label, row in counts.items()
    )
    return f"<table class=matrix><tr><td>{answers}{rows}</table>"


def _cell(colour: str, count: int, total: int) -> str:
    share = count / total
    shade = f"rgba(var(--{colour}),{0.06 + 0.5 * share:.2f})"
    return f'<td style="background:{shade}">{count}<small>{share:.0%}</small>'


def _colour(label: str, answer: str) -> str:
    return "right" if label == answer else "unsure" if answer == UNSURE else "wrong"
