"""What `service install` makes of the words that `webcam` is to be given."""

from dataclasses import replace
from pathlib import Path

import typer

from ..errors import one_line
from ..live.settings import Settings
from ..mqtt.access import Access, need_paho
from ..mqtt.address import parse_address
from ..service.unit import WORK, Network, is_writable
from ..web.place import parse_place
from .keeping import folders_of_a_service
from .webcam import settings

HOMES = (Path("/home"), Path("/root"), Path("/run/user"))


def network_of(source: str, given: Settings) -> Network:
    """What of the network a source, a page, a broker and metrics need."""
    access = given.tell.mqtt
    is_far = access is not None and not parse_address(access.address).is_loopback
    if "://" in source or is_far:
        return "any"
    if given.web is not None and not parse_place(given.web).is_loopback:
        return "neighbours"
    is_near = given.web is not None or access or given.tell.metrics is not None
    return "this machine" if is_near else "none"


def without_secrets(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The words without the files that the service cannot read itself, and those, after a look."""
    given = parsed(words)
    access, tell = given.tell.mqtt, given.tell
    files = dict(access.files) if access else {}
    if access:
        from ..mqtt.broker import broker

        need_paho()
        broker(access)
        tell = replace(tell, mqtt=Access(access.address))
    if given.web_cert and given.web_key:
        from ..web.certificate import check_certificate

        check_certificate(given.web_cert, given.web_key)
        files |= {"--web-cert": given.web_cert, "--web-key": given.web_key}
    secrets = []
    for option, path in files.items():
        secrets.append((option, str(path.absolute())))
        words = tuple(
            word
            for before, word in zip(("", *words), words, strict=False)
            if option not in (word, before) and not word.startswith(f"{option}=")
        )
    if parsed(words) != replace(given, tell=tell, web_cert=None, web_key=None):
        raise typer.BadParameter(f"give {', '.join(files)} once")
    return words, tuple(secrets)


def source_and_options(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The source, and the other words; a usage error where `webcam` would not take them so."""
    if any(word.startswith("--source-file") for word in words):
        raise typer.BadParameter("--source-file: give it before the --")
    given = parsed(words)
    if any(ord(character) < ord(" ") for word in words for character in word):
        raise typer.BadParameter("a line of a unit has no line breaks or other control characters")
    if given.show:
        raise typer.BadParameter("--show: a service has no window")
    model = given.model
    if model and len(model.parts) > 1 and is_in_home(model.absolute()):
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
        if word == given.source and parsed(others) == replace(given, source="auto"):
            return given.source, others
    raise typer.BadParameter("give the source before the --")


def parsed(words: tuple[str, ...]) -> Settings:
    """What `webcam` makes of the words."""
    parser = typer.Typer(add_completion=False)
    parser.command()(settings)
    command = typer.main.get_command(parser)
    given: Settings = command.invoke(command.make_context("webcam", list(words)))
    return given


def is_in_home(path: Path) -> bool:
    """Whether a file is in somebody's home folder, which a service does not see."""
    return any(path.is_relative_to(home) for home in HOMES)
