"""One benchmark of this machine: its parts one after the other, and all figures together."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..classifier import Classifier
from ..errors import HappySadError, ImageError
from ..face_classifier import FaceClassifier
from ..faces.detector import FaceDetector
from ..images.frames import read_frames
from ..images.listing import list_files
from ..machine.cores import cores
from ..machine.opencv import cv2
from . import scene
from .inference import Inference, measure_inference
from .machine import Machine, look
from .start import Start, measure_start
from .steps import Steps, measure_steps

log = logging.getLogger("happysad")

SCHEMA_VERSION = 2
MAX_THREADS = 4  # a Pi has four cores; more serve none of these models


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What `benchmark --json` prints.

    Attributes:
        schema_version: SCHEMA_VERSION.
        machine: When the benchmark began.
        machine_after: When it had ended: hotter, perhaps throttled.
        inference: Every model with every runtime and number of threads.
        detector: Why there are no steps, where the face detector is missing; else None.
        steps: The whole step, by scene.
        start: To the first answer, and memory.
    """

    schema_version: int
    machine: Machine
    machine_after: Machine
    inference: Inference
    detector: str | None
    steps: list[Steps]
    start: Start


def run_benchmark(
    models: Sequence[Path],
    runtimes: Sequence[str],
    rounds: int,
    *,
    image: str | None = None,
) -> Benchmark:
    """Measures everything.

    Args:
        models: Files made by `make export`; the first also serves the whole step and the start.
        runtimes: TFLite runtimes to measure; those that do not work here are named.
        rounds: How often everything is measured, in turns.
        image: A picture or video to measure the whole step on, in place of the drawn faces.

    Raises:
        HappySadError: A model or the picture cannot be used, or no runtime works.
    """
    machine = look()
    before, threads = cv2.getNumThreads(), range(1, min(cores(), MAX_THREADS) + 1)
    cv2.setNumThreads(1)  # as the live runner does
    try:
        scenes = _scenes(image)
        log.info("measuring inference")
        inference = measure_inference(models, runtimes, threads, rounds)
        runtime = inference.timings[0].runtime
        log.info("measuring the whole step")
        problem, steps = None, []
        try:
            detector = FaceDetector(runtime=runtime)
        except HappySadError as error:
            problem = str(error)
        else:
            classifier = Classifier(models[0], runtime=runtime)
            steps = measure_steps(scenes, FaceClassifier(classifier, detector), rounds)
    finally:
        cv2.setNumThreads(before)
    log.info("measuring the start")
    frames = [*scenes.values()][-1]
    start = measure_start(frames, models[0], runtime, rounds, has_detector=problem is None)
    return Benchmark(SCHEMA_VERSION, machine, look(), inference, problem, steps, start)


def _scenes(image: str | None) -> dict[str, Sequence[np.ndarray]]:
    """Frames by what they show."""
    if image is None:
        drawn = {f"{count} drawn face{'s' * (count != 1)}": count for count in scene.LAYOUTS}
        return {name: scene.moving(scene.draw_scene(count)) for name, count in drawn.items()}
    errors: list[ImageError] = []
    frames = []
    for frame in read_frames(list_files([image]), errors.append):
        frames.append(scene.fit_scene(frame.image))
        if len(frames) == scene.FRAMES:
            break
    if not frames:
        raise errors[0]
    return {Path(image).name: frames if len(frames) > 1 else scene.moving(frames[0])}
