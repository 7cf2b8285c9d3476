"""The other TFLite runtime: on the emulated Pi, and this machine's beside the Pi's."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from edge.contract import GOLDEN_TOLERANCE
from edge.errors import OutputError
from pi.dependencies import pip_download
from pi.release import BOOKWORM
from tests.environments import environment
from tests.proofs.pi.answers import TFLITE, Answers, PixelAnswers, ask_pixels
from tests.proofs.pi.computer import Computer
from tests.proofs.pi.emulated_pi import EmulatedPi
from tests.proofs.pi.systems import SYSTEMS
from tests.test_runtimes import TFLITE as TFLITE_ENVIRONMENT

STEP = 1 / 256  # of the model's output


@pytest.fixture(scope="module")
def on_x86(computers: dict[str, Computer], inputs: Path) -> PixelAnswers:
    python = environment(*TFLITE_ENVIRONMENT, remove="ai-edge-litert")
    return ask_pixels(Computer(python, computers["bookworm"].wheel, inputs), TFLITE)


@pytest.fixture(scope="module")
def on_arm(pis: dict[str, EmulatedPi], tmp_path_factory: pytest.TempPathFactory) -> PixelAnswers:
    pi, folder = pis["bookworm"], tmp_path_factory.mktemp("tflite")
    try:
        pip_download(["tflite-runtime==2.14.0"], BOOKWORM, folder)
    except OutputError as error:
        pytest.skip(str(error))
    with zipfile.ZipFile(next(folder.glob("tflite_runtime-*.whl"))) as wheel:
        wheel.extractall(pi.root.at("/root/inputs"))  # Python looks in the script's folder
    return ask_pixels(pi, TFLITE)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_other_runtime_gives_nearly_the_same_answers(
    system: str, answers: dict[str, Answers], on_x86: PixelAnswers
) -> None:
    apart = np.abs(answers[system].pixels.p_happy - on_x86.p_happy)
    # Its kernels round differently: most answers are equal, one golden input is 4 steps apart.
    assert apart.max() <= GOLDEN_TOLERANCE
    assert np.mean(apart <= 2 * STEP) > 0.95


def test_the_other_runtime_runs_on_the_pi_with_the_same_answers_within_two_steps(
    on_arm: PixelAnswers, on_x86: PixelAnswers, answers: dict[str, Answers]
) -> None:
    assert on_arm.version == on_x86.version == "2.14.0"
    # It has kernels of its own for ARM, which round differently.
    assert np.abs(on_arm.p_happy - on_x86.p_happy).max() <= 2 * STEP
    apart = np.abs(on_arm.p_happy - answers["bookworm"].pixels.p_happy)
    assert apart.max() <= GOLDEN_TOLERANCE
