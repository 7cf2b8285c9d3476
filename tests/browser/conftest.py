"""Fixtures: the built page, and a browser."""

from collections.abc import Iterator

import pytest

from tests.support.browser import Browser, chromium
from tests.support.built_page import page_folder

__all__ = ["page_folder"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened
