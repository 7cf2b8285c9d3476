"""What `cameras`, `doctor` and a refusal say of devices that are there, busy, forbidden, gone."""

import json
import subprocess
from typing import Any

from tests.proofs.camera.guest.devices import LOOPBACKS, SLOWLY, WEBCAM, feed, plug, unplug
from tests.proofs.camera.guest.process import Process, run
from tests.proofs.camera.guest.programs import happysad

VISITOR, MEMBER = "visitor", "member"  # the second one is in the group video


def none() -> dict[str, Any]:
    """A machine that never had a camera."""
    return {
        "cameras": run(*happysad(), "cameras"),
        "webcam": run(*happysad(), "webcam", "--json"),
    }


def present() -> dict[str, Any]:
    """A webcam, a device that is fed, and seven that are not."""
    with feed(LOOPBACKS[0], "YUYV"):
        return _looked()


def busy() -> dict[str, Any]:
    """The webcam is watched already."""
    with Process(*happysad(), "webcam", WEBCAM, "--json", *SLOWLY) as webcam:
        webcam.wait_for_answer("no_face")
        second = run(*happysad(), "webcam", WEBCAM, "--json")
        return _looked() | {"second": second, "pid": webcam.pid, "first runs": webcam.is_running}


def forbidden() -> dict[str, Any]:
    """Users outside the group video, and in it."""
    for user in (VISITOR, MEMBER):
        subprocess.run(["useradd", "--create-home", user], check=True)
    subprocess.run(["usermod", "-aG", "video", MEMBER], check=True)
    facts = _looked(VISITOR)
    facts["webcam"] = run(*happysad(user=VISITOR), "webcam", WEBCAM, "--json")
    facts["auto"] = run(*happysad(user=VISITOR), "webcam", "--json")
    with Process(*happysad(user=MEMBER), "webcam", WEBCAM, "--json", *SLOWLY) as webcam:
        facts["member answered"] = webcam.wait_for_answer("no_face")
    return facts


def gone() -> dict[str, Any]:
    """The webcam has been unplugged."""
    unplug()
    try:
        return _looked() | {"webcam": run(*happysad(), "webcam", WEBCAM, "--json")}
    finally:
        plug()


def _looked(user: str | None = None) -> dict[str, Any]:
    """What `cameras --json` and `doctor --json` say to a user."""
    cameras = Process(*happysad(user=user), "cameras", "--json")
    doctor = Process(*happysad(user=user), "doctor", "--json")
    code = doctor.wait()
    cameras.wait()
    return {
        "cameras": json.loads("\n".join(cameras.out)),
        "doctor": [json.loads(line) for line in doctor.out],
        "doctor code": code,
    }
