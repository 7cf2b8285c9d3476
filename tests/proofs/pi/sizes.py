"""How much of the disk an installation takes, and which of its packages most."""

import subprocess
from pathlib import Path

SIZES = "installed, as du counts it"  # the report's section
LARGEST = 5


def size_line(name: str, folder: Path) -> str:
    """The size of an environment, and of its largest parts.

    Args:
        name: What it is, such as "trixie".
        folder: The environment's.
    """
    (packages,) = folder.glob("lib/python*/site-packages")
    sizes = {
        path.name: _megabytes(path)
        for path in packages.iterdir()
        if not path.name.endswith(".dist-info")
    }
    largest = sorted(sizes, key=lambda package: -sizes[package])[:LARGEST]
    parts = ", ".join(f"{package} {sizes[package]:.0f}" for package in largest)
    return f"{name:24} {_megabytes(folder):4.0f} MB: {parts}"


def _megabytes(path: Path) -> float:
    done = subprocess.run(["du", "-sk", path], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0]) * 1024 / 1e6
