"""What `data check` has found, as text."""

from pathlib import Path

from data.check import Report
from data.few import SHIPPED_START, few_of
from data.folder import PARTS
from data.labels import ANSWERS
from edge.wording import counted

PLACEHOLDER = ".gitkeep"  # in the checkout's own folders, which git keeps by it


def check_text(report: Report, limit: int = 5) -> str:
    """The report as text.

    Args:
        report: From `data.check.check`.
        limit: How many findings of each kind are named.
    """
    rows = [["", *ANSWERS], ["image files", *(str(report.files[label]) for label in ANSWERS)]]
    for title, key in (("groups of look-alikes", "groups"), ("images in the largest", "largest")):
        rows.append([title, *(str(report.lookalikes[label][key]) for label in ANSWERS)])
    for part in PARTS:
        counts = ((report.images[part][label], report.groups[part][label]) for label in ANSWERS)
        rows.append([f"{part}: images/groups", *(f"{n}/{g}" for n, g in counts)])
    lines = [report.directory]
    lines += [f"  {row[0]:25}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in rows]
    if sizes := report.sizes:
        named = {"min": sizes.min, "median": sizes.median, "max": sizes.max}
        texts = (f"{name} {width}x{height}" for name, (width, height) in named.items())
        lines.append("  sizes in pixels: " + ", ".join(texts))
    ignored = [path for path in report.ignored if Path(path).name != PLACEHOLDER]
    found = {
        "ignored": [[path] for path in ignored],
        "unused folder": [[path] for path in report.unused_folders],
        "unreadable": report.unreadable,
        "identical": report.copies,
        "identical, labels differ": report.contradictory,
        "nearly identical, labels differ": report.near_contradictory,
        "identical, in two parts": report.in_two_parts,
        "alike once equalised": report.equalised_copies,
    }
    for title, items in found.items():
        lines += [f"  {title}: " + ", ".join(item) for item in items[:limit]]
        if len(items) > limit:
            lines.append(f"  {title}: and {len(items) - limit} more (all with --json)")
    lines += [f"warning: {text}" for text in report.warnings]
    lines += [f"problem: {text}" for text in report.problems]
    if few := [f"{count} {label}" for label, count in few_of(report.files).items()]:
        lines += [
            f"few pictures: {', '.join(few)}; a few hundred of each are a good start",
            SHIPPED_START,
        ]
    if not report.problems:
        seen = f"; {counted(len(report.warnings), 'warning')} above" if report.warnings else ""
        lines.append(f"no problems found{seen}")
    return "\n".join(lines)
