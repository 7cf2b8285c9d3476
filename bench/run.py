"""One run: everything measured on this machine, one part after the other."""

import logging
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.child import measured
from bench.compared import compare
from bench.others import fetch
from bench.runtimes import device_python
from bench.training import measure_exercise, measure_fer2013
from edge.benchmark.machine import look
from edge.classifier import Classifier
from edge.model.choice import SHIPPED_MODEL

log = logging.getLogger("happysad")

SCHEMA_VERSION = 2
SEEDS = (0, 1, 2)


def run(
    folder: Path,
    data: Path,
    *,
    fer2013: Path | None,
    validation: Path | None,
    others: bool,
    rounds: int,
) -> dict[str, Any]:
    """Everything, as JSON types.

    Args:
        folder: Gets models and what is fetched.
        data: The exercise's images: happy and sad.
        fer2013: FER2013's training part, or nothing.
        validation: Labelled pictures to score the models on, or nothing.
        others: Whether other people's models are fetched and measured too.
        rounds: As for `edge.benchmark.spread.take_turns`.

    Raises:
        ChildError: A measurement failed.
    """
    machine = look()
    log.info("training and exporting the models that are measured")
    made, _ = measured("bench.models", str(data), str(folder))
    files = [Path(name) for name in made["files"]]
    log.info("the device's part: inference, the whole step, the start")
    python = device_python()
    device, _ = measured(
        "edge", "benchmark", "--json", "--rounds", str(rounds),
        str(SHIPPED_MODEL), *(str(path) for path in files if path != SHIPPED_MODEL),
        python=python,
    )  # fmt: skip
    log.info("this core's limits")
    inference = device["inference"]
    int8 = {t["path"]: None for t in inference["timings"] if t["quantization"] == "int8"}
    floors, _ = measured(
        "bench.floor", made["probe"], str(rounds), str(python), ",".join(inference["versions"]),
        *int8,
    )  # fmt: skip
    log.info("Keras, one picture at a time")
    keras_speed, _ = measured("bench.keras_speed", str(folder / "exercise" / "model.keras"),
                              str(files[0]))  # fmt: skip
    log.info("models on the same pictures")
    # The exercise's network knows what it was trained on here, and nothing of real faces.
    ours = {
        "ours, faces": Classifier(SHIPPED_MODEL),
        f"the exercise's, of {data.name}": Classifier(files[0]),
    }
    theirs = fetch(folder / "others") if others else {}
    compared = compare(ours, theirs, validation, rounds)
    log.info(
        f"training until 99.9 %, with {len(SEEDS)} seeds, ours and the course's script in turns"
    )
    trainings: Mapping[str, Any] = {
        "exercise": [asdict(done) for done in measure_exercise(data, SEEDS)]
    }
    if fer2013:
        log.info("four epochs of FER2013 with each")
        trainings = {**trainings, "fer2013": [asdict(one) for one in measure_fer2013(fer2013)]}
    return {
        "schema_version": SCHEMA_VERSION,
        "machine": asdict(machine),
        "machine_after": asdict(look()),
        "python": str(Path(sys.executable)),
        "data": str(data),
        "device": device,
        "floors": floors,
        "keras": keras_speed,
        "compared": [asdict(one) for one in compared],
        "training": trainings,
        "export_s": made["export_s"],
    }
