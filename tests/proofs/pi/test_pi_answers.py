"""An emulated Pi's answers beside those of this machine, whose processor is another."""

import json
from pathlib import Path

import pytest

from edge import __version__
from edge.model.choice import SHIPPED_MODEL
from edge.model.file import read_model
from tests.proofs.pi.answers import LOOK_AT_PAGE, Answer, Answers
from tests.proofs.pi.computer import Computer
from tests.proofs.pi.emulated_pi import EmulatedPi
from tests.proofs.pi.inputs import STILLS
from tests.proofs.pi.systems import SYSTEMS, ByName, essential_first, release_of

PICTURES = [
    "astronaut.png", "astronaut.jpg", "nobody.png", "single_face.jpg", "multi_face.jpg",
    *(f"still-{index}.png" for index in STILLS),
]  # fmt: skip
VIDEOS = ["astronaut.avi", "single_face.mp4"]
# FFmpeg turns a video's colours into BGR with another rounding on ARM: pixels differ by up to 2 of
# 255, and p_happy a little, most where the face is changing. The same frame as a picture has the
# same answer.
FILM_TOLERANCE = 0.1
SHARES = ("p_happy", "p_sad", "p_neutral")
# A crop is turned with another rounding on ARM, which moved a probability by at most 0.001; a step
# of the output at p 0.5 is 0.009.
CROP_TOLERANCE = 0.02
JPEG = "ffd8"  # how such a file begins

every_system = pytest.mark.parametrize("system", SYSTEMS)


def without_time(answers: list[Answer]) -> list[Answer]:
    return [{key: answer[key] for key in answer if key != "latency_ms"} for answer in answers]


@essential_first
def test_prepared_pixels_have_the_same_answer_to_the_last_bit(
    system: str, answers: ByName[Answers], expected: dict[str, Answers]
) -> None:
    ours, theirs = answers[system].pixels, expected[release_of(system)].pixels
    assert ours.version == theirs.version
    assert len(ours.scores) > 100
    assert ours.scores.tolist() == theirs.scores.tolist()


@every_system
def test_the_models_own_inputs_are_answered_as_when_it_was_made(
    system: str, answers: ByName[Answers]
) -> None:
    golden = read_model(SHIPPED_MODEL)[1].golden_scores
    assert answers[system].pixels.scores[: len(golden)].tolist() == golden.tolist()


@every_system
def test_drawn_faces_are_read_and_answered_the_same(
    system: str, answers: ByName[Answers], expected: dict[str, Answers]
) -> None:
    ours, theirs = answers[system].drawn, expected[release_of(system)].drawn
    assert ours
    assert without_time(ours) == without_time(theirs)


@every_system
@pytest.mark.parametrize("name", PICTURES)
def test_faces_in_photographs_are_found_and_answered_the_same(
    name: str, system: str, answers: ByName[Answers], expected: dict[str, Answers]
) -> None:
    ours, theirs = answers[system].of(name), expected[release_of(system)].of(name)
    if not theirs:
        pytest.skip(f"no {name} here")
    assert any(answer["label"] != "no_face" for answer in theirs) == (name != "nobody.png")
    for one, other in zip(ours, theirs, strict=True):
        for key in set(one) - {"latency_ms", *SHARES}:
            assert one[key] == other[key]
        for key in SHARES:
            assert one[key] == pytest.approx(other[key], abs=CROP_TOLERANCE)


@every_system
@pytest.mark.parametrize("name", VIDEOS)
def test_every_frame_of_a_video_has_the_same_label(
    name: str, system: str, answers: ByName[Answers], expected: dict[str, Answers]
) -> None:
    ours, theirs = answers[system].of(name), expected[release_of(system)].of(name)
    if not theirs:
        pytest.skip(f"no {name} here")
    for key in ("frame", "time_s", "label", "reason"):
        assert [answer[key] for answer in ours] == [answer[key] for answer in theirs]
    for one, other in zip(ours, theirs, strict=True):
        if other["box"] is not None:
            assert one["box"] == pytest.approx(other["box"], abs=1)
        if other["p_happy"] is not None:
            assert one["p_happy"] == pytest.approx(other["p_happy"], abs=FILM_TOLERANCE)


@every_system
def test_the_live_runner_answers_a_video_to_its_end(
    system: str, inputs: Path, pis: ByName[EmulatedPi]
) -> None:
    if not (inputs / "photographs" / "astronaut.avi").exists():
        pytest.skip("no astronaut.avi here")
    done = pis[system].edge("webcam", "--json", "--every-frame", "photographs/astronaut.avi")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["frame"] for answer in found] == list(range(6))
    assert found[-1]["label"] == "happy"
    assert {answer["track_id"] for answer in found} == {1}


@pytest.mark.parametrize("system", [pytest.param("bookworm", marks=pytest.mark.soon), "trixie"])
def test_the_page_answers_from_the_bundle(
    system: str, inputs: Path, pis: ByName[EmulatedPi]
) -> None:
    if not (inputs / "photographs" / "astronaut.avi").exists():
        pytest.skip("no astronaut.avi here")
    done = pis[system].python(LOOK_AT_PAGE.name, "photographs/astronaut.avi")
    assert done.returncode == 0, done.stderr
    health = {"status": "ok", "camera": True, "version": __version__}
    assert json.loads(done.stdout) == {"healthz": health, "snapshot": JPEG}


@every_system
def test_the_model_says_the_same_of_itself(
    system: str, pis: ByName[EmulatedPi], computers: dict[str, Computer]
) -> None:
    ours = pis[system].edge("info", "--json")
    theirs = computers[release_of(system)].edge("info", "--json")
    assert ours.returncode == 0, ours.stderr
    assert json.loads(ours.stdout) == json.loads(theirs.stdout)


@every_system
def test_the_doctor_finds_nothing_wrong_but_that_there_is_no_camera(
    system: str, pis: ByName[EmulatedPi]
) -> None:
    done = pis[system].edge("doctor", "--json")
    assert done.returncode == 0, done.stdout
    findings = {finding["what"]: finding for finding in map(json.loads, done.stdout.splitlines())}
    assert "aarch64" in findings["python"]["found"]
    for name in ("python", "runtime", "opencv", "model", "detector"):
        assert findings[name]["state"] == "ok", findings[name]


@pytest.mark.parametrize(
    ("system", "numpy"), [("bookworm+numpy", "1.24."), ("trixie+numpy", "2.2.")]
)
def test_debians_numpy_is_used_where_it_is_installed(
    system: str, numpy: str, answers: ByName[Answers]
) -> None:
    assert answers[system].pixels.numpy.startswith(numpy)
