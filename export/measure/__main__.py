"""Lets `python -m export.measure` run the measurements."""

from edge.cli.exits import start

start("export.measure.cli")
