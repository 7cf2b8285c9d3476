"""Lets `python -m edge` run the device's command line; the `happysad` script begins here too."""

import sys

from .cli.exits import start


def main() -> None:
    """Runs the command line."""
    try:
        start(f"{__package__}.cli.main")
    except ModuleNotFoundError as error:  # what every command needs
        if error.name != "typer":
            raise
        sys.exit(f"error: typer is not installed: {sys.executable} -m pip install typer")


if __name__ == "__main__":
    main()
