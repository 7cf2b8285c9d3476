"""`cameras`, `doctor` and refusals tell the truth about real video devices."""

from typing import Any

from tests.proofs.camera.virtual_machine import Evidence

STABLE = "/dev/v4l/by-path/platform-vivid.0-video-index0"
JOIN = "sudo usermod -aG video $USER, then log in again"


def findings(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """What `doctor` found of cameras."""
    return [finding for finding in facts["doctor"] if finding["what"] == "camera"]


def camera(facts: dict[str, Any], path: str) -> dict[str, Any]:
    """What `cameras` says of one."""
    (found,) = [camera for camera in facts["cameras"] if camera["path"] == path]
    return dict(found)


def test_a_machine_without_a_camera_has_none_and_is_told_to_plug_one_in(
    evidence: Evidence,
) -> None:
    facts = evidence.of("none")
    assert facts["cameras"]["out"] == ["no camera found; 'doctor' looks closer"]
    assert facts["webcam"]["code"] == 1
    (line,) = facts["webcam"]["err"]
    assert line.startswith("error: no camera found: none at /dev/video*")
    assert "Plug one in, or name a video or address" in line


def test_a_webcam_is_listed_with_a_name_that_stays_and_what_it_gives(evidence: Evidence) -> None:
    webcam = camera(evidence.of("present"), "/dev/video0")
    assert (webcam["source"], webcam["stable_path"]) == (STABLE, STABLE)
    assert (webcam["driver"], webcam["problem"]) == ("vivid", None)
    sizes = {form["fourcc"]: form["sizes"] for form in webcam["formats"]}
    assert [640, 480] in sizes["YUYV"]
    assert "GREY" in sizes


def test_a_device_that_is_fed_is_listed_with_what_it_is_fed_and_others_with_nothing(
    evidence: Evidence,
) -> None:
    facts = evidence.of("present")
    fed, other = camera(facts, "/dev/video10"), camera(facts, "/dev/video11")
    assert [form["fourcc"] for form in fed["formats"]] == ["YUYV"]
    assert (other["formats"], other["problem"]) == ([], None)


def test_doctor_says_of_each_device_how_it_is(evidence: Evidence) -> None:
    facts = evidence.of("present")
    webcam, fed, other = findings(facts)[:3]
    assert webcam["state"] == "ok"
    assert webcam["found"].startswith("/dev/video0 (vivid): YUYV, ")
    assert "is open in python3 (pid " in fed["found"]
    assert other["state"] == "note"
    assert other["found"].endswith("gives no pictures now")
    assert facts["doctor code"] == 0


def test_doctor_finds_the_model_the_runtime_and_opencv_working(evidence: Evidence) -> None:
    states = {finding["what"]: finding["state"] for finding in evidence.of("present")["doctor"]}
    assert {states[what] for what in ("python", "runtime", "opencv", "model", "detector")} == {"ok"}


def test_a_busy_camera_is_refused_with_the_name_of_its_holder(evidence: Evidence) -> None:
    facts = evidence.of("busy")
    holder = f"happysad (pid {facts['pid']})"
    assert facts["second"]["code"] == 1
    assert facts["second"]["err"] == [
        f"error: /dev/video0 cannot be opened: busy: held by {holder}"
    ]
    (found,) = findings(facts)
    assert found["found"] == f"/dev/video0 (vivid) is open in {holder}"
    assert facts["first runs"]


def test_who_is_not_in_the_group_video_is_told_to_join_it(evidence: Evidence) -> None:
    facts = evidence.of("forbidden")
    assert camera(facts, "/dev/video0")["problem"] == f"no permission: {JOIN}"
    (found,) = findings(facts)
    assert (found["state"], found["fix"]) == ("problem", JOIN)
    assert facts["doctor code"] == 1
    for way in ("webcam", "auto"):
        assert facts[way]["code"] == 1
        assert len(facts[way]["err"]) == 1
        assert f"no permission: {JOIN}" in facts[way]["err"][0]


def test_a_member_of_the_group_video_gets_answers(evidence: Evidence) -> None:
    assert evidence.of("forbidden")["member answered"]


def test_an_unplugged_camera_is_neither_listed_nor_found(evidence: Evidence) -> None:
    facts = evidence.of("gone")
    assert facts["cameras"] == []
    (found,) = findings(facts)
    assert (found["state"], found["found"], found["fix"]) == ("note", "none is seen", "plug one in")
    assert facts["webcam"]["err"] == [
        "error: /dev/video0 cannot be opened: no such device node: is it plugged in?"
    ]
