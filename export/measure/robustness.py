"""What a model's answers are worth on worse pictures: blurred, dark, tilted, small, half covered.

The faces fill their pictures and go to the model as they are, without a detector, so that the
figures are the model's own. Every picture is made worse at the model's own size, as the last step
before it is fed; lengths are in 48ths of the side, which are pixels for a model of 48x48.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from data import CLASSES, LabelledFile
from data.scores import score
from data.three_answers import figures
from edge.classifier import Classifier
from edge.images.image_file import read_image
from edge.images.preprocess import InputSpec, prepare
from edge.machine.opencv import cv2
from edge.machine.output_file import replacing
from edge.model.decision import Decision, Scores, Thresholds, probabilities, softmax
from export.measure.variations import SERIES, Series

COLUMNS = 4  # charts side by side
COLUMNS_OF_TABLE = (
    ("Balanced accuracy", "balanced_accuracy", ".1%"),
    ("AUC", "auc", ".3f"),
    ("Sad from neutral, AUC", "auc_sad_neutral", ".3f"),
    ("Happy found", "happy_found", ".1%"),
    ("Sad found", "sad_found", ".1%"),
    ("Neutral called happy or sad", "neutral_called", ".1%"),
    ("Answered", "answered", ".1%"),
    ("Right when answered", "right_when_answered", ".1%"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """How the model does under one condition.

    Attributes:
        condition: What was done to the pictures, such as "size".
        level: How much of it, such as "24 px".
        images: How many answers the figures are of.
        balanced_accuracy: Mean of the two recalls when every picture is answered, 0 to 1.
        auc: Probability that a happy face scores higher than a sad one, 0 to 1.
        answered: Share of the pictures outside the decision band, 0 to 1.
        right_when_answered: Share of right answers among these; None if there are none.
        auc_sad_neutral: Probability that a sad face scores sadder than a neutral one, 0 to 1; this
            and the next three are None where no neutral faces are measured.
        happy_found: Share of the happy faces answered "happy".
        sad_found: Share of the sad ones answered "sad".
        neutral_called: Share of the neutral ones answered "happy" or "sad".
    """

    condition: str
    level: str
    images: int
    balanced_accuracy: float
    auc: float
    answered: float
    right_when_answered: float | None
    auc_sad_neutral: float | None = None
    happy_found: float | None = None
    sad_found: float | None = None
    neutral_called: float | None = None


def measure(
    classifier: Classifier,
    files: Sequence[LabelledFile],
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> list[Result]:
    """Answers every picture under every condition; the unchanged ones come first.

    Args:
        classifier: The model.
        files: Faces that fill their pictures, happy and sad ones, and neutral ones for a model that
            knows these; others are passed over.
        seed: Another one draws other noise, directions and sides.
        progress: Called after each file.

    Raises:
        ImageError: A file cannot be read.
    """
    spec = classifier.contract.input
    trials = [(series, level) for series in SERIES for level in series.levels]
    answers: list[list[Scores]] = [[] for _ in trials]
    files = [file for file in files if file.label in classifier.contract.decision.answers]
    for file in files:
        pixels = prepare(read_image(file.path), InputSpec(spec.width, spec.height, 3))
        picture = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        for index, (series, level) in enumerate(trials):
            # By content: a picture's noise is the same whatever other pictures there are.
            rng = np.random.default_rng([seed, index, zlib.crc32(picture.tobytes())])
            for sign in series.signs:
                changed = series.change(picture, level if sign > 0 else -level, rng)
                answers[index].append(classifier.scores(changed))
        if progress:
            progress()
    labels = np.array([file.label for file in files])
    return [
        _result(series, level, given, labels, classifier.contract.decision)
        for (series, level), given in zip(trials, answers, strict=True)
    ]


def _result(
    series: Series, level: object, given: Sequence[Scores], labels: np.ndarray, decision: Decision
) -> Result:
    """What the answers to pictures made worse amount to.

    Args:
        series: How they were made worse.
        level: How much.
        given: The model's scores: of every picture, as often as the series has signs.
        labels: str: the true labels of the pictures.
        decision: The model's.
    """
    true = np.repeat(labels, len(series.signs))
    likely = [probabilities(each) for each in given]
    happier = np.array([p.p_happy / max(p.p_happy + p.p_sad, 1e-9) for p in likely])
    of_two = np.isin(true, CLASSES)
    scores = score(happier[of_two], true[of_two] == "sad", (0.5, 0.5))
    assert scores is not None  # both classes are there
    answered = np.array([decision.label(each) for each in given])
    is_answer = answered != "unsure"
    right = (answered == true)[is_answer]
    result = Result(
        condition=series.condition,
        level=series.form.format(level),
        images=len(true),
        balanced_accuracy=scores.balanced_accuracy,
        auc=scores.auc,
        answered=float(is_answer.mean()),
        right_when_answered=float(right.mean()) if len(right) else None,
    )
    if not isinstance(decision, Thresholds):
        return result
    found = figures(np.array([softmax(each) for each in given]), true, decision)
    return (
        result
        if found is None
        else replace(
            result,
            auc_sad_neutral=found.auc_sad_neutral,
            happy_found=found.happy_found,
            sad_found=found.sad_found,
            neutral_called=found.neutral_called_happy + found.neutral_called_sad,
        )
    )


def table_text(results: Sequence[Result]) -> str:
    """The results as a Markdown table, a row for each; columns that say nothing are left out."""
    columns = [
        (title, name, form)
        for title, name, form in COLUMNS_OF_TABLE
        if any(getattr(each, name) is not None for each in results)
    ]
    lines = [
        f"| Pictures | {' | '.join(title for title, _, _ in columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    for each in results:
        name = f"{each.condition}, {each.level}" if each.level else each.condition
        values = [(getattr(each, field), form) for _, field, form in columns]
        cells = ["-" if value is None else format(value, form) for value, form in values]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(path: Path, results: Sequence[Result]) -> None:
    """Draws one small chart a condition: how far accuracy falls, and whether the model notices.

    Args:
        path: The PNG to make.
        results: From `measure`, the unchanged pictures first.

    Raises:
        OutputError: The file cannot be written.
    """
    from matplotlib.figure import Figure  # takes 0.4 s to import; not every command draws
    from matplotlib.ticker import PercentFormatter

    unchanged, *worse = results
    conditions = list(dict.fromkeys(each.condition for each in worse))
    rows = -(-len(conditions) // COLUMNS)
    figure = Figure(figsize=(11, 2.5 * rows), layout="constrained")
    panels = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel()
    for axes in panels:
        axes.axis("off")
    for axes, condition in zip(panels, conditions, strict=False):
        shown = [each for each in worse if each.condition == condition]
        levels = [each.level for each in shown]
        accuracy = [each.balanced_accuracy for each in shown]
        axes.axis("on")
        axes.axhline(0.5, color="gray", linestyle=":", label="guessing", zorder=0)
        axes.bar(levels, accuracy, width=0.65, color="tab:blue", label="balanced accuracy")
        for place, value in enumerate(accuracy):
            axes.text(place, 0.03, f"{value:.0%}", ha="center", color="white", fontsize=9)
        name = f"accuracy, unchanged ({unchanged.balanced_accuracy:.0%})"
        axes.axhline(unchanged.balanced_accuracy, color="tab:blue", linestyle="--", label=name)
        answered = [each.answered for each in shown]
        name = f"answered (unchanged {unchanged.answered:.0%})"
        axes.plot(levels, answered, "o", color="tab:orange", label=name)
        told = [each.auc_sad_neutral for each in shown]
        if unchanged.auc_sad_neutral is not None:
            name = f"sad from neutral, AUC (unchanged {unchanged.auc_sad_neutral:.2f})"
            axes.plot(levels, told, "s", color="tab:green", markersize=5, label=name)
        middle = (len(shown) - 1) / 2
        half = max(2.0, middle + 0.5)
        axes.set(title=condition, ylim=(0, 1.05), xlim=(middle - half, middle + half))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.tick_params(labelsize=8)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="lower right", bbox_to_anchor=(0.97, 0.06), fontsize=9)
    figure.suptitle("Faces made worse, and what the device's classifier makes of them")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
