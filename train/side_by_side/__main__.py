"""Lets `python -m train.side_by_side` train on a cluster."""

from edge.cli.exits import start

start("train.side_by_side.cli")
