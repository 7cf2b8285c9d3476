"""The commands `service ...`: the live runner as a service of this machine."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ServiceError, one_line
from ..live.settings import Settings
from ..service.unit import NAME, Unit
from .webcam import settings

app = typer.Typer(
    help="Lets systemd run 'webcam': at every start of the machine, and again when it fails.",
    no_args_is_help=True,
)
HOMES = (Path("/home"), Path("/root"), Path("/run/user"))


@app.command()
def install(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE] [-- OPTIONS]",
            help="As for 'webcam': /dev/video0 -- --max-fps 5",
            show_default="the first camera that works",
        ),
    ] = None,
    network: Annotated[
        bool, typer.Option("--network", help="Allow the network, as for a command; a URL has it.")
    ] = False,
    start: Annotated[bool, typer.Option(help="Start it now.")] = True,
) -> None:
    """Sets the service up, or changes it: it starts with the machine and waits for its camera.

    It runs as the user happysad of the group video, may write below /var/lib/happysad/service
    only, and logs JSON Lines to the journal: journalctl -u happysad -o cat. More rights for a
    command of --on-happy: systemctl edit happysad.
    """
    from ..service import systemd

    words = tuple(arguments or ())
    source = _parsed_source(words)
    is_url = "://" in source
    program = _program()
    is_in_home = _is_in_home(Path(program)) or _is_in_home(Path(sys.prefix))
    unit = Unit(program, words, network or is_url, is_in_home)
    systemd.install(unit, start=start)
    state = "runs, and starts" if start else "starts"
    print(f"{NAME} {state} with the machine: {one_line(source)}", file=sys.stderr)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="What systemd says, as one object.")] = (
        False
    ),
) -> None:
    """Says how the service is; exit code 1 where it is not running."""
    from ..service import systemd

    facts = systemd.status()
    is_active = facts.get("ActiveState") == "active"
    if as_json:
        print(json.dumps(facts, indent=2))
    elif facts.get("LoadState") != "loaded":
        print("not installed: 'happysad service install' does that")
    else:
        since = f" since {facts['ActiveEnterTimestamp']}" if is_active else ""
        print(f"{facts['ActiveState']} ({facts['SubState']}){since}, {facts['UnitFileState']}")
        print(f"{facts['NRestarts']} restarts; {facts['StatusText'] or 'no word from it'}")
        print(facts["LastLines"])
    raise typer.Exit(0 if is_active else 1)


@app.command()
def remove() -> None:
    """Ends the service and removes it and its user; what it has written stays."""
    from ..service import systemd

    was_there = systemd.remove()
    what = f"removed; its files are still in {systemd.STATE}" if was_there else "is not installed"
    print(f"{NAME} {what}", file=sys.stderr)


def _parsed_source(words: tuple[str, ...]) -> str:
    """The source among the words; a usage error where `webcam` would not take them as a service."""
    parser = typer.Typer(add_completion=False)
    parser.command()(settings)
    command = typer.main.get_command(parser)
    given: Settings = command.invoke(command.make_context("webcam", list(words)))
    if any(ord(character) < ord(" ") for word in words for character in word):
        raise typer.BadParameter("a line of a unit has no line breaks or other control characters")
    if given.show:
        raise typer.BadParameter("--show: a service has no window")
    model = given.model
    if model and len(model.parts) > 1 and _is_in_home(model.absolute()):
        raise typer.BadParameter(
            f"--model {model}: a service sees no home folders; 'sudo happysad model install' it"
        )
    return given.source


def _program() -> str:
    """The command as the user called it: through a link, it is still there after an upgrade."""
    called = Path(sys.argv[0])
    if called.name != "happysad":
        raise ServiceError("a service needs the installed command: pip install happysad-*.whl")
    return str(called.absolute())


def _is_in_home(path: Path) -> bool:
    return any(path.is_relative_to(home) for home in HOMES)
