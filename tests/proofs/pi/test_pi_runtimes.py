"""The other TFLite runtime: on the emulated Pi, and this machine's beside the Pi's."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from edge.errors import OutputError
from pi.dependencies import pip_download
from pi.release import BOOKWORM
from tests.proofs.pi.answers import TFLITE, Answer, Answers, PixelAnswers, ask, ask_pixels
from tests.proofs.pi.computer import Computer
from tests.proofs.pi.emulated_pi import EmulatedPi
from tests.proofs.pi.systems import SYSTEMS, ByName
from tests.support.environments import TFLITE as TFLITE_ENVIRONMENT
from tests.support.environments import environment

# Steps of the model's output. On x86-64 the shipped model's are two apart at most (on 2 of 124
# inputs); an earlier model's were four apart.
MOST_APART = 4
MOST_P_APART = (
    0.04  # of a probability: four steps of its logits are 0.14, a fourth of that at p 0.5
)


@pytest.fixture(scope="module")
def computer(computers: dict[str, Computer], inputs: Path) -> Computer:
    """This machine with the other runtime."""
    python = environment(*TFLITE_ENVIRONMENT, remove="ai-edge-litert")
    return Computer(python, computers["bookworm"].wheel, inputs)


@pytest.fixture(scope="module")
def on_x86(computer: Computer) -> PixelAnswers:
    return ask_pixels(computer, TFLITE)


@pytest.fixture(scope="module")
def on_arm(pis: ByName[EmulatedPi], tmp_path_factory: pytest.TempPathFactory) -> PixelAnswers:
    pi, folder = pis["bookworm"], tmp_path_factory.mktemp("tflite")
    try:
        pip_download(["tflite-runtime==2.14.0"], BOOKWORM, folder)
    except OutputError as error:
        pytest.skip(str(error))
    with zipfile.ZipFile(next(folder.glob("tflite_runtime-*.whl"))) as wheel:
        wheel.extractall(pi.root.at("/root/inputs"))  # Python looks in the script's folder
    return ask_pixels(pi, TFLITE)


def nearly_the_same(ours: PixelAnswers, theirs: PixelAnswers) -> bool:
    """Whether most answers are two steps apart at most, and none further than a model may be.

    The two runtimes round differently, and tflite-runtime on ARM not as it does elsewhere.
    """
    apart = np.abs(ours.scores - theirs.scores).max(axis=1).round(6) / round(ours.step, 6)
    return bool(apart.max() < MOST_APART + 0.5 and np.mean(apart < 2.5) > 0.95)


@pytest.mark.parametrize("system", SYSTEMS)
def test_this_machines_other_runtime_gives_nearly_the_same_answers(
    system: str, answers: ByName[Answers], on_x86: PixelAnswers
) -> None:
    assert nearly_the_same(answers[system].pixels, on_x86)


def test_the_other_runtime_runs_on_the_pi_with_nearly_the_same_answers(
    on_arm: PixelAnswers, on_x86: PixelAnswers, answers: ByName[Answers]
) -> None:
    assert on_arm.version == on_x86.version == "2.14.0"
    assert nearly_the_same(on_arm, on_x86)
    assert nearly_the_same(on_arm, answers["bookworm"].pixels)


def pictures(answers: Answers) -> list[Answer]:
    """Those to drawn faces and photographs, without the videos."""
    return [answer for answer in answers.drawn + answers.photographs if answer["frame"] is None]


def test_photographs_have_the_same_labels_with_this_machines_other_runtime(
    computer: Computer, answers: ByName[Answers]
) -> None:
    theirs = pictures(ask(computer, TFLITE))
    for one, other in zip(pictures(answers["bookworm"]), theirs, strict=True):
        assert one["label"] == other["label"]
        if other["p_happy"] is not None:
            assert one["p_happy"] == pytest.approx(other["p_happy"], abs=MOST_P_APART)
