"""systemd on this machine: installs, queries and removes the unit."""

import grp
import os
import pwd
from collections.abc import Sequence
from pathlib import Path

from ..errors import HappySadError, OutputError, ServiceError, one_line
from ..machine.child import Answer, ask
from ..machine.kernel_file import read
from ..machine.output_file import write_bytes, write_secret
from ..machine.temporary import scratch_folder
from .folders import folders_of, provide, take_back
from .unit import MADE_BY, NAME, SOURCE, USER, WORK, Unit, unit_text

UNIT_PATH = Path("/etc/systemd/system") / NAME
RUNNING = Path("/run/systemd/system")  # there while systemd is the init system, sd_booted(3)
STATE = Path("/var/lib/happysad")  # with the machine's models, which are root's
TIMEOUT_S = 240.0  # the start of a service, on a slow card
SHOWN = ("LoadState", "UnitFileState", "ActiveState", "SubState", "StatusText", "NRestarts",
         "ActiveEnterTimestamp", "MainPID", "ExecMainStatus")  # fmt: skip
LAST_LINES = 5
NOT_RUN = (126, 127)  # a shell's, and runuser's, for what may not be executed and is not found


def install(unit: Unit, source: str, *, start: bool = True) -> None:
    """Makes the user, writes the unit, and lets it start now and with the machine.

    Args:
        unit: What is particular to this machine.
        source: What is watched; kept where only root can read it.
        start: Whether to start it now.

    Raises:
        ServiceError: No systemd, not root, a unit that is not ours, a program that the service's
            user may not run, a folder that it may not write to, or systemd's own reason.
        OutputError: The unit cannot be written.
    """
    _need_root()
    _need_ours()
    former = folders_of(read(UNIT_PATH) or "")
    has_made_user = _make_user()
    try:
        _check_program(unit.command)
        _check_unit(unit)
        for folder in unit.folders:
            provide(folder)
        if unit.has_source:
            write_secret(Path(SOURCE), source)
        write_bytes(UNIT_PATH, unit_text(unit).encode())
    except HappySadError:
        _take_back(unit.folders, former)
        if has_made_user:
            ask(["userdel", USER], TIMEOUT_S)
        raise
    UNIT_PATH.chmod(0o644)
    if not unit.has_source:
        Path(SOURCE).unlink(missing_ok=True)  # of the unit before
    _systemctl("daemon-reload")
    _systemctl("enable", NAME)
    if start:
        _systemctl("restart", NAME)
    _take_back(former, unit.folders)


def remove() -> bool:
    """Ends the service, deletes the unit and the user; what it wrote stays.

    Returns:
        Whether there was one.

    Raises:
        ServiceError: No systemd, not root, a unit that is not ours, or systemd's own reason.
        OutputError: The unit cannot be deleted.
    """
    _need_root()
    _need_ours()
    if not (UNIT_PATH.exists() or _user_exists()):
        return False
    folders = folders_of(read(UNIT_PATH) or "")
    if UNIT_PATH.exists():
        _systemctl("disable", "--now", NAME)
        try:
            UNIT_PATH.unlink()
        except OSError as error:
            raise OutputError(f"cannot delete {UNIT_PATH}: {error.strerror}") from error
        Path(SOURCE).unlink(missing_ok=True)
        _systemctl("daemon-reload")
        ask(["systemctl", "reset-failed", NAME], TIMEOUT_S)  # fails where it had not failed
    if _user_exists():
        for folder in folders:
            take_back(folder)
        deleted = ask(["userdel", USER], TIMEOUT_S)
        if deleted.code:
            raise ServiceError(f"cannot delete the user {USER}: {deleted.last_words}")
    if WORK.exists():  # recordings: nobody's now, and no later user's
        ask(["chown", "--recursive", "root:root", str(WORK)], TIMEOUT_S)
    return True


def status() -> dict[str, str]:
    """What systemd says about the service: SHOWN by name, and LastLines of its journal.

    Raises:
        ServiceError: There is no systemd.
    """
    _need_systemd()
    shown = _systemctl("show", NAME, f"--property={','.join(SHOWN)}").out
    facts = dict(line.partition("=")[::2] for line in shown.splitlines())
    journal = ask(
        ["journalctl", "--unit", NAME, "--lines", str(LAST_LINES), "--output", "cat", "--quiet"],
        TIMEOUT_S,
    )
    return facts | {"LastLines": journal.out if journal.code == 0 else ""}


def _take_back(folders: Sequence[str], used: Sequence[str]) -> None:
    """Gives root those folders that no unit names any more."""
    for folder in folders:
        if folder not in used and os.path.lexists(folder):
            take_back(folder)


def _need_systemd() -> None:
    if not RUNNING.is_dir():
        raise ServiceError("this machine does not run systemd: start 'happysad webcam' another way")


def _need_root() -> None:
    _need_systemd()
    if os.geteuid() != 0:
        raise ServiceError("a service is the machine's: run this with sudo")


def _need_ours() -> None:
    text = read(UNIT_PATH)
    if text is not None and MADE_BY not in text:
        raise ServiceError(f"{UNIT_PATH} was not made by this program: move it away first")


def _user_exists() -> bool:
    """Whether there is the service's user; a ServiceError where a person has the name."""
    try:
        home = pwd.getpwnam(USER).pw_dir
    except KeyError:
        return False
    if home != str(WORK):
        raise ServiceError(f"{USER} is somebody's user here: the service needs that name")
    return True


def _make_user() -> bool:
    """Makes sure that there is the service's user; whether it was made now."""
    try:
        grp.getgrnam("video")
    except KeyError:
        raise ServiceError("there is no group video: sudo groupadd --system video") from None
    if _user_exists():
        return False
    made = ask(
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(WORK),
         "--shell", "/usr/sbin/nologin", USER],
        TIMEOUT_S,
    )  # fmt: skip
    if made.code != 0:
        raise ServiceError(f"cannot make the user {USER}: {made.last_words}")
    return True


def _check_program(command: str) -> None:
    """Lets the service's user run it: home folders are often closed to others."""
    words = ["runuser", "--user", USER, "--", command, "model", "check", "--packaged"]
    done = ask(words, TIMEOUT_S)
    if done.code == 0:
        return
    fix = ""
    if done.code in NOT_RUN or "Permission denied" in done.err:
        fix = ": install it outside of home folders, as the bundle's install.sh does"
    raise ServiceError(f"{command} does not run for the user {USER} ({done.last_words}){fix}")


def _check_unit(unit: Unit) -> None:
    with scratch_folder() as folder:
        write_bytes(folder / NAME, unit_text(unit).encode())
        checked = ask(["systemd-analyze", "verify", str(folder / NAME)], TIMEOUT_S)
    if checked.code not in (0, None):  # None: not installed, and no reason to go without
        raise ServiceError(f"systemd does not take the unit: {checked.last_words}")


def _systemctl(*words: str) -> Answer:
    done = ask(["systemctl", *words], TIMEOUT_S)
    if done.code != 0:
        hint = ""
        if "restart" in words:
            hint = f"; it tries again: 'journalctl -u {NAME}' shows why, 'service remove' ends it"
        raise ServiceError(f"systemctl {one_line(words[0])} failed: {done.last_words}{hint}")
    return done
