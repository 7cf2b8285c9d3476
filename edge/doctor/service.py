"""The service, where there is one: whether its unit, which everybody can read, has a password."""

from collections.abc import Iterator
from pathlib import Path

from ..machine import kernel_file
from ..masking import masked_text
from ..service.unit import NAME
from .finding import Finding

FOLDER = Path("/etc/systemd/system")


def service(folder: Path = FOLDER) -> Iterator[Finding]:
    """What its unit shows; versions before this one wrote the source into it.

    Args:
        folder: Where units are.
    """
    text = kernel_file.read(folder / NAME) or ""
    lines = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    if any(masked_text(line) != line for line in lines):
        yield Finding(
            "service", "problem", f"{folder / NAME} shows a password to everybody",
            "sudo happysad service install --source-file FILE, with the address in that file",
        )  # fmt: skip
