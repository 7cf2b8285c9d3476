"""Lets `python -m train` run the command line of training."""

from train.cli import main

main()
