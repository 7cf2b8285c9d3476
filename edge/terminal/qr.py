"""A QR code in the terminal, for the camera of a phone."""

from itertools import zip_longest

import segno  # one of the page's packages

QUIET = 2  # modules of margin; the standard asks for four, phones read it with less


def qr_lines(text: str) -> list[str]:
    """The code as lines of blocks, light on a dark terminal, two modules in each character."""
    rows = [list(row) for row in segno.make_qr(text, error="l").matrix_iter(border=QUIET)]
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue=[1] * len(rows[0]))
    # A dark module is a 1, and is the terminal's ground.
    return [
        "".join("█▀▄ "[2 * up + down] for up, down in zip(*pair, strict=True)) for pair in pairs
    ]
