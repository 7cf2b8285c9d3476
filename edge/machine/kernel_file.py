"""Small files in which the kernel describes the machine: /proc, /sys, /dev."""

from pathlib import Path


def read(path: Path) -> str | None:
    """The content of a file, without its end of line; None where it cannot be read or is empty."""
    try:
        return path.read_text(errors="replace").strip().strip("\0") or None
    except OSError:
        return None


def read_int(path: Path, base: int = 10) -> int | None:
    """The number in a file; None where there is none."""
    try:
        return int(read(path) or "", base)
    except ValueError:
        return None


def entries(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
