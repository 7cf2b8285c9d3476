"""A contact sheet: pictures in rows with a caption under each, as one PNG."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge.output_file import replacing

COLUMNS = 8


def write_contact_sheet(
    path: Path, title: str, pictures: Sequence[tuple[np.ndarray, str, str]]
) -> None:
    """Writes pictures in rows of COLUMNS; without pictures, a sheet that holds only the title.

    Args:
        path: The PNG to make.
        title: One line above the pictures.
        pictures: For each its pixels (uint8 (height, width, 3) RGB or (height, width, 1) gray),
            its caption, and the caption's colour (a matplotlib name).

    Raises:
        OutputError: The file cannot be written.
    """
    from matplotlib.figure import Figure  # takes 0.4 s to import; not every command draws

    rows = max(1, -(-len(pictures) // COLUMNS))
    columns = min(COLUMNS, max(4, len(pictures)))
    figure = Figure(figsize=(1.35 * columns, 1.5 * rows + 0.4), layout="constrained")
    figure.suptitle(title, fontsize=11)
    for place, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        axes.axis("off")
        if place < len(pictures):
            pixels, caption, colour = pictures[place]
            axes.imshow(pixels.squeeze(), cmap="gray", vmin=0, vmax=255)
            axes.text(
                0.5, -0.03, caption, transform=axes.transAxes, ha="center", va="top",
                fontsize=8, color=colour,
            )  # fmt: skip
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
