"""What happens to a real video device while it is watched is survived and told."""

import pytest

from tests.proofs.camera.virtual_machine import Evidence


def camera_news(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("camera: ")]


@pytest.mark.essential
def test_unplugging_and_plugging_in_again_is_survived_twice(evidence: Evidence) -> None:
    facts = evidence.of("replug")
    assert facts["answered"]
    for again in facts["rounds"]:
        assert again == {
            "node while unplugged": False,
            "answered no_camera": True,
            "answered again": True,
            "said that it is back": True,
            "runs": True,
        }
    assert facts["code"] == 0


def test_a_loss_and_a_return_are_said_once_each(evidence: Evidence) -> None:
    facts = evidence.of("replug")
    lost, back = camera_news(facts["err"])[::2], camera_news(facts["err"])[1::2]
    assert "camera: /dev/video0: gives no more frames; trying again" in lost
    assert len(lost) == len(back) >= 2
    assert all(line.endswith("; trying again") for line in lost)
    assert all(line.startswith("camera: /dev/video0: back after ") for line in back)


def test_a_feeder_that_stops_is_noticed_and_answers_come_when_it_goes_on(
    evidence: Evidence,
) -> None:
    facts = evidence.of("stall")
    assert facts["answered"]
    assert facts["told"]
    assert facts["answered no_camera"]
    assert facts["answered again"]
    assert facts["back"]


def test_a_feeder_that_ends_may_be_replaced_by_another(evidence: Evidence) -> None:
    facts = evidence.of("stall")
    assert facts["feeder gone"]
    assert facts["answered another"]
    assert facts["back again"]
    assert facts["code"] == 0


def test_a_camera_that_is_not_there_yet_is_waited_for(evidence: Evidence) -> None:
    facts = evidence.of("wait")
    assert facts["waited"]
    assert facts["answered"]
    assert facts["with"]["code"] == 0
    waiting = camera_news(facts["with"]["err"])[0]
    assert waiting.endswith("no such device node: is it plugged in?; trying again")


def test_without_being_told_to_wait_it_ends_with_one_line(evidence: Evidence) -> None:
    refused = evidence.of("wait")["without"]
    assert refused["code"] == 1
    assert refused["out"] == []
    assert refused["err"] == [
        "error: /dev/v4l/by-path/platform-vivid.0-video-index0 cannot be opened: "
        "no such device node: is it plugged in?"
    ]
