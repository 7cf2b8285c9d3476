"""The options of `webcam` for the page and the metrics: what is served, and to whom."""

from pathlib import Path
from typing import Annotated

import typer

from ..web.place import parse_place

WebOption = Annotated[
    str | None,
    typer.Option(
        metavar="[HOST:]PORT",
        help="A page to look at in a browser: 8080 on this machine alone, 0.0.0.0:8080 also on "
        "others, with a token.",
    ),
]
TokenFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Holds the page's token.", show_default="one beside the models"
    ),
]
PageCertOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The page's TLS certificate (.pem).")
]
PageKeyOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The certificate's private key (.pem).")
]
ViewersOption = Annotated[
    int, typer.Option(min=1, max=50, help="How many may look at the page at a time.")
]
CollectedOption = Annotated[
    int,
    typer.Option(
        min=1, max=1_000_000, help="For pictures that are collected to teach with, MB at most."
    ),
]
MAX_PORT = 65535


def _port(text: str) -> int:
    """The value of `--metrics`.

    Raises:
        typer.BadParameter: It is no port; as where somebody wants to let other machines ask.
    """
    if text.isascii() and text.isdigit() and int(text) <= MAX_PORT:
        return int(text)
    raise typer.BadParameter(
        f"{text}: expected a port of this machine, 0 to {MAX_PORT}; other machines get /metrics of "
        "the page, behind its token: --web 0.0.0.0:8080"
    )


MetricsOption = Annotated[
    int | None,
    typer.Option(
        metavar="PORT",
        parser=_port,
        help="Of this machine, for Prometheus; the page has /metrics too.",
    ),
]


def check_page(web: str | None, certificate: Path | None, key: Path | None) -> None:
    """A usage error where the options of the page do not go together."""
    if web is not None:
        try:
            parse_place(web)
        except ValueError as error:
            raise typer.BadParameter(f"--web {error}") from error
    if (certificate is None) != (key is None):
        raise typer.BadParameter("--web-cert and --web-key belong together")
