"""Lets `python -m bench` run the benchmark's command line."""

from edge.cli.exits import start

start("bench.cli")
