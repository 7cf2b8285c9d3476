"""One thing that was examined, and its state."""

from dataclasses import dataclass
from typing import Literal

from ..errors import one_line


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one thing.

    Attributes:
        what: The thing, in a word of at most eleven letters: "runtime", "camera".
        state: "ok"; "note": it works, or need not; "problem": the runner will not work (well).
        found: What was seen.
        fix: What to do; None where there is nothing to do, or `found` says it.
    """

    what: str
    state: Literal["ok", "note", "problem"]
    found: str
    fix: str | None


def judged(
    what: str, found: str, is_fine: bool, fix: str, state: Literal["note", "problem"] = "problem"
) -> Finding:
    """What is ok, or in this state with a fix."""
    return Finding(what, "ok", found, None) if is_fine else Finding(what, state, found, fix)


def text_line(finding: Finding) -> str:
    """The finding as a line of a table."""
    fix = f": {finding.fix}" if finding.fix else ""
    return one_line(f"{finding.state:8} {finding.what:12}{finding.found}{fix}")
