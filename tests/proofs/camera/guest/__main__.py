"""Does all that is to be proved, and writes down what happened: one file of facts for each step.

It judges nothing: the tests read the facts. What is essential comes first, because the machine is
switched off when its time is up.
"""

import json
import time
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from tests.proofs.camera.guest import devices, faults, process, seeing, service, telling

FACTS = Path("facts")
FIRST_S = 4.0  # what the first step takes on two idle cores


def note(step: Callable[[], dict[str, Any]], name: str = "") -> float:
    """Does a step, writes its facts or what went wrong, and returns how many seconds it took.

    Args:
        step: To be done.
        name: Of the facts; the step's own if none is given.
    """
    began_s = time.monotonic()
    try:
        facts = step()
    except Exception:  # the other steps have something to say as well
        facts = {"failed": traceback.format_exc()}
    took_s = facts["seconds"] = round(time.monotonic() - began_s, 1)
    path = FACTS / f"{name or step.__name__}.json"
    half = path.with_suffix(".half")
    half.write_text(json.dumps(facts, indent=1))
    half.rename(path)
    return took_s


def main() -> None:
    """Every step, in an order in which each finds the devices that it needs."""
    FACTS.mkdir()
    process.be_patient(note(telling.none) / FIRST_S)
    devices.load_webcam()
    devices.load_loopbacks()
    runs = deque(seeing.runs())
    at_once(partial(in_turn, faults.replug, service.service), partial(see, runs, 0, 1))
    note(telling.present)
    # The service waits for its watchdog most of the time; the others keep the machine busy.
    at_once(
        partial(in_turn, service.watchdog, service.change),
        partial(in_turn, faults.stall),
        partial(see, runs, 0),
        partial(see, runs, 1),
    )
    devices.unload_loopbacks()
    in_turn(telling.gone, telling.forbidden, telling.busy, faults.wait)


def at_once(*lanes: Callable[[], None]) -> None:
    """Does several things at the same time."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        for lane in [pool.submit(lane) for lane in lanes]:
            lane.result()


def in_turn(*steps: Callable[[], dict[str, Any]]) -> None:
    """Does steps one after another."""
    for step in steps:
        note(step)


def see(runs: deque[seeing.Run], device: int, most: int = 1000) -> None:
    """Takes runs from the left and watches their films on one of the devices that are fed."""
    while runs and most:
        run, most = runs.popleft(), most - 1
        note(partial(seeing.watch, *run, devices.LOOPBACKS[device]), " ".join(run))


if __name__ == "__main__":
    main()
