"""The live runner on a share of a core: nobody waits for a look at an empty room."""

import json
import logging
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edge.faces.detector import FaceDetector
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.proofs.quota.cpu_quota import cpu_quota
from tests.support.chain import ROOT
from tests.support.photographs import photograph
from tests.support.stream_server import http_camera

FPS = 20
EMPTY_S, PERSON_S = 8, 4  # again and again
ROUND_S = EMPTY_S + PERSON_S
ROUNDS = 4  # of which the first is for the start
GONE_S = 2  # into a round, whoever was there has been forgotten
# An empty room costs the detector 9 ms of this project's development machine (AMD EPYC): a tenth of
# that core is the small board meant here, and a slower machine gets a larger share.
LOOK_MS = 90.0
ATTEMPTS = 3  # whatever else the machine does


def room(rng: np.random.Generator) -> np.ndarray:
    """A blurred background; uint8 (480, 640, 3)."""
    blots = rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)
    return cv2.normalize(cv2.GaussianBlur(blots, (0, 0), 25), None, 40, 200, cv2.NORM_MINMAX)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video: nobody there, then somebody."""
    rng = np.random.default_rng(1)
    empty = room(rng)
    person = empty.copy()
    person[:, 80:560] = cv2.resize(read_image(photograph("astronaut.png")), (480, 480))
    path = tmp_path_factory.mktemp("scene") / "scene.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), FPS, (640, 480))
    for index in range((EMPTY_S + PERSON_S) * FPS):
        clean = empty if index < EMPTY_S * FPS else person
        noisy = clean + rng.normal(0, 3, clean.shape)
        video.write(np.clip(noisy, 0, 255).astype(np.uint8))
    video.release()
    return path


def share_of_a_core() -> float:
    """What makes a look at an empty room take LOOK_MS."""
    detector, empty = FaceDetector(), room(np.random.default_rng(1))
    detector.detect(empty)
    began_s = time.thread_time()
    for _ in range(20):
        detector.detect(empty)
    return (time.thread_time() - began_s) / 20 / (LOOK_MS / 1000)


@dataclass(frozen=True, slots=True)
class Run:
    """What the live runner gave.

    Attributes:
        answers_per_s: While nobody was there.
        ages_ms: Of the frames answered meanwhile.
        found_s: From the first frame with somebody to the first answer for a face, each time.
    """

    answers_per_s: float
    ages_ms: list[float]
    found_s: list[float]

    def __str__(self) -> str:
        mean, p95 = np.mean(self.ages_ms), np.percentile(self.ages_ms, 95)
        found = ", ".join(f"{after_s:.2f}" for after_s in self.found_s)
        return (
            f"{self.answers_per_s:.1f} answers a second, age {mean:.0f} ms (p95 {p95:.0f}); "
            f"found after {found} s"
        )

    @property
    def is_quick(self) -> bool:
        return (
            self.answers_per_s >= FPS / 2
            and np.mean(self.ages_ms) < 100
            and np.percentile(self.ages_ms, 95) < 150
            and max(self.found_s) < 0.5
        )


def watched(scene: Path, share: float) -> Run:
    """A run of the command on that share of a core."""
    with http_camera(scene, FPS) as camera, cpu_quota(share) as prefix:
        began_s = time.monotonic()
        command = [sys.executable, "-m", "edge", "webcam", camera.url, "--json", "--every-frame"]
        said = []
        with subprocess.Popen(
            [*prefix, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        ) as runner:  # fmt: skip
            for line in runner.stdout:
                said.append((time.monotonic() - began_s, json.loads(line)))
                if said[-1][0] > ROUNDS * ROUND_S:
                    runner.kill()
                    break
    return summary([(at_s, answer) for at_s, answer in said if at_s >= ROUND_S])


def summary(said: list[tuple[float, dict]]) -> Run:
    """What the answers of whole rounds amount to; each with its time since the scene began."""
    alone = [
        answer["age_ms"]
        for at_s, answer in said
        if answer["label"] == "no_face" and GONE_S < at_s % ROUND_S < EMPTY_S
    ]
    found_s = []
    for number in range(1, ROUNDS):
        came_s = number * ROUND_S + EMPTY_S
        faces = [at_s for at_s, answer in said if at_s > came_s and answer["label"] != "no_face"]
        found_s.append(min(faces, default=np.inf) - came_s)
    return Run(len(alone) / ((ROUNDS - 1) * (EMPTY_S - GONE_S)), alone, found_s)


def test_on_a_tenth_of_a_core_an_empty_room_is_answered_fresh_and_whoever_comes_is_found(
    scene: Path,
) -> None:
    share = share_of_a_core()
    runs = []
    while len(runs) < ATTEMPTS and not any(run.is_quick for run in runs):
        runs.append(watched(scene, share))
        logging.info("%.0f %% of a core: %s", share * 100, runs[-1])
    assert any(run.is_quick for run in runs), [str(run) for run in runs]
