"""Does all that is to be proved, and writes down what happened: one file of facts for each step.

It judges nothing: the tests read the facts.
"""

import json
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.proofs.camera.guest import devices, faults, seeing, service, telling

FACTS = Path("facts")


def note(step: Callable[[], dict[str, Any]]) -> None:
    """Does a step and writes its facts, or what went wrong, under its name."""
    began_s = time.monotonic()
    try:
        facts = step()
    except Exception:  # the other steps have something to say as well
        facts = {"failed": traceback.format_exc()}
    facts["seconds"] = round(time.monotonic() - began_s, 1)
    (FACTS / f"{step.__name__}.json").write_text(json.dumps(facts, indent=1))


def main() -> None:
    """Every step, in an order in which each finds the devices that it needs."""
    FACTS.mkdir()
    note(telling.none)
    devices.load_webcam()
    note(telling.gone)
    note(telling.forbidden)
    note(telling.busy)
    note(faults.replug)
    note(faults.wait)
    devices.load_loopbacks()
    note(telling.present)
    # The service waits for its watchdog most of the time; the others keep the machine busy.
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(note, service.service)
        note(faults.stall)
        note(seeing.films)
        waiting.result()


if __name__ == "__main__":
    main()
