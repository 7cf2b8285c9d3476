"""Lets `python -m train` run the command line of training."""

from edge.cli.exits import start

start("train.cli")
