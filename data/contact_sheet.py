"""A contact sheet: pictures in rows with a caption under each, as one PNG."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge.machine.opencv import cv2
from edge.machine.output_file import replacing

COLUMNS = 8  # at most; a title needs three
CELL_PX = 140  # side of a picture on the sheet
LINE_PX, MARGIN_PX, TITLE_PX = 13, 8, 36
DPI = 100


def write_contact_sheet(
    path: Path, title: str, pictures: Sequence[tuple[np.ndarray, str, str]]
) -> None:
    """Writes pictures in even rows; without pictures, a sheet that holds only the title.

    Args:
        path: The PNG to make.
        title: One line above the pictures.
        pictures: For each its pixels (uint8 (height, width, 3) RGB or (height, width, 1) gray),
            its caption, of one line or more, and the caption's colour (a matplotlib name).

    Raises:
        OutputError: The file cannot be written.
    """
    from matplotlib.figure import Figure  # takes 0.4 s to import; not every command draws

    rows = -(-len(pictures) // COLUMNS)
    columns = max(3, -(-len(pictures) // max(rows, 1)))
    lines = max((caption.count("\n") + 1 for _, caption, _ in pictures), default=1)
    caption_px = 9 + LINE_PX * lines
    width = MARGIN_PX + columns * (CELL_PX + MARGIN_PX)
    height = TITLE_PX + rows * (CELL_PX + caption_px)
    # One image and one set of axes: 40 small ones take matplotlib five times as long.
    sheet = np.full((height, width, 3), 255, np.uint8)
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.text(width / 2, TITLE_PX / 2, title, ha="center", va="center", fontsize=10)
    for place, (pixels, caption, colour) in enumerate(pictures):
        row, column = divmod(place, columns)
        left = MARGIN_PX + column * (CELL_PX + MARGIN_PX)
        top = TITLE_PX + row * (CELL_PX + caption_px)
        cell = cv2.resize(pixels, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA)
        sheet[top : top + CELL_PX, left : left + CELL_PX] = cell.reshape(CELL_PX, CELL_PX, -1)
        middle = left + CELL_PX / 2, top + CELL_PX + caption_px / 2
        axes.text(*middle, caption, ha="center", va="center", fontsize=7.5, color=colour)
    axes.imshow(sheet, extent=(0, width, height, 0), aspect="auto")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=DPI)
