"""Lets `python -m data` run the command line of datasets."""

from edge.cli.exits import start

start("data.cli")
