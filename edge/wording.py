"""How numbers are said."""


def percent(part: float, whole: float) -> str:
    """A share as people read it: "55 %", and "<1 %" for what there is little of.

    Args:
        part: Not negative.
        whole: Of the same unit; of 0 every share is "0 %".
    """
    share = 100 * part / whole if whole else 0.0
    return "<1 %" if 0 < share < 0.5 else f"{share:.0f} %"


def band_text(band: tuple[float, float] | None) -> str:
    """The limits of one run, in place of the model's: "band 0.2 to 0.8"; empty without."""
    return "" if band is None else f"band {band[0]:g} to {band[1]:g}"


def counted(number: int, thing: str, things: str = "") -> str:
    """A number with its noun: "1 image", "2 images".

    Args:
        number: How many.
        thing: The noun, of one.
        things: Of several; with an s if left out.
    """
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
