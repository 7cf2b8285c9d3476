"""How numbers are said."""

UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}  # of time, in seconds


def percent(part: float, whole: float) -> str:
    """A share as people read it: "55 %", "<1 %" where there is little, "0 %" of nothing."""
    share = 100 * part / whole if whole else 0.0
    return "<1 %" if 0 < share < 0.5 else f"{share:.0f} %"


def band_text(band: tuple[float, float] | None) -> str:
    """The limits of one run, in place of the model's: "band 0.2 to 0.8"; empty without."""
    return "" if band is None else f"band {band[0]:g} to {band[1]:g}"


def counted(number: int, thing: str, things: str = "") -> str:
    """A number with its noun: "1 image", "2 images"."""
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"


def duration(seconds: float) -> str:
    """A length of time in one or two units, as people say it: 45 s, 3 min 20 s, 2 d 5 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    left, counts = round(seconds), []
    for unit, size in reversed(UNITS.items()):
        count, left = divmod(left, round(size))
        counts.append((count, unit))
    first = next(place for place, (count, _) in enumerate(counts) if count)
    return " ".join(f"{count} {unit}" for count, unit in counts[first : first + 2] if count)
