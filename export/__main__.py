"""Lets `python -m export` run the command line of export."""

from export.cli import main

main()
