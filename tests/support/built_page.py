"""The page that answers in a browser, built once a session as `make site` builds it."""

import os
import shutil
from pathlib import Path

import pytest

from browser.build import build_page
from edge.errors import PackageError
from edge.model.choice import SHIPPED_MODEL
from tests.support.turns import turn


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder; npm fetches what it needs."""
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
