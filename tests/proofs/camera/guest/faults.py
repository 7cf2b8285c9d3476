"""What happens to a camera while it is watched: unplugged, silent, not there yet."""

import signal
from typing import Any

from tests.proofs.camera.guest.devices import LOOPBACKS, SLOWLY, STABLE, WEBCAM, feed, plug, unplug
from tests.proofs.camera.guest.process import Process
from tests.proofs.camera.guest.programs import happysad

DEVICE = LOOPBACKS[2]


def replug() -> dict[str, Any]:
    """The webcam is unplugged and plugged in again, twice, while it is watched."""
    facts: dict[str, Any] = {"rounds": []}
    with Process(*happysad(), "webcam", WEBCAM, "--json", *SLOWLY) as webcam:
        facts["answered"] = webcam.wait_for_answer("no_face")
        for _ in range(2):
            said, told = len(webcam.out), len(webcam.err)
            unplug()
            gone = webcam.wait_for_answer("no_camera", said)
            is_there = WEBCAM.exists()
            said = len(webcam.out)
            plug()
            facts["rounds"].append({
                "node while unplugged": is_there,
                "answered no_camera": gone,
                "answered again": webcam.wait_for_answer("no_face", said),
                "said that it is back": webcam.wait_for_news("back after", told),
                "runs": webcam.is_running,
            })  # fmt: skip
        facts["code"] = webcam.end()
        return webcam.facts() | facts


def stall() -> dict[str, Any]:
    """The program that feeds the device stops for a while, and is then replaced by another."""
    facts: dict[str, Any] = {}
    with Process(*happysad(), "webcam", DEVICE, "--json") as webcam:
        with feed(DEVICE, "YUYV") as feeder:
            facts["answered"] = webcam.wait_for_answer("happy")
            feeder.send(signal.SIGSTOP)
            facts["told"] = webcam.wait_for_news("no frame for")
            facts["answered no_camera"] = webcam.wait_for_answer("no_camera")
            said = len(webcam.out)
            feeder.send(signal.SIGCONT)
            facts["answered again"] = webcam.wait_for_answer("happy", said)
            facts["back"] = webcam.wait_for_news("back after")
            said, told = len(webcam.out), len(webcam.err)
        facts["feeder gone"] = webcam.wait_for_answer("no_camera", said)
        said = len(webcam.out)
        with feed(DEVICE, "YUYV"):
            facts["answered another"] = webcam.wait_for_answer("happy", said)
            facts["back again"] = webcam.wait_for_news("back after", told)
            facts["code"] = webcam.end()
        return webcam.facts() | facts


def wait() -> dict[str, Any]:
    """A camera that is not there at the start."""
    unplug()
    refused = Process(*happysad(), "webcam", STABLE, "--json")
    with Process(*happysad(), "webcam", STABLE, "--json", "--wait", *SLOWLY) as webcam:
        waited = webcam.wait_for_answer("no_camera")
        refused.wait()
        plug()
        answered = webcam.wait_for_answer("no_face")
        code = webcam.end()
        return {
            "without": refused.facts(), "waited": waited, "answered": answered,
            "with": webcam.facts() | {"code": code},
        }  # fmt: skip
