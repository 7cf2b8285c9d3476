"""The service under the systemd that started this machine."""

import json
import os
import signal
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.proofs.camera.guest.devices import LOOPBACKS, SLOWLY, STABLE, feed, plug, unplug
from tests.proofs.camera.guest.process import Process, run, run_at_once, until
from tests.proofs.camera.guest.programs import happysad

UNIT = "happysad.service"
FACE = LOOPBACKS[7]
PORT = 8080  # of the page
JPEG = "ffd8"  # how such a file begins
BROKER = 1883  # its port
# What keeps something: in the service's own folder, and in one that is made for it.
OWN, OTHER = Path("/var/lib/happysad/service"), Path("/srv/happysad")
KEEP = ("--history", "week.db", "--clip", "change:clips", "--photo", f"change:{OTHER}")
WATCHDOG_S = 30.0  # of the unit; then it is ended and, after a pause, started again


def service() -> dict[str, Any]:
    """Set up with a camera that shows a face, and removed."""
    facts: dict[str, Any] = {}
    with feed(FACE, "YUYV"):
        facts["install"] = _command("install", FACE)
        facts["answered"] = until(partial(_has_answered, "happy"))
        facts["state"], facts["process"] = _state(), _process()
        facts |= run_at_once({
            "status": _words("status"), "status --json": _words("status", "--json"),
            "verify": ("systemd-analyze", "verify", f"/etc/systemd/system/{UNIT}"),
            "security": ("systemd-analyze", "security", "--no-pager", UNIT),
        })  # fmt: skip
    facts["journal"] = _journal()
    facts["remove"], facts["left"] = _command("remove"), _left()
    again = {"status after": _words("status"), "remove again": _words("remove")}
    return facts | run_at_once(again)


def watchdog() -> dict[str, Any]:
    """Set up with a camera that shows a face, and stopped dead; it stays set up."""
    with feed(FACE, "YUYV"):
        said = len(_journal())
        installed = _command("install", FACE)
        answered = until(partial(_has_answered, "happy", said))
        return {"install": installed, "answered before": answered} | _stopped_dead()


def _stopped_dead() -> dict[str, Any]:
    """SIGSTOP: the process is there, and does nothing any more."""
    before = _state()["MainPID"]
    said = len(_journal())
    os.kill(int(before), signal.SIGSTOP)
    is_new = until(lambda: _state()["MainPID"] not in ("0", before), WATCHDOG_S)
    answered = until(partial(_has_answered, "happy", said))
    reasons = run("journalctl", "--unit", UNIT, "--output", "cat", "--grep", "watchdog|abort")
    return {"is new": is_new, "answered": answered, "state": _state(), "told": reasons["out"]}


def change() -> dict[str, Any]:
    """Set up with all that it can keep and tell, while the webcam is away; it comes and goes."""
    unplug()
    with Process("mosquitto", "-v", "-p", BROKER) as broker:
        return _changed(broker)


def _changed(broker: Process) -> dict[str, Any]:
    said = len(_journal())
    tell = ("--web", PORT, "--mqtt", f"mqtt://127.0.0.1:{BROKER}")
    facts = {
        "install": _command("install", STABLE, *tell, "--", *SLOWLY, *KEEP),
        "waits": until(partial(_has_answered, "no_camera", said)),
        "state while it waits": _state(),
    }
    rounds = []
    for _ in range(2):
        said = len(_journal())
        plug()
        answered = until(partial(_has_answered, "no_face", said))
        has_snapshot = until(lambda: _asked("snapshot.jpg") == (200, JPEG))
        facts["page"] = {"healthz": _asked("healthz"), "snapshot": has_snapshot}
        said = len(_journal())
        unplug()
        gone = until(partial(_has_answered, "no_camera", said))
        rounds.append({"answered": answered, "answered no_camera": gone})
    facts["told"] = until(lambda: any(
        "Received PUBLISH" in line and "/state'" in line for line in (*broker.err, *broker.out)
    ))  # fmt: skip
    facts["kept"] = until(lambda: all(_kept().values()))
    facts["files"] = _kept()
    plug()
    facts["security"] = run("systemd-analyze", "security", "--no-pager", UNIT)
    facts |= {"rounds": rounds, "state": _state(), "journal": _journal()}
    return facts | {"remove": _command("remove"), "left": _left()}


def _kept() -> dict[str, Any]:
    """What the service has written: rows of the history, and the owners of pictures and clips."""
    address = f"file:{OWN / 'week.db'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as history:
        (answers,) = history.execute("SELECT count(*) FROM answers").fetchone()
    names = {"photos": OTHER.glob("*.jpg"), "clips": (OWN / "clips").glob("*.mp4")}
    owners = {what: [path.owner() for path in paths] for what, paths in names.items()}
    return {"answers": answers, **owners}


def _asked(path: str) -> tuple[int, str]:
    """What the page's server answers: its status, and how the rest begins."""
    try:
        with urlopen(f"http://127.0.0.1:{PORT}/{path}", timeout=60) as reply:
            return reply.status, reply.read()[:2].hex()
    except HTTPError as error:
        return error.code, error.reason


def _command(*words: object) -> dict[str, Any]:
    return run(*_words(*words))


def _words(*words: object) -> list[object]:
    return [*happysad(), "service", *words]


def _state() -> dict[str, str]:
    names = "ActiveState,SubState,UnitFileState,MainPID,NRestarts,StatusText"
    shown = run("systemctl", "show", UNIT, f"--property={names}")["out"]
    return dict(line.partition("=")[::2] for line in shown)


def _process() -> dict[str, Any]:
    """What the kernel lets the service's process do."""
    about = Path("/proc") / _state()["MainPID"]
    fields = [line.partition(":\t")[::2] for line in (about / "status").read_text().splitlines()]
    return {
        "status": dict(fields),
        "own network": (about / "ns/net").readlink() != Path("/proc/self/ns/net").readlink(),
        "user": run("id", "--name", "--user", dict(fields)["Uid"].split()[0])["out"],
        "groups": run("id", "--name", "--groups", "happysad")["out"],
    }


def _journal() -> list[str]:
    """The lines of the service itself, without systemd's of it."""
    return list(run("journalctl", f"_SYSTEMD_UNIT={UNIT}", "--output", "cat", "--quiet")["out"])


def _has_answered(label: str, since: int = 0) -> bool:
    answers = [json.loads(line) for line in _journal()[since:]]
    return any(
        (answer["reason"] or answer["label"]) == label for answer in answers if "label" in answer
    )


def _left() -> list[str]:
    """What is left on the machine of a service that was removed."""
    places = [str(path) for path in Path("/etc/systemd/system").rglob("*happysad*")]
    users = [line for line in Path("/etc/passwd").read_text().splitlines() if "happysad" in line]
    state = run("systemctl", "show", UNIT, "--property=LoadState", "--value")["out"]
    return places + users + [line for line in state if line != "not-found"]
