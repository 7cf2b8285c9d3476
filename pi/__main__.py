"""Lets `python -m pi` build what a Raspberry Pi installs."""

from edge.cli.exits import start

start("pi.cli")
