"""Copies with the answers on them: what is written there can be read."""

import pytest

from edge.images.annotate import COLOURS, Colour, ink_on


def luminance(colour: Colour) -> float:
    """0 to 1, as WCAG 2.2 defines it of sRGB; the colour is B, G, R."""
    linear = [
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
        for x in (c / 255 for c in colour)
    ]
    return 0.0722 * linear[0] + 0.7152 * linear[1] + 0.2126 * linear[2]


@pytest.mark.parametrize("label", COLOURS)
def test_letters_stand_out_from_the_colour_of_their_label(label: str) -> None:
    dark, light = sorted(luminance(colour) for colour in (COLOURS[label], ink_on(COLOURS[label])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, 1.4.3
