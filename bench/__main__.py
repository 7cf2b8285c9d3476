"""Lets `python -m bench` run the benchmark's command line."""

from bench.cli import main

main()
