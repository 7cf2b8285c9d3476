"""`--band`: other limits for one run, of two answers and of three, and what they cost."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

from edge.classifier import Classifier, hesitation
from edge.cli.service_words import parsed
from edge.model.choice import SHIPPED_MODEL
from edge.model.contract_text import contract_text
from edge.model.decision import Band, Decision, Probabilities, Thresholds
from edge.model.fields import check_fields
from edge.model.file import read_model
from edge.prediction import Prediction
from export.bands import band_costs
from tests.support.chain import ROOT
from tests.support.command import edge

THREE = Thresholds(happy=0.33, sad=0.62, neutral=0.31, lead=0.38)


def logits(happy: float, sad: float, neutral: float) -> tuple[float, ...]:
    return tuple(math.log(p) for p in (happy, sad, neutral, 1 - happy - sad - neutral))


def test_with_two_answers_it_is_the_band() -> None:
    decision = Band(0.07, 0.4).with_band(0.3, 0.7)
    answers = [decision.label((p_happy,)) for p_happy in (0.3, 0.31, 0.69, 0.7)]
    assert answers == ["sad", "unsure", "unsure", "happy"]


@pytest.mark.parametrize(
    ("shares", "own", "banded"),
    [
        ((0.79, 0.01, 0.1), "happy", "unsure"),
        ((0.81, 0.01, 0.1), "happy", "happy"),
        ((0.01, 0.69, 0.1), "sad", "unsure"),
        ((0.01, 0.71, 0.1), "sad", "sad"),
        ((0.01, 0.1, 0.74), "neutral", "unsure"),
        ((0.01, 0.1, 0.76), "neutral", "neutral"),
        # Surer of a smile is not a reason to call a half-smile neutral.
        ((0.6, 0.01, 0.35), "happy", "unsure"),
    ],
)
def test_with_three_each_answer_has_a_limit_of_its_own(
    shares: tuple[float, float, float], own: str, banded: str
) -> None:
    assert THREE.label(logits(*shares)) == own
    decision = THREE.with_band(0.3, 0.8)
    assert (decision.happy, round(decision.sad, 9), round(decision.neutral, 9)) == (0.8, 0.7, 0.75)
    assert (decision.lead, decision.mirrored) == (THREE.lead, THREE.mirrored)
    assert decision.label(logits(*shares)) == banded


@pytest.mark.parametrize(
    ("shares", "label", "rivals"),
    [
        ((0.5, 0.02, 0.354), "unsure", ("happy", "neutral")),
        ((0.33, 0.02, 0.354), "unsure", ("neutral", "happy")),  # by its limit it is likelier
        ((0.01, 0.64, 0.26), "unsure", ("sad", "neutral")),  # neutral alone is too unlikely
        ((0.32, 0.1, 0.3), "unsure", None),  # close, but neither is likely enough
        ((0.2, 0.1, 0.1), "unsure", None),
        ((0.9, 0.02, 0.05), "happy", None),
    ],
)
def test_two_answers_that_are_too_close_are_told_from_none_that_is_likely_enough(
    shares: tuple[float, float, float], label: str, rivals: tuple[str, str] | None
) -> None:
    assert THREE.label(logits(*shares)) == label
    assert THREE.rivals(Probabilities(*shares)) == rivals
    assert Band(0.2, 0.8).rivals(Probabilities(0.5, 0.5, None)) == ("happy", "sad")
    assert Band(0.2, 0.8).rivals(Probabilities(0.3, 0.7, None)) == ("sad", "happy")


@pytest.mark.parametrize(
    ("decision", "given", "why"),
    [
        (
            THREE,
            Prediction("unsure", 0.5, p_sad=0.02, p_neutral=0.354),
            "happy and neutral too close",
        ),
        (THREE, Prediction("unsure", 0.2, p_sad=0.1, p_neutral=0.1), "none likely enough"),
        (THREE, Prediction("unsure", reason="too_dark"), ""),
        (THREE, Prediction("happy", 0.9, p_sad=0.02, p_neutral=0.05), ""),
        (Band(0.2, 0.8), Prediction("unsure", 0.5, p_sad=0.5), "happy and sad too close"),
    ],
)
def test_an_unsure_answer_says_why(decision: Decision, given: Prediction, why: str) -> None:
    assert hesitation(decision, given) == why


def test_pictures_are_unsure_with_the_reason_in_their_line() -> None:
    done = edge("classify", ROOT / "docs" / "faces.jpg", "-m", "faces", "--band", "0.001", "0.9999")
    (line,) = done.stdout.splitlines()
    assert re.fullmatch(r"unsure   -      \S+  face \d+x\d+ at \d+,\d+, none likely enough", line)


def test_the_widest_bands_are_no_error() -> None:
    for low, high in ((0, 0), (0, 1), (1, 1)):
        THREE.with_band(low, high).label(logits(0.9, 0.05, 0.04))
        Band(0.2, 0.8).with_band(low, high).label((0.5,))


def test_a_model_is_loaded_with_a_band_and_its_file_stays() -> None:
    banded = Classifier(SHIPPED_MODEL, band=(0.2, 0.8)).contract.decision
    assert (banded.happy, banded.sad) == (0.8, 0.8)
    assert read_model(SHIPPED_MODEL)[1].decision.happy != 0.8


def test_a_run_says_its_band_and_answers_by_it(smile: Path) -> None:
    done = edge("webcam", smile, "-m", "faces", "--json", "--band", "0.001", "0.999")
    assert done.returncode == 0
    assert re.search(
        "with the model faces, band 0.001 to 0.999 in place of its own; Ctrl-C", done.stderr
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(answer["band"] == [0.001, 0.999] for answer in answers)
    assert "happy" not in [answer["label"] for answer in answers]


def test_pictures_are_answered_by_it_and_their_summary_says_so() -> None:
    face = ROOT / "docs" / "faces.jpg"
    done = edge("classify", face, "-m", "faces", "--json", "--band", "0.001", "0.9999")
    answer = json.loads(done.stdout)
    assert (answer["label"], answer["band"]) == ("unsure", [0.001, 0.9999])
    begin, end = done.stderr.splitlines()
    assert begin == "band 0.001 to 0.9999 in place of that of the model faces"
    assert end.endswith(", band 0.001 to 0.9999)")


@pytest.mark.parametrize("band", [("0.8", "0.2"), ("-0.1", "0.5"), ("0.5", "nan")])
def test_what_is_no_band_is_wrong_usage(band: tuple[str, str]) -> None:
    with pytest.raises(typer.BadParameter, match="expected two numbers from 0 to 1, the lower one"):
        parsed(("x.mp4", "--band", *band))


def test_what_bands_cost_is_measured_on_faces_whose_answer_is_known() -> None:
    p_happy = np.array([0.95, 0.75, 0.6, 0.55, 0.35, 0.02, 0.5])
    labels = np.array(["happy", "happy", "sad", "happy", "sad", "sad", "angry"])
    costs = {
        (cost.low, cost.high): cost for cost in band_costs(p_happy[:, None], labels, Band(0, 1))
    }
    assert (costs[0.5, 0.5].answered, costs[0.5, 0.5].right) == (1.0, 0.8333)
    assert (costs[0.3, 0.7].answered, costs[0.3, 0.7].right) == (0.5, 1.0)
    assert costs[0.05, 0.95].answered == 0.3333
    nobody = band_costs(np.array([[0.5]]), np.array(["sad"]), Band(0, 1))[2]
    assert (nobody.answered, nobody.right) == (0.0, None)


def test_info_names_the_parts_that_have_images_alone() -> None:
    contract = read_model(SHIPPED_MODEL)[1]
    assert not any(contract.details["data"]["images"]["test"].values())
    named = [line.split()[0] for line in contract_text(contract).splitlines()]
    assert named.count("validation") == 1
    assert "test" not in named


def test_info_shows_what_they_cost_where_the_file_has_it() -> None:
    contract = read_model(SHIPPED_MODEL)[1]
    bands = [
        {"low": 0.5, "high": 0.5, "answered": 0.987, "right": 0.912},
        {"low": 0.05, "high": 0.95, "answered": 0.0, "right": None},
    ]
    details = {**contract.details, "bands": bands, "metrics_part": "validation"}
    check_fields(details)
    lines = contract_text(replace(contract, details=details)).splitlines()
    assert (
        "--band 0.5 0.5    98.7% answered (2154 of 2182), 91.2% of them right (1964 of 2154) "
        "(validation)"
    ) in lines
    assert "--band 0.05 0.95  0.0% answered (0 of 2182) (validation)" in lines
    with pytest.raises(ValueError, match=r"bands\.0\.answered is 'many'"):
        check_fields({**details, "bands": [{**bands[0], "answered": "many"}]})
