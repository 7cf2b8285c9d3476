"""What a live loop says of faces that move: the share of each answer, frame by frame.

A face that is followed is answered otherwise than a picture: its evidence is smoothed over time,
and a label holds until another one is clear. Nobody has labelled webcam frames, so every picture
is made into a clip (`export.measure.scenes.film`), which is answered as a video is.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from data import LabelledFile
from edge.face_classifier import FaceClassifier
from edge.faces.boxes import Box
from edge.images.image_file import read_image
from edge.live.answerer import FaceAnswerer
from edge.machine.output_file import replacing
from edge.prediction import Prediction
from export.measure.scenes import CLIP_S, FPS, Scene, film

UNSURE = "unsure"
COLOURS = {"happy": "#E69F00", "sad": "#0072B2", "neutral": "#009E73", UNSURE: "#BBBBBB"}


@dataclass(frozen=True, slots=True)
class ClipShares:
    """What was said in the clips of faces that show the same.

    Attributes:
        shown: What the faces show.
        clips: How many there are.
        seen: Share of all frames in which the face had an answer, 0 to 1.
        said: Of these frames the share of each answer, "unsure" among them.
        changes: How often the answer changed, in a minute of these frames.
        over_time: The same as `said` for the first frame of a clip, the second, and so on; None
            for those in which no face had an answer yet.
    """

    shown: str
    clips: int
    seen: float
    said: dict[str, float]
    changes: float
    over_time: list[dict[str, float] | None]


def measure(
    faces: FaceClassifier,
    files: Sequence[LabelledFile],
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> list[ClipShares]:
    """Answers a clip of every picture, by what the pictures show.

    Args:
        faces: The detector and the model.
        files: Faces that fill their pictures; those that show none of the model's answers are
            passed over.
        seed: Another one makes other clips.
        progress: Called after each file.

    Raises:
        ImageError: A file cannot be read.
    """
    answers = faces.classifier.contract.decision.answers
    said: dict[str, list[list[str | None]]] = {label: [] for label in answers}
    for file in files:
        if file.label not in said:
            continue
        picture = read_image(file.path)
        # By content: a picture's clip is the same whatever other pictures there are.
        rng = np.random.default_rng([seed, zlib.crc32(picture.tobytes())])
        answerer = FaceAnswerer(faces)
        said[file.label].append(
            [
                _said(answerer.answer(scene.image, frame / FPS), scene)
                for frame, scene in enumerate(film(picture, rng))
            ]
        )
        if progress:
            progress()
    return [_shares(label, clips, [*answers, UNSURE]) for label, clips in said.items() if clips]


def table_text(found: Sequence[ClipShares]) -> str:
    """The shares in Markdown, a row for what the faces show."""
    labels = list(found[0].said)
    lines = [
        f"| shown | clips | with an answer | {' | '.join(labels)} | changes a minute |",
        f"|---|---:|---:|{'---:|' * len(labels)}---:|",
    ]
    for each in found:
        said = " | ".join(f"{share:.1%}" for share in each.said.values())
        lines.append(
            f"| {each.shown} | {each.clips} | {each.seen:.1%} | {said} | {each.changes:.1f} |"
        )
    return "\n".join(lines)


def plot(path: Path, found: Sequence[ClipShares]) -> None:
    """Draws the shares of the answers over the time of the clips.

    Args:
        path: The PNG to make.
        found: From `measure`.

    Raises:
        OutputError: The file cannot be written.
    """
    from matplotlib.figure import Figure  # takes 0.4 s to import; not every command draws
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for axes, each in zip(panels, found, strict=True):
        frames = [frame for frame, shares in enumerate(each.over_time) if shares]
        rows = [[shares[label] for shares in each.over_time if shares] for label in each.said]
        colours = [COLOURS[label] for label in each.said]
        axes.stackplot(
            [frame / FPS for frame in frames], rows, colors=colours, labels=list(each.said)
        )
        axes.set(
            title=f"{each.shown} faces", xlabel="seconds", xlim=(0, CLIP_S - 1 / FPS), ylim=(0, 1)
        )
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside right center")
    figure.suptitle("What a live loop says of a face that moves", fontsize=11)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)


def _said(predictions: Sequence[Prediction], scene: Scene) -> str | None:
    """What is said of the face that is there; None where it is not seen."""
    labels = [each.label for each in predictions if each.box and _is_there(each.box, scene)]
    return labels[0] if labels else None


def _is_there(box: Box, scene: Scene) -> bool:
    """Whether a box's centre lies in the middle of the face's own picture."""
    x, y, width, height = box
    off = np.array([x + width / 2, y + height / 2]) - scene.square.centre
    return bool(np.hypot(*off) < scene.square.side / 4)


def _shares(shown: str, clips: list[list[str | None]], labels: list[str]) -> ClipShares:
    seen = [[label for label in clip if label] for clip in clips]
    changes = sum(old != new for clip in seen for old, new in pairwise(clip))
    answered = [label for clip in seen for label in clip]
    return ClipShares(
        shown=shown,
        clips=len(clips),
        seen=len(answered) / sum(map(len, clips)),
        said=_of(answered, labels) or dict.fromkeys(labels, 0.0),
        changes=changes / max(len(answered) / FPS / 60, 1e-9),
        over_time=[
            _of([label for label in frame if label], labels) for frame in zip(*clips, strict=True)
        ],
    )


def _of(said: Sequence[str], labels: Sequence[str]) -> dict[str, float] | None:
    return {label: said.count(label) / len(said) for label in labels} if said else None
