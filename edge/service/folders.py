"""Folders outside of its own that the service may write to, because it was told to."""

import os
import re
from pathlib import Path

from ..errors import ServiceError, one_line
from ..machine.child import ask
from .unit import USER, WORK

# What the service does not see, or sees as an empty folder of its own.
HIDDEN = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))
TIMEOUT_S = 60.0


def outside(folder: Path) -> str | None:
    """The folder by its full name; None where it is in the service's own."""
    place = Path(os.path.normpath(WORK / folder))
    return None if place.is_relative_to(WORK) else str(place)


def is_hidden(folder: str) -> bool:
    """Whether the service cannot see a folder that it is to write to."""
    return any(Path(folder).is_relative_to(place) for place in HIDDEN)


def provide(folder: str) -> None:
    """Makes a folder for the service's user; one that is there has to be writable for it.

    Raises:
        ServiceError: It is not, or cannot be made.
    """
    if not os.path.lexists(folder):
        for words in (["mkdir", "--parents", folder], ["chown", f"{USER}:{USER}", folder]):
            done = ask(words, TIMEOUT_S)
            if done.code != 0:
                raise ServiceError(f"cannot make {one_line(folder)}: {done.last_words}")
        return
    if ask(["runuser", "--user", USER, "--", "test", "-w", folder], TIMEOUT_S).code != 0:
        raise ServiceError(
            f"the user {USER} may not write to {one_line(folder)}: name a folder that is not there "
            "yet, which is made for it"
        )


def folders_of(unit: str) -> list[str]:
    """The folders that a unit lets be written to, of the text of one that we made."""
    lines = re.findall(r'^ReadWritePaths="-?(.*)"$', unit, re.MULTILINE)
    return [re.sub(r'\\([\\"])|%(%)', r"\1\2", line) for line in lines]


def take_back(folder: str) -> None:
    """Gives root what the service's user has made in a folder: later it is nobody's."""
    ask(["chown", "--recursive", "--no-dereference", f"--from={USER}", "root:root", folder],
        TIMEOUT_S)  # fmt: skip
