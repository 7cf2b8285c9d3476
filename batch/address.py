"""Addresses of files, as fsspec takes them; one without a scheme is a local path."""

from typing import Any
from urllib.parse import urlsplit

from fsspec.core import url_to_fs

from edge.errors import HappySadError, one_line
from edge.masking import masked, masked_text


def is_local(address: str) -> bool:
    """Whether it is a path of this machine."""
    return "://" not in address


def filesystem(address: str) -> tuple[Any, str]:
    """What opens an address, and the path there; settings are taken where fsspec looks for them.

    Args:
        address: Such as "photos", "s3://bucket/photos" or "http://host/photos/".

    Returns:
        An fsspec file system, and the path in its form.

    Raises:
        HappySadError: There is no such scheme, or the package for it is missing or refuses it.
    """
    try:
        return url_to_fs(address)
    except (ImportError, ValueError, TypeError) as error:
        raise HappySadError(f"{masked(address)}: {reason_of(error)}") from error


def has_secret(address: str) -> bool:
    """Whether an address shows a login or a signature, which no result may."""
    if is_local(address):
        return False
    parts = urlsplit(address)
    query = f"http://host/?{parts.query}"
    return "@" in parts.netloc or bool(parts.query and masked(query) != query)


def reason_of(error: BaseException) -> str:
    """What an error of a file system says, on one line and without passwords."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission to read"
    return one_line(masked_text(str(error)) or type(error).__name__)[:300]
