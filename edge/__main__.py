"""Lets `python -m edge` run the device's command line."""

from edge.cli import main

main()
