"""Fixtures: the built page, once a session, and a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser.build import build_page
from edge.errors import PackageError
from edge.model.choice import SHIPPED_MODEL
from tests.support.browser import Browser, chromium
from tests.support.turns import turn


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make site` builds it; npm fetches what it needs."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "page"
    if not shutil.which("npm"):
        pytest.skip("no npm: apt install npm")
    with turn(folder.with_name("page.lock")):
        if not folder.exists():
            try:
                build_page(SHIPPED_MODEL, folder)
            except PackageError as error:
                pytest.skip(str(error))
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened
