"""What `cameras`, `doctor` and a refusal say of devices that are there, busy, forbidden, gone."""

import json
import subprocess
from typing import Any

from tests.proofs.camera.guest.devices import LOOPBACKS, SLOWLY, WEBCAM, feed, plug, unplug
from tests.proofs.camera.guest.process import Process, run_at_once
from tests.proofs.camera.guest.programs import happysad

VISITOR, MEMBER = "visitor", "member"  # the second one is in the group video
WATCH = ("webcam", str(WEBCAM), "--json")


def none() -> dict[str, Any]:
    """A machine that never had a camera."""
    return run_at_once({"cameras": [*happysad(), "cameras"], "webcam": [*happysad(), "webcam"]})


def present() -> dict[str, Any]:
    """A webcam, a device that is fed, and seven that are not."""
    with feed(LOOPBACKS[0], "YUYV"):
        return _looked()


def busy() -> dict[str, Any]:
    """The webcam is watched already."""
    with Process(*happysad(), *WATCH, *SLOWLY) as webcam:
        webcam.wait_for_answer("no_face")
        facts = _looked(second=[*happysad(), *WATCH])
        return facts | {"pid": webcam.pid, "first runs": webcam.is_running}


def forbidden() -> dict[str, Any]:
    """Users outside the group video, and in it."""
    for user in (VISITOR, MEMBER):
        subprocess.run(["useradd", "--create-home", user], check=True)
    subprocess.run(["usermod", "-aG", "video", MEMBER], check=True)
    visitor = happysad(user=VISITOR)
    facts = _looked(VISITOR, webcam=[*visitor, *WATCH], auto=[*visitor, "webcam"])
    with Process(*happysad(user=MEMBER), *WATCH, *SLOWLY) as webcam:
        return facts | {"member answered": webcam.wait_for_answer("no_face")}


def gone() -> dict[str, Any]:
    """The webcam has been unplugged."""
    unplug()
    try:
        return _looked(webcam=[*happysad(), *WATCH])
    finally:
        plug()


def _looked(user: str | None = None, **others: list[str]) -> dict[str, Any]:
    """What `cameras --json` and `doctor --json` say to a user, and what other commands say."""
    looks = {look: [*happysad(user=user), look, "--json"] for look in ("cameras", "doctor")}
    said = run_at_once(looks | others)
    return said | {
        "cameras": json.loads("\n".join(said["cameras"]["out"])),
        "doctor": [json.loads(line) for line in said["doctor"]["out"]],
        "doctor code": said["doctor"]["code"],
    }
