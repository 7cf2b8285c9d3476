"""Lets `python -m pi` build what a Raspberry Pi installs."""

from pi.cli import main

main()
