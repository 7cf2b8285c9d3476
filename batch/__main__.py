"""Lets `python -m batch` classify an archive."""

from edge.cli.exits import start

start("batch.cli")
