"""What the proof found out beside passed and failed; printed at its end."""

from collections import defaultdict

_lines: defaultdict[str, set[str]] = defaultdict(set)


def note(section: str, line: str) -> None:
    """Adds a line to a section of the report."""
    _lines[section].add(line)


def sections() -> list[tuple[str, list[str]]]:
    """Each section with its lines, both sorted."""
    return [(name, sorted(_lines[name])) for name in sorted(_lines)]
