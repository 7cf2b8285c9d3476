"""What came of a lesson: for programs, and in words that a child understands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .edges import ENOUGH
from .enough import ADVICE, NEEDED

KNOWN = 0.95  # of the pictures right, from which on there is hardly anything left to learn


@dataclass(frozen=True, slots=True)
class Report:
    """What came of teaching.

    Attributes:
        pictures: How many were looked at, and `moments` of how many moments they are.
        before: The `Score` of the old model, with the places of its wrong answers.
        after: That of the new one, or where none is better, of the one that came nearest.
        edges: As of `Verdict`.
        unseen: The answers of which there was no picture.
        again: Whether the old model had been taught before, and so may have seen the pictures.
        seconds: What fitting and judging took.
        content: Of the new model file; None where the model stays as it is.
    """

    pictures: int
    moments: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    edges: str
    unseen: Sequence[str]
    again: bool
    seconds: float
    content: bytes | None = field(repr=False)


def sentence(report: Report) -> str:
    """One or two sentences, in the words of the model."""
    count = report.pictures
    before, after = (count - len(score["wrong"]) for score in (report.before, report.after))
    if report.content is not None:
        return (
            f"I have learned something! Of your {count} pictures I knew {before} before, and now "
            f"I know {after}. {unseen_sentence(report.unseen)}"
        ).rstrip()
    if report.before["right"] >= KNOWN:
        return (
            f"I knew {before} of your {count} pictures already. There was hardly anything left to "
            "learn, so I stay as I was."
        )
    return (
        f"Thank you for showing me! I knew {before} of your {count} pictures, and practising did "
        f"not make me surely better, so I stay as I was. Other pictures help me most: {ADVICE}."
    )


def unseen_sentence(unseen: Sequence[str]) -> str:
    """What nobody knows of a model that was taught without pictures of one of its answers."""
    return " ".join(
        f"No {name} pictures: whether it still knows a {name} face was not looked at; it may now "
        f"call one {' or '.join(other for other in NEEDED if other != name)}."
        for name in unseen
    )


def again_sentence(again: bool) -> str:
    """What weakens the figures of a lesson after the first."""
    if not again:
        return ""
    return (
        "The model had been taught before: if it has seen some of these pictures, it does better "
        "on them than it would on new ones."
    )


def edges_sentence(edges: str) -> str:
    """Where the edges of "unsure" come from."""
    if edges == "chosen":
        return "When it is unsure was chosen anew, by these pictures."
    if edges == "kept":
        return "When it is unsure stays: no other choice is better by more than chance."
    pictures, moments = ENOUGH
    return (
        f"When it is unsure stays: to choose that anew takes {pictures} pictures of {moments} "
        "moments of each label."
    )


def facts(report: Report, numbers: Mapping[str, int]) -> dict[str, Any]:
    """All of it as JSON has it, with sentences; `numbers` are those of the pictures by places."""

    def score(given: Mapping[str, Any]) -> dict[str, Any]:
        known = [
            (numbers[place], said)
            for place, said in zip(given["wrong"], given["said"], strict=True)
            if place in numbers
        ]
        return {
            **given,
            "wrong": [number for number, _ in known],
            "said": [said for _, said in known],
            "count": report.pictures - len(given["wrong"]),
        }

    return {
        "pictures": report.pictures, "moments": report.moments, "seconds": report.seconds,
        "before": score(report.before), "after": score(report.after),
        "taken": report.content is not None,
        "sentence": sentence(report), "edges": edges_sentence(report.edges),
        "again": again_sentence(report.again),
    }  # fmt: skip
