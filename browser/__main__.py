"""Lets `python -m browser` build the page that answers in the visitor's own browser."""

from edge.cli.exits import start

start("browser.cli")
