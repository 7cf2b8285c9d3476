"""The commands `service ...`: the live runner as a service of this machine."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..camera.source_file import read_source
from ..errors import ServiceError, one_line
from ..live.settings import Settings
from ..masking import masked, masked_text
from ..mqtt.access import Access, need_paho
from ..mqtt.address import parse_address
from ..service.unit import NAME, WORK, Network, Unit, is_writable
from ..web.place import parse_place
from .command_list import commands
from .keeping import folders_of_a_service
from .webcam import settings

app = commands(
    help="Lets systemd run 'webcam': at every start of the machine, and again when it fails."
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
    root keeps it in /var/lib/happysad/source. The files of --mqtt-login, --mqtt-ca, --mqtt-cert and
    --mqtt-key stay where they are: systemd reads them as root at each start.
    """
    from ..service import systemd
    from ..web.token import NAME as TOKEN_NAME

    words = (*(arguments or ()), *(("--web", web) if web else ()))
    words += ("--mqtt", mqtt) if mqtt else ()
    words += ("--mqtt-login", str(mqtt_login)) if mqtt_login else ()
    source, options = _source_and_options(words)
    if source_file:
        if source != "auto":
            raise typer.BadParameter("--source-file and a source: give one of them")
        source = read_source(source_file)
    given = _parsed(options)
    is_for_others = given.web is not None and not parse_place(given.web).is_loopback
    if is_for_others and given.web_token_file is None:
        options = (*options, "--web-token-file", str(WORK / TOKEN_NAME))
    options, secrets = _secrets(options)
    program = _program()
    is_in_home = _is_in_home(Path(program)) or _is_in_home(Path(sys.prefix))
    reach = "any" if network else _reach(source, given)
    folders = folders_of_a_service(given.keep)
    unit = Unit(program, options, source != "auto", reach, is_in_home, folders, secrets)
    systemd.install(unit, source, start=start)
    state = "runs, and starts" if start else "starts"
    print(f"{NAME} {state} with the machine: {one_line(masked(source))}", file=sys.stderr)
    if is_for_others and start:
        _invite(_parsed(options))


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


def _reach(source: str, given: Settings) -> Network:
    """What of the network a source, a page, a broker and metrics need."""
    access = given.tell.mqtt
    is_far = access is not None and not parse_address(access.address).is_loopback
    if "://" in source or is_far:
        return "any"
    if given.web is not None and not parse_place(given.web).is_loopback:
        return "neighbours"
    is_near = given.web is not None or access or given.tell.metrics is not None
    return "this machine" if is_near else "none"


def _secrets(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The words without the files that the service cannot read itself, and those, after a look."""
    given = _parsed(words)
    access = given.tell.mqtt
    if access is None:
        return words, ()
    from ..mqtt.broker import broker

    need_paho()
    broker(access)
    secrets = []
    for option, path in access.files.items():
        secrets.append((option, str(path.absolute())))
        words = tuple(
            word
            for before, word in zip(("", *words), words, strict=False)
            if option not in (word, before) and not word.startswith(f"{option}=")
        )
    without = replace(given.tell, mqtt=Access(access.address))
    if _parsed(words) != replace(given, tell=without):
        raise typer.BadParameter("give --mqtt-login, -ca, -cert and -key once")
    return words, tuple(secrets)


def _source_and_options(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The source, and the other words; a usage error where `webcam` would not take them so."""
    if any(word.startswith("--source-file") for word in words):
        raise typer.BadParameter("--source-file: give it before the --")
    given = _parsed(words)
    if any(ord(character) < ord(" ") for word in words for character in word):
        raise typer.BadParameter("a line of a unit has no line breaks or other control characters")
    if given.show:
        raise typer.BadParameter("--show: a service has no window")
    model = given.model
    if model and len(model.parts) > 1 and _is_in_home(model.absolute()):
        raise typer.BadParameter(
            f"--model {model}: a service sees no home folders; 'sudo happysad model install' it"
        )
    for option, path in (
        ("--record", given.record),
        ("--report", given.report),
        ("--web-token-file", given.web_token_file),  # made there, or read as the service's user
    ):
        if path and not is_writable(path):
            raise typer.BadParameter(
                f"{option} {one_line(path)}: a service may write below {WORK} only: give a name "
                "without a folder"
            )
    folders_of_a_service(given.keep)
    if given.source == "auto":
        return "auto", words
    for place, word in enumerate(words):
        # The same word may also be the value of an option.
        others = words[:place] + words[place + 1 :]
        if word == given.source and _parsed(others) == replace(given, source="auto"):
            return given.source, others
    raise typer.BadParameter("give the source before the --")


def _parsed(words: tuple[str, ...]) -> Settings:
    """What `webcam` makes of the words."""
    parser = typer.Typer(add_completion=False)
    parser.command()(settings)
    command = typer.main.get_command(parser)
    given: Settings = command.invoke(command.make_context("webcam", list(words)))
    return given


def _program() -> str:
    """The command as the user called it: through a link, it is still there after an upgrade."""
    called = Path(sys.argv[0])
    if called.name != "happysad":
        raise ServiceError("a service needs the installed command: pip install happysad-*.whl")
    return str(called.absolute())


def _is_in_home(path: Path) -> bool:
    return any(path.is_relative_to(home) for home in HOMES)
