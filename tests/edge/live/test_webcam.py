"""`python -m edge webcam` as its users run it: with files, signals, pipes and commands."""

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import termios
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from edge.errors import OutputError
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from edge.machine.output_file import check_writable
from edge.video.reader import Video
from edge.video.writer import video_file
from tests.support.chain import ROOT, Chain
from tests.support.command import FIELDS, edge, start_module
from tests.support.photographs import film, photograph
from tests.support.stream_server import Server, http_camera
from tests.support.terminal import drawn_on

LIVE_FIELDS = [
    *FIELDS, "track_id", "faces", "age_ms", "wall_time",
]  # fmt: skip


def watch(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    return edge("webcam", *arguments, **options)


def start(*arguments: object, **options: object) -> "subprocess.Popen[str]":
    return start_module("edge", "webcam", *arguments, **options)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of two seconds: half of it the astronaut, half of it nobody."""
    face = read_image(photograph("astronaut.png"))
    images = [face] * 20 + [np.full_like(face, 90)] * 20
    return film(tmp_path_factory.mktemp("clip") / "clip.mp4", images, 20)


@pytest.fixture
def camera(clip: Path) -> Server:
    """An IP camera on loopback that shows the clip over and over."""
    with http_camera(clip) as server:
        yield server


def test_each_change_is_a_line_and_the_summary_follows(clip: Path) -> None:
    done = watch(clip, "-m", "faces")
    assert done.returncode == 0, done.stderr
    happy, nobody = done.stdout.splitlines()
    assert happy.split()[1] == "happy"
    assert "face 1" in happy
    assert nobody.split()[1:] == ["no_face", "-"]
    begin, times, frames, faults = done.stderr.splitlines()
    assert begin == f"watching {clip} with the model faces; Ctrl-C ends it"
    assert "happy 1." in times
    assert "no face " in times
    assert times.endswith("changes: 2")
    assert frames.startswith("40 frames captured, 40 classified, 0 dropped; latency ")
    assert faults == "faults: none"


def test_json_lines_are_those_of_classify_and_more(clip: Path) -> None:
    done = watch(clip, "-m", "faces", "--json")
    happy, nobody = (json.loads(line) for line in done.stdout.splitlines())
    for answer in (happy, nobody):
        assert list(answer) == LIVE_FIELDS
        assert answer["schema_version"] == 2
        assert answer["path"] == str(clip)
        assert answer["age_ms"] >= answer["latency_ms"] > 0
        assert datetime.fromisoformat(answer["wall_time"]).tzinfo
    assert (happy["label"], happy["track_id"], happy["faces"]) == ("happy", 1, 1)
    assert happy["time_s"] == pytest.approx(happy["frame"] / 20, abs=0.01)
    assert len(happy["box"]) == 4
    assert (nobody["label"], nobody["track_id"], nobody["faces"]) == ("no_face", None, 0)
    assert nobody["p_happy"] is None


def test_every_frame_of_a_video_has_its_line(clip: Path) -> None:
    done = watch(clip, "-m", "faces", "--json", "--every-frame")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["frame"] for answer in answers] == list(range(40))


def test_a_video_plays_the_same_every_time(clip: Path) -> None:
    keys = ("frame", "label", "p_happy", "box", "track_id")
    runs = [
        [
            [json.loads(line)[key] for key in keys]
            for line in watch(clip, "--json", "--every-frame").stdout.splitlines()
        ]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_a_video_that_is_looped_plays_on_at_its_own_speed(clip: Path) -> None:
    """Of 20 frames a second, 2 s long."""
    done = watch(clip, "-m", "faces", "--loop", "--duration", 2.5, "--json", "--every-frame")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["frame"] for answer in answers] == list(range(51))
    times_s = [answer["time_s"] for answer in answers]
    assert times_s == pytest.approx([number / 20 for number in range(51)], abs=0.002)
    first, last = (datetime.fromisoformat(answers[n]["wall_time"]).timestamp() for n in (0, -1))
    assert last - first > 2.0


def test_a_camera_is_not_looped() -> None:
    done = watch("/dev/video99", "-m", "faces", "--loop")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: --loop is for a video file: /dev/video99 is none\n"


def test_one_face_in_a_video_makes_at_most_three_changes(smile: Path) -> None:
    done = watch(smile, "-m", "faces", "--json")
    assert 1 <= len(done.stdout.splitlines()) <= 3
    assert json.loads(done.stdout.splitlines()[-1])["label"] == "happy"


def test_a_video_without_a_face_says_so_once(empty_room: Path) -> None:
    done = watch(empty_room, "-m", "faces", "--json")
    assert [json.loads(line)["label"] for line in done.stdout.splitlines()] == ["no_face"]


def test_a_model_of_whole_pictures_needs_no_detector(chain: Chain, tmp_path: Path) -> None:
    path = film(tmp_path / "drawn.mp4", [read_image(chain.test_files[0].path)] * 10, 10)
    done = watch(path, "-m", chain.model_path, "--json")
    answer = json.loads(done.stdout.splitlines()[0])
    assert (answer["box"], answer["track_id"]) == (None, None)
    assert answer["label"] in ("happy", "sad", "unsure")


def test_the_recording_and_the_report_are_whole(clip: Path, tmp_path: Path) -> None:
    record, report = tmp_path / "out" / "run.mp4", tmp_path / "out" / "run.png"
    done = watch(clip, "-m", "faces", "--record", record, "--report", report)
    assert done.returncode == 0, done.stderr
    video = cv2.VideoCapture(str(record))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 40
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(20)
    assert read_image(report).shape[1] >= 1000
    assert sorted(path.name for path in record.parent.iterdir()) == ["run.mp4", "run.png"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_summary_and_whole_files(
    camera: Server, tmp_path: Path, number: signal.Signals
) -> None:
    record, report = tmp_path / "run.mp4", tmp_path / "run.png"
    options = ["--record", record, "--report", report, "--json", "--every-frame"]
    with start(camera.url, "-m", "faces", *options) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        times_s = [json.loads(process.stdout.readline())["time_s"]]
        while times_s[-1] < times_s[0] + 1.5:
            times_s.append(json.loads(process.stdout.readline())["time_s"])
        process.send_signal(number)
        times_s += [json.loads(line)["time_s"] for line in process.stdout]
        errors = process.stderr.read()
    assert process.returncode == (130 if number == signal.SIGINT else 0)
    assert errors.splitlines()[-2:] == ["faults: none", f"drawn: {report}"]
    assert "frames captured" in errors
    assert "Traceback" not in errors
    with Video(record) as video:
        *_, last_s = (frame.time_s for frame in video)
    assert last_s == pytest.approx(times_s[-1] - times_s[0], abs=0.1)
    assert read_image(report).shape[1] >= 1000


def test_a_second_signal_ends_it_at_once(camera: Server, tmp_path: Path) -> None:
    process = start(camera.url, "-m", "faces")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)  # so that both are there before the first is handled
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=20)
    assert process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)


def test_a_reader_that_goes_away_ends_it_quietly_and_soon(camera: Server, tmp_path: Path) -> None:
    record = tmp_path / "run.mp4"
    with start(camera.url, "-m", "faces", "--record", record) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 1
    assert errors.splitlines() == [
        f"watching {camera.url} with the model faces; Ctrl-C ends it", f"recorded {record}",
    ]  # fmt: skip
    assert cv2.VideoCapture(str(record)).get(cv2.CAP_PROP_FRAME_COUNT) > 0


def test_duration_ends_a_camera(camera: Server) -> None:
    began_s = time.monotonic()
    done = watch(camera.url, "-m", "faces", "--duration", 2)
    assert done.returncode == 0
    assert time.monotonic() - began_s > 2.0
    assert done.stderr.splitlines()[-1] == "faults: none"


def test_max_fps_answers_fewer_frames_and_counts_the_dropped(camera: Server) -> None:
    done = watch(camera.url, "-m", "faces", "--duration", 3, "--max-fps", 4, "--json",
                 "--every-frame")  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert 8 <= len({answer["frame"] for answer in answers}) <= 14
    # Frames are numbered as they were captured: about five of 20 a second for each answer.
    assert answers[-1]["frame"] > 3 * len(answers)
    # And none was old when it was answered.
    assert max(answer["age_ms"] for answer in answers[2:]) < 500


def test_commands_run_at_changes_with_the_answer_in_their_environment(
    clip: Path, tmp_path: Path
) -> None:
    script = tmp_path / "note.sh"
    script.write_text(
        '#!/bin/sh\necho "$1 $HAPPYSAD_LABEL $HAPPYSAD_PREVIOUS $HAPPYSAD_FACES" >> "$2"\n'
    )
    script.chmod(0o755)
    log = tmp_path / "a log"
    done = watch(
        clip, "-m", "faces", "--max-fps", 20,
        "--on-happy", f"{script} smile '{log}'", "--on-change", f"{script} change '{log}'",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert log.read_text().splitlines() == [
        "change happy  1",
        "smile happy  1",
        "change no_face happy 0",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--on-happy", "no-such-program x"], "--on-happy: "),
        (["--on-sad", "echo 'x"], "--on-sad: "),
        (["--record", "run.gif"], "--record run.gif: its name must end in .mp4 or .avi"),
        (["--report", "run.jpg"], "--report run.jpg: its name must end in .png"),
        (["--detector", "far"], "'far'"),
        (["--rotate", "45"], "'45'"),
        (["--max-fps", "0"], "--max-fps"),
    ],
)
def test_wrong_usage_is_exit_code_2(clip: Path, arguments: list[str], message: str) -> None:
    done = watch(clip, *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/dev/video99", "error: /dev/video99 cannot be opened: no such device"),
        ("99", "error: /dev/video99 cannot be opened: no such device"),
        ("holiday.mp4", "error: holiday.mp4: no such video file"),
        ("holiday", "error: no camera, video or address holiday: 'cameras' lists"),
        ("tests", "error: tests is a folder: use 'classify' for the files in it"),
        (
            "docs/faces.jpg",
            "error: docs/faces.jpg is a picture: use 'classify' for it, in Python happysad.load()",
        ),
        ("ftp://host/video", "error: ftp:// is no kind of stream known here: "),
        ("http://[::1", "error: http://[::1 is no address: "),
        ("rtsp://admin:p#ss@cam/1", "error: rtsp://***@cam/1 is no address: write # and /"),
        ("x" * 300, f"error: {'x' * 300}: cannot be read (File name too long)"),
        ("http://u:secret@127.0.0.1:9/x", "error: http://***@127.0.0.1:9/x cannot be opened"),
        ("README.md", "error: README.md: not an image or video (starts with "),
        ("/dev/null", "error: /dev/null cannot be opened: "),
    ],
)
def test_a_source_that_cannot_be_used_is_one_line(source: str, message: str) -> None:
    done = watch(source)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(message)


def test_without_a_camera_auto_says_what_was_tried_and_what_to_do() -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("there is a camera")
    done = watch()
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line == (
        "error: no camera found: none at /dev/video*. Plug one in, or name a video or address; a "
        "Pi's CSI camera needs picamera2 or rpicam-apps ('doctor' says more)"
    )


def test_a_truncated_video_is_answered_to_its_end_and_then_an_error(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.avi", [read_image(photograph("astronaut.png"))] * 40, 20)
    content = whole.read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(content[: len(content) // 2])
    record = tmp_path / "run.mp4"
    done = watch(cut, "-m", "faces", "--record", record)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"error: {cut}: ends after ")
    assert "frames captured" in done.stderr
    assert cv2.VideoCapture(str(record)).get(cv2.CAP_PROP_FRAME_COUNT) > 10


def test_what_cannot_be_written_is_found_out_before_the_run(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    for option, name in [("--record", "run.mp4"), ("--report", "run.png")]:
        done = watch(clip, "-m", "faces", option, tmp_path / "taken" / name)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"error: cannot write {tmp_path}/taken/{name}: ")


@pytest.mark.parametrize("name", ["file:///x.mp4", "concat:a|b.mp4", "pipe:1.mp4", b"n\xff.mp4"])
def test_the_name_of_a_recording_is_a_local_path_whatever_it_looks_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(os.fsdecode(name))
    check_writable(path)
    with video_file(path, 10, (64, 48)) as film:
        film.write(np.zeros((48, 64, 3), np.uint8))
    assert (tmp_path / path).stat().st_size > 100


@pytest.mark.parametrize("name", ["x" * 300 + ".mp4", "loop/x.mp4"])
def test_a_name_that_no_file_can_have_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError) as refused:
        check_writable(tmp_path / name)
    assert str(refused.value).startswith(f"cannot write {tmp_path}/{name}: ")


def test_a_link_that_leads_to_itself_is_replaced_by_the_recording(
    clip: Path, tmp_path: Path
) -> None:
    path = tmp_path / "run.mp4"
    path.symlink_to("run.mp4")
    assert watch(clip, "-m", "faces", "--record", path).returncode == 0
    assert path.is_file()


def test_the_video_that_is_watched_is_not_written_over(clip: Path) -> None:
    content = clip.read_bytes()
    done = watch(clip, "-m", "faces", "--record", clip)
    assert done.returncode == 1
    assert done.stderr == (f"error: {clip} is the video that is watched: write to another file\n")
    assert clip.read_bytes() == content


def test_a_full_disk_behind_stdout_is_said_and_the_recording_kept(
    clip: Path, tmp_path: Path
) -> None:
    record = tmp_path / "run.mp4"
    with Path("/dev/full").open("w") as full:
        done = edge(
            "webcam", clip, "-m", "faces", "--record", record, "--every-frame", stdout=full,
            stderr=subprocess.PIPE,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: cannot write to stdout: No space left on device"
    )
    assert "frames captured" in done.stderr
    assert not record.exists() or cv2.VideoCapture(str(record)).isOpened()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_reason_to_fail(clip: Path, tmp_path: Path, closed: str) -> None:
    report = tmp_path / "run.png"
    command = f"'{sys.executable}' -m edge webcam '{clip}' -m faces --report '{report}' {closed}"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert report.exists()


def test_a_terminal_that_is_closed_ends_it_and_keeps_the_recording(
    camera: Server, tmp_path: Path
) -> None:
    record = tmp_path / "run.mp4"
    controller, terminal = os.openpty()
    process = start_module(
        "edge", "webcam", camera.url, "-m", "faces", "--record", record, stdin=terminal,
        stdout=terminal, stderr=terminal, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    while b"happy" not in shown:
        shown += os.read(controller, 65536)
    time.sleep(1.0)
    os.close(controller)
    process.wait(timeout=20)
    assert cv2.VideoCapture(str(record)).get(cv2.CAP_PROP_FRAME_COUNT) >= 1


def test_ctrl_c_while_the_source_opens_is_heeded() -> None:
    with socket.socket() as silent:  # accepts, and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(60)
        process = start(f"http://127.0.0.1:{silent.getsockname()[1]}/", "-m", "faces")
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "error" not in errors
    assert "Traceback" not in errors


def test_a_video_of_one_frame_is_answered(tmp_path: Path) -> None:
    path = film(tmp_path / "one.avi", [read_image(photograph("astronaut.png"))])
    done = watch(path, "-m", "faces")
    assert done.stdout.split()[1] == "happy"


def test_no_frame_is_stored_and_no_socket_opened_unless_asked(clip: Path, tmp_path: Path) -> None:
    """Every file that is opened for writing and every socket, as Python's audit events tell."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def heed(event, arguments):\n"
        "    writes = event == 'open' and (\n"
        "        arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)\n"
        "        and arguments[0] not in (os.devnull,) and not isinstance(arguments[0], int))\n"
        "    if writes or event.startswith(('socket.', 'subprocess.', 'os.system', 'urllib.')):\n"
        "        os.write(2, f'AUDIT {event} {arguments}\\n'.encode())\n"
        "sys.addaudithook(heed)\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home), "TMPDIR": str(home),
    }  # fmt: skip
    command = [sys.executable, "-m", "edge", "webcam", str(clip), "-m", "faces"]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "AUDIT" not in done.stderr
    assert list(home.rglob("*")) == []
    # The hook hears what an option does ask for.
    command += ["--report", "run.png", "--on-happy", "true"]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True)
    assert "AUDIT open" in done.stderr
    assert "AUDIT subprocess.Popen" in done.stderr


def test_a_terminal_has_one_live_line(clip: Path) -> None:
    controller, terminal = os.openpty()
    done = edge(
        "webcam", clip, "-m", "faces", "--max-fps", "20", stdout=subprocess.PIPE, stderr=terminal
    )
    os.close(terminal)
    shown = drawn_on(controller)
    assert done.returncode == 0
    drawn = [line for line in shown.split("\r\x1b[K") if " fps  " in line]
    assert len(drawn) >= 3
    assert re.match(r"happy   (0.9|1.0)\d \[#########", drawn[1])
    assert all("\n" not in line for line in drawn[:-1])
