"""What people are told of where the page is."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from ..terminal.qr import qr_lines

HIDDEN = "***"  # in the place of the token, as the masking of logs has it


def invitation(addresses: Sequence[str], token: str) -> list[str]:
    """Lines for a person at a terminal, secret and all: addresses, the first as a QR code too."""
    keys = [f"{address}?token={quote(token, safe='')}" for address in addresses]
    return [*(f"page: {key}" for key in keys), *qr_lines(keys[0])]


def directions(addresses: Sequence[str], token_file: Path | None) -> list[str]:
    """Lines for whatever else reads them, such as a log, which is no place for a secret."""
    where = [f"page: {address}" for address in addresses]
    if token_file is None:
        return where
    key = f"{addresses[0]}?token={HIDDEN}"
    return [*where, f"page: open {key} once, with the token from {token_file} in place of {HIDDEN}"]
