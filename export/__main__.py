"""Lets `python -m export` run the command line of export."""

from edge.cli.exits import start

start("export.cli")
