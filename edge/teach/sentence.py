"""What came of a lesson, as a child understands it."""

from .classroom import Report
from .edges import ENOUGH
from .enough import ADVICE

KNOWN = 0.95  # of the pictures right, from which on there is hardly anything left to learn


def sentence(report: Report) -> str:
    """One or two sentences, in the words of the model.

    Args:
        report: Of the lesson.
    """
    count = report.pictures
    before, after = (count - len(score["wrong"]) for score in (report.before, report.after))
    if report.content is not None:
        return (
            f"I have learned something! Of your {count} pictures I knew {before} before, and now "
            f"I know {after}."
        )
    if report.before["right"] >= KNOWN:
        return (
            f"I knew {before} of your {count} pictures already. There was hardly anything left to "
            "learn, so I stay as I was."
        )
    return (
        f"Thank you for showing me! I knew {before} of your {count} pictures, and practising did "
        f"not make me surely better, so I stay as I was. Other pictures help me most: {ADVICE}."
    )


def edges_sentence(edges: str) -> str:
    """Where the edges of "unsure" come from.

    Args:
        edges: As of `Verdict`.
    """
    if edges == "chosen":
        return "When it is unsure was chosen anew, by these pictures."
    if edges == "kept":
        return "When it is unsure stays: no other choice is better by more than chance."
    pictures, moments = ENOUGH
    return (
        f"When it is unsure stays: to choose that anew takes {pictures} pictures of {moments} "
        "moments of each label."
    )
