"""What was measured of crops: a table to read and a picture to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.machine.output_file import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = {
    "balanced_accuracy": ("balanced accuracy", "tab:blue"),
    "auc": ("happy from sad, AUC", "tab:orange"),
    "auc_sad_neutral": ("sad from neutral, AUC", "tab:green"),
}


@dataclass(frozen=True, slots=True)
class CropScores:
    """How well the model answers for the same faces, all cropped in one way.

    Attributes:
        margin: As `edge.faces.crop.crop_face` takes it; None for the pictures as they are.
        shift: The same.
        balanced_accuracy: Mean of the two classes' recalls, 0 to 1.
        auc: Probability that a happy face scores higher than a sad one, 0 to 1.
        p_right: Mean probability given to the true class, 0 to 1, all classes weighted alike.
        auc_sad_neutral: Probability that a sad face scores sadder than a neutral one, 0 to 1; None
            where no neutral faces are measured.
    """

    margin: float | None
    shift: float | None
    balanced_accuracy: float
    auc: float
    p_right: float
    auc_sad_neutral: float | None = None

    @property
    def judged(self) -> float:
        """What a crop is chosen by: the harder question that the faces can answer."""
        sad_neutral = self.auc_sad_neutral
        return self.balanced_accuracy if sad_neutral is None else sad_neutral


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where the detector's boxes lie in the faces' own pictures: 10th, 50th, 90th percentile.

    Attributes:
        ratio: Side of the picture, as a multiple of the longer side of the box.
        across: Of the box's centre, from the picture's left border (0) to its right one (1).
        down: Of the box's centre, from the picture's upper border (0) to its lower one (1).
    """

    ratio: tuple[float, ...]
    across: tuple[float, ...]
    down: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MarginReport:
    """What was measured.

    Attributes:
        scenes: How many of each class.
        found: In how many of them the face was found; all figures are of these.
        found_by_side: (from, to, share): of the faces so many pixels large, the share found.
        elsewhere: Faces seen where there is none.
        geometry: Boxes against pictures.
        used: (margin, shift) that the model runs with now.
        whole: The pictures as they are, without a scene: what a crop can reach.
        margins: One for each of MARGINS, with the shift that the model runs with.
        best_margin: Of these.
        shifts: One for each of SHIFTS, with the best margin.
        best_shift: Of these.
    """

    scenes: dict[str, int]
    found: dict[str, int]
    found_by_side: list[tuple[int, int, float]]
    elsewhere: int
    geometry: Geometry
    used: tuple[float, float]
    whole: CropScores
    margins: list[CropScores]
    best_margin: float
    shifts: list[CropScores]
    best_shift: float


def table_text(report: MarginReport) -> str:
    """The report in Markdown: what was found, where, and how every crop does."""
    geometry = report.geometry
    found, scenes = sum(report.found.values()), sum(report.scenes.values())
    sizes = ", ".join(
        f"{share:.0%} of those of {low} to {high} px" for low, high, share in report.found_by_side
    )
    lines = [
        f"{found} of {scenes} faces found ({sizes}); {report.elsewhere} seen where none is.",
        "",
        "| Box in the picture | 10th percentile | median | 90th |",
        "|---|---:|---:|---:|",
        _row("side of the picture / side of the box", geometry.ratio),
        _row("centre of the box, across", geometry.across),
        _row("centre of the box, down", geometry.down),
        "",
        "| Margin | Shift | Balanced accuracy | AUC | P(right) | Sad from neutral, AUC |",
        "|---:|---:|---:|---:|---:|---:|",
        _line("whole", "picture", report.whole),
        *(_line(f"{each.margin}", f"{each.shift:+.2f}", each) for each in report.margins),
        *(_line(f"{each.margin}", f"{each.shift:+.2f}", each) for each in report.shifts),
        "",
        f"Best: margin {report.best_margin}, then shift {report.best_shift:+.2f}; the model runs "
        "with margin {:g}, shift {:+g}.".format(*report.used),
    ]
    return "\n".join(lines)


def plot(path: Path, report: MarginReport) -> None:
    """Draws balanced accuracy and AUCs against margin and against shift.

    Args:
        path: The PNG to make.
        report: What was measured.

    Raises:
        OutputError: The file cannot be written.
    """
    from matplotlib.figure import Figure  # takes 0.4 s to import; not every command draws

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    by_margin, by_shift = figure.subplots(1, 2, sharey=True)
    _plot_row(by_margin, "margin", report.margins, report.best_margin, report.used[0])
    _plot_row(by_shift, "shift", report.shifts, report.best_shift, report.used[1])
    by_margin.set_xlabel("margin: side of the crop / side of the box")
    by_shift.set_xlabel(f"shift / side of the crop, with margin {report.best_margin}")
    for name, (_, colour) in LINES.items():
        for axes in (by_margin, by_shift):
            if (value := getattr(report.whole, name)) is not None:
                axes.axhline(value, color=colour, linestyle=":")
    by_margin.legend(fontsize=8)
    by_shift.legend(fontsize=8)
    figure.suptitle(
        f"{sum(report.found.values())} faces found in made-up scenes and cropped; "
        "dotted: their pictures as they are",
        fontsize=11,
    )
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)


def _plot_row(
    axes: "Axes", crop: str, row: Sequence[CropScores], chosen: float, used: float
) -> None:
    places = [getattr(each, crop) for each in row]
    for name, (label, colour) in LINES.items():
        values = [getattr(each, name) for each in row]
        if None not in values:
            axes.plot(places, values, marker="o", markersize=4, color=colour, label=label)
    axes.axvline(chosen, color="gray", label=f"best, smoothed: {chosen:g}")
    axes.axvline(used, color="gray", linestyle="--", label=f"in use: {used:g}")
    axes.grid(alpha=0.3)


def _row(name: str, values: Sequence[float]) -> str:
    return f"| {name} | " + " | ".join(f"{value:.2f}" for value in values) + " |"


def _line(margin: str, shift: str, each: CropScores) -> str:
    figures = (each.balanced_accuracy, each.auc, each.p_right, each.auc_sad_neutral)
    cells = ["-" if figure is None else f"{figure:.3f}" for figure in figures]
    return f"| {margin} | {shift} | {' | '.join(cells)} |"
