"""Pictures, films and datasets that lie beside the checkout, in ../shared, and not in it."""

from pathlib import Path

import pytest

from tests.support.chain import ROOT

SHARED = ROOT.parent / "shared"


def shared(name: str) -> Path:
    """A file or folder of `../shared`; the test is skipped, and says so, where it is not there."""
    if not (SHARED / name).exists():
        pytest.skip(f"not beside this checkout: ../shared/{name}")
    return SHARED / name
