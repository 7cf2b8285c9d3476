"""Lets `python -m export.measure` run the measurements."""

from export.measure.cli import main

main()
