"""Lets `python -m edge` run the device's command line."""

import sys

try:
    from .cli.main import main
except ModuleNotFoundError as error:  # what every command needs
    if error.name != "typer":
        raise
    sys.exit(f"error: typer is not installed: {sys.executable} -m pip install typer")

main()
