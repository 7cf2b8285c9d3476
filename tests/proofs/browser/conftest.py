"""Fixtures: the built page."""

from tests.support.built_page import page_folder

__all__ = ["page_folder"]
