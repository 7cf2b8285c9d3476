"""The commands `service ...`: the live runner as a service of this machine."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ServiceError, one_line
from ..live.settings import Settings
from ..masking import masked, masked_text
from ..service.unit import NAME, WORK, Unit
from ..web.place import parse_place
from .command_list import commands
from .keeping import folders_of_a_service
from .service_words import is_in_home, network_of, parsed, source_and_options, without_secrets
from .source import source_of

app = commands(
    help="Lets systemd run 'webcam': at every start of the machine, and again when it fails."
)


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
    source_file: Annotated[
        Path | None,
        typer.Option(
            help="A file whose first line is the source, so that a password in it is in no list "
            "of processes and no log of sudo. - is stdin."
        ),
    ] = None,
    network: Annotated[
        bool, typer.Option("--network", help="Allow the network, as for a command; a URL has it.")
    ] = False,
    web: Annotated[
        str | None,
        typer.Option(
            metavar="[HOST:]PORT", help="Serve the page: short for '-- --web [HOST:]PORT'."
        ),
    ] = None,
    mqtt: Annotated[
        str | None,
        typer.Option(
            metavar="mqtt[s]://HOST[:PORT]", help="Tell a broker: short for '-- --mqtt ...'."
        ),
    ] = None,
    mqtt_login: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Short for '-- --mqtt-login FILE'.")
    ] = None,
    start: Annotated[bool, typer.Option(help="Start it now.")] = True,
) -> None:
    """Sets the service up, or changes it: it starts with the machine and waits for its camera.

    It runs as the user happysad of the group video, may write below /var/lib/happysad/service and
    into the folders of --history, --photo, --clip and --keep-doubtful only, and logs JSON Lines to
    the journal: journalctl -u happysad -o cat. More rights for a command of --on-happy: systemctl
    edit happysad. The source, which may have a password, is in no unit and no list of processes:
    root keeps it in /var/lib/happysad/source. The files of --web-cert, --web-key, --mqtt-login,
    --mqtt-ca, --mqtt-cert and --mqtt-key stay where they are: systemd reads them as root at each
    start.
    """
    from ..service import systemd
    from ..web.token import NAME as TOKEN_NAME

    words = (*(arguments or ()), *(("--web", web) if web else ()))
    words += ("--mqtt", mqtt) if mqtt else ()
    words += ("--mqtt-login", str(mqtt_login)) if mqtt_login else ()
    source, options = source_and_options(words)
    source = source_of(source, source_file)
    given = parsed(options)
    is_for_others = given.web is not None and not parse_place(given.web).is_loopback
    if is_for_others and given.web_token_file is None:
        options = (*options, "--web-token-file", str(WORK / TOKEN_NAME))
    options, secrets = without_secrets(options)
    program = _program()
    in_home = is_in_home(Path(program)) or is_in_home(Path(sys.prefix))
    reach = "any" if network else network_of(source, given)
    folders = folders_of_a_service(given.keep)
    unit = Unit(program, options, source != "auto", reach, in_home, folders, secrets)
    systemd.install(unit, source, start=start)
    state = "runs, and starts" if start else "starts"
    print(f"{NAME} {state} with the machine: {one_line(masked(source))}", file=sys.stderr)
    if is_for_others and start:
        _invite(replace(given, web_token_file=parsed(options).web_token_file))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="What systemd says, as one object.")] = (
        False
    ),
) -> None:
    """Says how the service is; exit code 1 where it is not running."""
    from ..service import systemd

    # The last lines may be of a version that named the source as it was.
    facts = {name: masked_text(value) for name, value in systemd.status().items()}
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


def _invite(given: Settings) -> None:
    """Says where the page is: the service has made its token by now."""
    from ..web.invitation import directions, invitation
    from ..web.token import read_token

    assert given.web
    assert given.web_token_file
    place, token_file = parse_place(given.web), WORK / given.web_token_file
    addresses = place.addresses("https" if given.web_cert else "http", place.port)
    if sys.stderr.isatty():
        lines = invitation(addresses, read_token(token_file))
    else:
        lines = directions(addresses, token_file)
    print("\n".join(lines), file=sys.stderr)


def _program() -> str:
    """The command as the user called it: through a link, it is still there after an upgrade."""
    called = Path(sys.argv[0])
    if called.name != "happysad":
        raise ServiceError("a service needs the installed command: pip install happysad-*.whl")
    return str(called.absolute())
