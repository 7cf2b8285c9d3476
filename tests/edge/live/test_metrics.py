"""`/metrics`: what Prometheus reads, where, and who may."""

import re
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from edge.camera.feed import CapturedFrame
from edge.live.moment import Change, Moment
from edge.live.outputs import metrics_server
from edge.live.outputs.metrics import Metrics
from edge.live.settings import Settings
from edge.live.watch import Watch
from edge.model.choice import SHIPPED_MODEL
from edge.prediction import Prediction
from tests.support.command import run_program, start_module
from tests.support.faulty_camera import idle_feed
from tests.support.kernel_files import board
from tests.support.page_client import Client
from tests.support.page_server import IMAGE, face_clip, played
from tests.support.patience import until


def numbers(text: str) -> dict[str, float]:
    """Each sample by its name and labels, as Prometheus' own parser reads them."""
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def moment(*answers: Prediction) -> Moment:
    frame = CapturedFrame(IMAGE, 0, 0.0, time.monotonic())
    return Moment(0.0, frame, answers, (Change(answers[0], None, 1),))


def test_what_was_seen_is_counted_as_prometheus_reads_it(tmp_path: Path) -> None:
    watch = Watch(Settings("0", SHIPPED_MODEL), threading.Event())
    watch.feed, watch.board = idle_feed(), board(tmp_path, 61)
    watch.feed.troubles.begin("bad frames", "nothing but damaged frames")
    metrics = Metrics(watch, (0.2, 0.8))
    metrics.take(moment(Prediction("happy", 0.9), Prediction("sad", 0.1, latency_ms=3.0)))
    frame = moment(Prediction("no_face")).frame
    between = Moment(0.0, frame, (Prediction("no_face", latency_ms=0.02),), has_worked=False)
    metrics.take(between)
    metrics.take(moment(Prediction("happy", 0.9, latency_ms=70.0)))
    found = numbers(metrics.text().decode())
    for name, number in {
        "happysad_frames_total": 3,
        "happysad_answers_total happy": 2,
        "happysad_answers_total sad": 1,
        "happysad_answers_total no_face": 1,
        "happysad_changes_total happy": 2,
        "happysad_latency_seconds_count": 2,
        "happysad_latency_seconds_bucket 0.002": 0,
        "happysad_latency_seconds_bucket 0.005": 1,
        "happysad_latency_seconds_bucket +Inf": 2,
        "happysad_latency_seconds_sum": 0.073,
        "happysad_faults_total bad_frames": 1,
        "happysad_camera_up": 1,
        "happysad_faces": 1,
        "happysad_temperature_celsius": 61,
        "happysad_throttled under_voltage": 0,
    }.items():
        assert round(found[name], 6) == number, name
    (about,) = [name.split() for name in found if name.startswith("happysad_info")]
    assert about[1:6] == ["band", "0.2", "to", "0.8", watch.classifier.contract.name]
    assert 0 <= found["happysad_frame_age_seconds"] < 60
    assert 10e6 < found["happysad_memory_bytes"] < 10e9
    metrics.take(Moment(1.0, None, (Prediction("no_face", reason="no_camera"),)))
    assert numbers(metrics.text().decode())["happysad_camera_up"] == 0


def test_a_port_of_this_machine_serves_them_and_nothing_else(tmp_path: Path) -> None:
    clip = face_clip(tmp_path / "clip.mp4", 0.3)
    with start_module(
        "edge", "webcam", clip, "-m", "faces", "--metrics", "0", "--max-fps", "1",
        stdout=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            assert process.stderr
            said = process.stderr.readline()
            place = re.fullmatch(r"metrics: http://127\.0\.0\.1:(\d+)/metrics\n", said)
            assert place, said + process.stderr.read()
            client = Client(int(place[1]))
            answer = client.ask("/metrics")
            assert answer.status == 200
            assert "happysad_frames_total" in numbers(answer.body.decode())
            assert client.ask("/").status == 404
            assert client.ask("/metrics", headers={"Host": "evil.example:1"}).status == 421
            assert client.ask("/metrics", method="POST").status == 405
            # Port 80 is not written; a half request holds up neither others nor the end.
            assert client.ask("/metrics", headers={"Host": "127.0.0.1"}).status == 200
            half = socket.create_connection(("127.0.0.1", int(place[1])))
            half.sendall(b"GET /metrics HTTP/1.1\r\n")
            assert client.ask("/metrics").status == 200
        finally:
            process.terminate()
        with half:
            assert "Traceback" not in process.communicate(timeout=30)[1]


def test_a_request_that_comes_in_drops_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_server, "SILENT_S", 0.1)
    watch = Watch(Settings("0", SHIPPED_MODEL), threading.Event())
    watch.feed = idle_feed()
    said: list[str] = []

    class Said:
        tell = staticmethod(said.append)

    server = metrics_server.MetricsServer(0, Metrics(watch, None), Said())  # type: ignore[arg-type]
    with server, socket.create_connection(("127.0.0.1", server.place.port), 30) as slow:

        def is_ended() -> bool:
            slow.sendall(b"x")
            return select.select([slow], [], [], 0)[0] != []

        with suppress(OSError):  # it may be reset while it sends
            until(is_ended)
            assert slow.recv(1) == b""


def test_on_the_page_they_are_behind_its_token() -> None:
    with played(token="0123456789abcdef") as page:
        client = Client(page.server.port)
        until(lambda: client.ask("/metrics").status == 401)
        bearer = {"Authorization": "Bearer 0123456789abcdef"}
        answer = client.ask("/metrics", headers=bearer)
        assert (answer.status, answer.body) == (200, b"played 1\n")
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_without_the_package_a_line_says_how_to_get_it() -> None:
    program = (
        "import sys\nsys.modules['prometheus_client'] = None\n"
        "from edge.cli.main import main\n"
        "sys.argv[:1] = ['happysad', 'webcam']\nmain()"
    )
    done = run_program(program, "/dev/video-none", "--metrics", "0")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: metrics need a package that is not installed: {sys.executable} -m pip install "
        "'prometheus-client>=0.22,<0.30'\n"
    )
