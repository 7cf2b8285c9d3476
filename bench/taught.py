"""Whether teaching helps on faces that it was not taught with: `python -m bench.taught FACES`."""

if __name__ == "__main__":  # before the rest loads, so that Ctrl-C is no traceback there either
    from edge.cli.exits import start

    start("bench.taught")

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from data.folder import walk
from edge.classifier import Classifier
from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.images.image_file import is_image_name, read_image
from edge.images.preprocess import prepare
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from edge.model.decision import Decision
from edge.model.head import Head, read_head
from edge.teach.edges import UNSURE, answers
from edge.teach.fits import CANDIDATES
from edge.teach.teaching import features_of
from edge.teach.trial import try_all

app = one_command()

SEED = 0
OTHERS = ("angry", "disgust", "fear", "surprise")  # other expressions, where the folder has them


def dark(face: np.ndarray) -> np.ndarray:
    """At 18 % of the brightness."""
    return (0.18 * face).astype(np.uint8)


def covered(face: np.ndarray) -> np.ndarray:
    """With a gray bar over the mouth."""
    barred = face.copy()
    height = len(face)
    barred[round(0.63 * height) : round(0.93 * height)] = 128
    return barred


def pale(face: np.ndarray) -> np.ndarray:
    """At 30 % of the contrast, and bright."""
    return (160 + 0.3 * (face.astype(float) - 128)).astype(np.uint8)


def tilted(face: np.ndarray) -> np.ndarray:
    """By 25 degrees."""
    height, width = face.shape[:2]
    turned = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 25, 1)
    return cv2.warpAffine(face, turned, (width, height), borderMode=cv2.BORDER_REPLICATE)


KINDS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as they are": lambda face: face,
    "dark": dark,
    "mouth covered": covered,
    "pale": pale,
    "tilted": tilted,
}


@dataclass(frozen=True, slots=True)
class Row:
    """What came of teaching one kind of faces a few times.

    Attributes:
        kind: One of KINDS.
        count: How many of each label were shown.
        before: Share of the other faces that were right before, each label counted alike.
        gains: By how much it was higher where the result was taken; as often as it was.
        draws: How often that was tried.
        unsure: Shares of other expressions that were answered "unsure" before and after where the
            result was taken, on average; NaN where it never was, or there are none.
    """

    kind: str
    count: int
    before: float
    gains: tuple[float, ...]
    draws: int
    unsure: tuple[float, float]


@app.command()
def taught(
    faces: Annotated[Path, typer.Argument(help="Folder with happy/, sad/, neutral/: faces alone.")],
    counts: Annotated[
        list[int] | None,
        typer.Option("--count", help="Of each label that are shown.", show_default="50 and 100"),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, help="How often each is tried.")] = 6,
) -> None:
    """Teaches the shipped model some faces of each kind, and asks it about all the others."""
    print("| faces | shown of each | right before | taken | points won on the others | unsure |")
    print("|---|---:|---:|---:|---|---|")
    for row in measure(faces, counts or [50, 100], draws):
        print(row_text(row), flush=True)


def row_text(row: Row) -> str:
    """A row of the table."""
    won = ", ".join(f"{100 * gain:+.1f}" for gain in row.gains) or "-"
    before, after = row.unsure
    doubt = "-" if np.isnan(before) else f"{before:.0%}, then {after:.0%}"
    taken = f"{len(row.gains)} of {row.draws}"
    return f"| {row.kind} | {row.count} | {row.before:.0%} | {taken} | {won} | {doubt} |"


def measure(faces: Path, counts: list[int], draws: int) -> Iterator[Row]:
    """Each kind in turn.

    Args:
        faces: A folder of faces that are cut out.
        counts: How many of each label are shown.
        draws: How often others are drawn.
    """
    content = SHIPPED_MODEL.read_bytes()
    contract = Classifier(SHIPPED_MODEL, content=content).contract
    decision, head = contract.decision, read_head(content)
    names = [*decision.answers, *OTHERS]
    read = [
        (min(place, len(decision.answers)), read_image(path))
        for place, name in enumerate(names)
        for path in sorted(walk(faces / name))
        if is_image_name(path)
    ]
    labels = np.array([label for label, _ in read])
    for kind, change in KINDS.items():
        pixels = np.array([prepare(change(face), contract.input) for _, face in read])
        features = features_of(content, pixels, mirrored=decision.mirrored)
        for count in counts:
            yield _row(kind, count, draws, features, labels, head, decision)


def _row(
    kind: str, count: int, draws: int, features: np.ndarray, labels: np.ndarray, head: Head,
    decision: Decision,
) -> Row:  # fmt: skip
    chance = np.random.default_rng(SEED)
    known = len(decision.answers)
    gains, befores, doubts = [], [], []

    def judged(some: Head, by: Decision, held: np.ndarray) -> tuple[float, float]:
        given = answers(by, some.outputs(features[held]))
        shares = [(given == label)[labels[held] == label].mean() for label in range(known)]
        others = given[labels[held] == known]
        return float(np.mean(shares)), float((others == UNSURE).mean()) if len(others) else np.nan

    for _ in range(draws):
        shown = np.concatenate([
            chance.permutation(np.flatnonzero(labels == label))[:count] for label in range(known)
        ])  # fmt: skip
        held = np.setdiff1d(np.arange(len(labels)), shown)
        verdict = try_all(head, features[shown], labels[shown], np.arange(len(shown)), decision)
        before, doubt = judged(head, decision, held)
        befores.append(before)
        if verdict.is_better:
            new = CANDIDATES[verdict.best](head, features[shown], labels[shown])
            after, doubt_after = judged(new, verdict.decision, held)
            gains.append(after - before)
            doubts.append((doubt, doubt_after))
    unsure = tuple(np.mean(doubts or [(np.nan, np.nan)], axis=0).tolist())
    return Row(kind, count, float(np.mean(befores)), tuple(gains), draws, unsure)


def main() -> None:
    """Runs the command line."""
    run_command(app)
