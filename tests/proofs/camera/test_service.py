"""The service under a real systemd: set up, watched, walled in, changed, and removed."""

import json
import re

import pytest

from tests.proofs.camera.virtual_machine import Evidence

MOST_EXPOSED = 2.0  # of 10, as `systemd-analyze security` counts; it was 0.7 with systemd 252


@pytest.mark.essential
def test_it_is_set_up_runs_and_answers(evidence: Evidence) -> None:
    facts = evidence.of("service")
    assert facts["install"]["code"] == 0, facts["install"]["err"]
    assert facts["install"]["err"] == [
        "happysad.service runs, and starts with the machine: /dev/video17"
    ]
    assert facts["answered"]
    state = facts["state"]
    assert (state["ActiveState"], state["UnitFileState"]) == ("active", "enabled")
    assert state["StatusText"].startswith(("happy ", "watching /dev/video17"))


def test_its_status_is_told_to_people_and_programs(evidence: Evidence) -> None:
    facts = evidence.of("service")
    assert facts["status"]["code"] == 0
    assert facts["status"]["out"][0].startswith("active (running) since ")
    told = json.loads("\n".join(facts["status --json"]["out"]))
    assert (told["ActiveState"], told["MainPID"]) == ("active", facts["state"]["MainPID"])
    assert '"label": "happy"' in told["LastLines"]


@pytest.mark.parametrize(("step", "label"), [("service", "happy"), ("change", "no_face")])
def test_every_line_that_it_logs_is_json(evidence: Evidence, step: str, label: str) -> None:
    journal = [json.loads(line) for line in evidence.of(step)["journal"]]
    assert {entry["schema_version"] for entry in journal} == {2}
    assert all("label" in entry or "news" in entry for entry in journal)
    assert label in {entry["label"] for entry in journal if "label" in entry}


def test_systemd_has_no_remark_on_the_unit(evidence: Evidence) -> None:
    verified = evidence.of("service")["verify"]
    assert (verified["code"], verified["out"], verified["err"]) == (0, [], [])


@pytest.mark.parametrize("step", ["service", "change"])  # without a page, and with one
def test_systemd_finds_it_little_exposed(evidence: Evidence, step: str) -> None:
    overall = re.search(r"Overall exposure level for happysad.service: ([\d.]+)",
                        evidence.of(step)["security"]["out"][-1])  # fmt: skip
    assert overall
    assert float(overall[1]) <= MOST_EXPOSED


def test_its_page_answers(evidence: Evidence) -> None:
    page = evidence.of("change")["page"]
    assert page == {"healthz": [200, b'{"'.hex()], "snapshot": True}


def test_it_keeps_a_history_photos_and_clips_where_it_may(evidence: Evidence) -> None:
    change = evidence.of("change")
    assert change["kept"], change["files"]
    assert {*change["files"]["photos"], *change["files"]["clips"]} == {"happysad"}


def test_it_tells_a_broker_on_the_same_machine(evidence: Evidence) -> None:
    assert evidence.of("change")["told"]


def test_it_has_a_user_of_its_own_no_rights_and_no_network(evidence: Evidence) -> None:
    process = evidence.of("service")["process"]
    assert process["user"] == ["happysad"]
    assert process["groups"] == ["happysad"]
    assert process["own network"]
    status = process["status"]
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0


def test_one_that_has_stopped_dead_is_ended_and_started_again(evidence: Evidence) -> None:
    watchdog = evidence.of("watchdog")
    assert watchdog["install"]["code"] == 0, watchdog["install"]["err"]
    assert watchdog["answered before"]
    assert watchdog["is new"]
    assert watchdog["answered"]
    assert watchdog["state"]["NRestarts"] == "1"
    assert "happysad.service: Watchdog timeout (limit 30s)!" in watchdog["told"]


def test_it_starts_without_a_camera_and_waits(evidence: Evidence) -> None:
    change = evidence.of("change")
    assert change["install"]["code"] == 0, change["install"]["err"]
    assert change["waits"]
    assert change["state while it waits"]["ActiveState"] == "active"


def test_a_camera_may_come_and_go_and_the_process_stays_the_same(evidence: Evidence) -> None:
    change = evidence.of("change")
    assert change["rounds"] == [{"answered": True, "answered no_camera": True}] * 2
    before, after = change["state while it waits"], change["state"]
    assert (after["ActiveState"], after["NRestarts"]) == ("active", "0")
    assert after["MainPID"] == before["MainPID"]


@pytest.mark.parametrize("step", [pytest.param("service", marks=pytest.mark.essential), "change"])
def test_nothing_is_left_when_it_is_removed(evidence: Evidence, step: str) -> None:
    facts = evidence.of(step)
    assert facts["remove"]["code"] == 0
    assert facts["remove"]["err"] == [
        "happysad.service removed; its files are still in /var/lib/happysad"
    ]
    assert facts["left"] == []


def test_once_removed_it_is_not_there_for_status_and_another_removal(evidence: Evidence) -> None:
    facts = evidence.of("service")
    assert facts["status after"]["code"] == 1
    assert facts["remove again"]["err"] == ["happysad.service is not installed"]
