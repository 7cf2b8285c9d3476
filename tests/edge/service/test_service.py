"""The service: its unit, its signs of life, and what is said where it cannot be set up."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import typer

from edge.camera.camera_feed import CameraFeed
from edge.camera.feed import CapturedFrame
from edge.cli.keeping import folders_of_a_service
from edge.cli.service import _invite
from edge.cli.service_words import network_of, source_and_options, without_secrets
from edge.doctor.machine import service as doctors_service
from edge.errors import OutputError, ServiceError
from edge.live.changes import NO_CAMERA
from edge.live.keeping import Keeping, Wish
from edge.live.moment import Change, Moment
from edge.live.outputs.heartbeat import Heartbeat
from edge.live.pace import Pace
from edge.live.pulse import Pulse
from edge.live.settings import Settings, Telling
from edge.machine.notify import ServiceManager
from edge.machine.output_file import write_secret
from edge.mqtt.access import Access
from edge.prediction import Prediction
from edge.service import systemd
from edge.service.folders import folders_of
from edge.service.unit import (
    NAME,
    NETWORKS,
    WORK,
    Network,
    Unit,
    command_line,
    is_writable,
    unit_text,
)
from tests.support.certificate import server_context
from tests.support.clock import Clock
from tests.support.command import edge, run_program, start_module
from tests.support.faulty_camera import idle_feed
from tests.support.kernel_files import board
from tests.support.terminal import drawn_on

NO_FACE = Prediction("no_face", latency_ms=1.0)
HAPPY = Prediction("happy", 0.93, (0, 0, 9, 9), track_id=1, latency_ms=1.0)


class Manager:
    """What systemd does for a service: a datagram socket that it listens on."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "8000000"}

    def heard(self) -> list[str]:
        """Every line that came since the last call."""
        lines: list[str] = []
        while True:
            try:
                lines += self.socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return lines


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    listening = Manager(tmp_path / "notify")
    with closing(listening.socket):
        yield listening


def moment(answer: Prediction, changed: bool = False, frame: bool = True) -> Moment:
    image = CapturedFrame(None, 0, 0.0, 0.0) if frame else None  # type: ignore[arg-type]
    changes = (Change(answer, None, 1),) if changed else ()
    return Moment(0.0, image, (answer,), changes)


def heartbeat(manager: Manager, clock: Clock, tmp_path: Path, feed: CameraFeed) -> Heartbeat:
    pace = Pace(None, board(tmp_path, 40), clock)
    return Heartbeat(ServiceManager(manager.environment), feed, pace, Pulse(), clock)


def test_the_manager_hears_that_frames_are_answered_a_few_times_a_watchdog(
    manager: Manager, tmp_path: Path
) -> None:
    clock = Clock()
    beat = heartbeat(manager, clock, tmp_path, idle_feed())
    assert beat.__enter__() is beat
    assert manager.heard()[0] == "READY=1"
    for _ in range(100):  # ten seconds at ten frames a second
        beat.take(moment(HAPPY))
        clock.now_s += 0.1
    heard = manager.heard()
    assert heard.count("WATCHDOG=1") == 5  # a quarter of the eight seconds is two
    assert heard.count("STATUS=happy 0.93, 0.0 frames a second") == 1


def test_without_answered_frames_there_is_no_sign_of_life(manager: Manager, tmp_path: Path) -> None:
    clock = Clock()
    beat = heartbeat(manager, clock, tmp_path, idle_feed())
    for _ in range(100):
        beat.idle()
        clock.now_s += 0.1
    assert manager.heard() == []


def test_a_camera_that_is_away_is_no_reason_to_start_again_but_a_lost_driver_is(
    manager: Manager, tmp_path: Path
) -> None:
    clock, feed = Clock(), idle_feed()
    beat = heartbeat(manager, clock, tmp_path, feed)
    beat.take(moment(NO_CAMERA, changed=True, frame=False))
    assert manager.heard() == ["WATCHDOG=1", f"STATUS=no frames from {feed.name}"]
    clock.now_s += 10
    feed.is_beyond_help = True
    beat.take(moment(NO_CAMERA, frame=False))
    assert manager.heard() == []


def test_a_frame_that_is_not_due_yet_counts_as_life(manager: Manager, tmp_path: Path) -> None:
    clock, feed = Clock(), idle_feed()
    pace = Pace(0.01, board(tmp_path, 40), clock)
    beat = Heartbeat(ServiceManager(manager.environment), feed, pace, Pulse(), clock)
    pace.answered(feed)
    beat.idle()
    assert manager.heard() == ["WATCHDOG=1"]


def test_nobody_listening_is_no_error(tmp_path: Path) -> None:
    assert ServiceManager({}).watchdog_s is None
    ServiceManager({}).tell("READY=1")
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    other = {"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}
    assert ServiceManager(other).watchdog_s is None
    assert ServiceManager({"WATCHDOG_USEC": "5000000"}).watchdog_s == 5


def test_an_abstract_socket_is_reached_too() -> None:
    name = f"happysad-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(5)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).tell("READY=1", "STATUS=here")
        assert listening.recv(100) == b"READY=1\nSTATUS=here"


def test_a_run_under_a_manager_says_ready_alive_and_stopping(manager: Manager, smile: Path) -> None:
    done = edge("webcam", "--service", smile, env=manager.environment)
    assert done.returncode == 0
    heard = manager.heard()
    assert heard[0] == "READY=1"
    assert "WATCHDOG=1" in heard
    assert any(line.startswith("STATUS=happy 0.9") for line in heard)
    assert heard[-1] == "STOPPING=1"
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["label"] for answer in answers] == ["no_face", "happy"]
    news = [json.loads(line) for line in done.stderr.splitlines()]
    assert all(set(line) == {"schema_version", "wall_time", "news"} for line in news)


@pytest.mark.parametrize("claimed", [True, False])
def test_what_libraries_print_of_damaged_frames_does_not_reach_the_log(claimed: bool) -> None:
    program = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from edge.machine.opencv import cv2; from edge.machine.quiet import claim_stderr\n"
        f"if {claimed}: claim_stderr()\n"
        "jpeg = Path('docs/faces.jpg').read_bytes()\n"
        "jpeg = jpeg[: len(jpeg) // 2] + bytes([0xFF, 0xD9])\n"
        "assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) is not None\n"
        "print('ours', file=sys.stderr)\n"
    )
    done = run_program(program, check=True)
    assert (done.stderr == "ours\n") == claimed
    assert done.stderr.endswith("ours\n")


def test_an_error_of_a_service_is_json_too() -> None:
    done = edge("webcam", "--service", "nothing.mp4")
    assert done.returncode == 1
    assert json.loads(done.stderr)["news"].startswith("error: nothing.mp4: no such video file")


def test_a_service_waits_for_a_camera_that_is_not_there(tmp_path: Path) -> None:
    with ExitStack() as held:
        process = held.enter_context(
            start_module("edge", "webcam", "--service", "/dev/video-none")
        )  # fmt: skip
        assert process.stdout
        answer = json.loads(process.stdout.readline())
        assert (answer["label"], answer["reason"]) == ("no_face", "no_camera")
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["/usr/bin/happysad", "webcam", "/dev/video0"], "/usr/bin/happysad webcam /dev/video0"),
        (["a", "sh -c 'echo $X > 50%'"], "a \"sh -c 'echo $$X > 50%%'\""),
        (["a", 'say "hi"', "back\\slash"], 'a "say \\"hi\\"" "back\\\\slash"'),
        (["a", ""], 'a ""'),
    ],
)
def test_words_reach_the_program_as_they_are(words: list[str], line: str) -> None:
    assert command_line(words) == line


def test_the_unit_is_what_systemd_takes_without_a_remark(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for number, unit in enumerate([
        Unit(sys.executable),
        Unit(sys.executable, ("--on-happy", "sh -c 'exit 3 % $'"), True, "any", True),
        Unit(sys.executable, ("--web", "8080"), network="this machine"),
        Unit(sys.executable, secrets=(("--mqtt-login", "/etc/50 % x"), ("--mqtt-ca", "/etc/ca"))),
        Unit(sys.executable, folders=("/srv/a b", '/srv/50 % of "x" \\')),
        Unit(sys.executable, ("--web", "0.0.0.0:8080"), network="neighbours"),
    ]):  # fmt: skip
        path = tmp_path / str(number) / NAME
        path.parent.mkdir()
        path.write_text(unit_text(unit))
        done = subprocess.run(
            ["systemd-analyze", "verify", str(path)], capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("network", NETWORKS)
def test_the_walls_are_high_with_a_page_too(network: Network, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    (tmp_path / NAME).write_text(unit_text(Unit(sys.executable, network=network)))
    done = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=yes", str(tmp_path / NAME)],
        capture_output=True, text=True,
    )  # fmt: skip
    if "offline" in done.stderr:
        pytest.skip("systemd-analyze of systemd 249 and before asks a running unit only")
    found = re.search(rf"Overall exposure level for {NAME}: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= {"none": 1.0}.get(network, 2.0)


def test_a_page_gets_as_much_of_the_network_as_it_is_for() -> None:
    here, near = unit_text(Unit(network="this machine")), unit_text(Unit(network="neighbours"))
    assert "IPAddressDeny=any\nIPAddressAllow=localhost\n" in here
    assert "IPAddressAllow=localhost link-local 10.0.0.0/8 " in near
    assert "network-online.target" not in here
    assert "After=local-fs.target network-online.target" in near
    broker, metrics = Telling(Access("mqtt://localhost")), Telling(metrics=9100)
    for source, given, network in (
        ("auto", Settings(), "none"),
        ("auto", Settings(web="8080"), "this machine"),
        ("auto", Settings(web="0.0.0.0:8080"), "neighbours"),
        ("rtsp://x/", Settings(web="8080"), "any"),
        ("auto", Settings(tell=broker), "this machine"),
        ("auto", Settings(web="0.0.0.0:8080", tell=broker), "neighbours"),
        ("auto", Settings(tell=Telling(Access("mqtt://home.local"))), "any"),
        ("auto", Settings(tell=metrics), "this machine"),
    ):
        assert network_of(source, given) == network


def test_files_with_secrets_of_a_broker_are_handed_over_by_systemd(tmp_path: Path) -> None:
    login = tmp_path / "my 50 % login"
    login.write_text("user\nsecret\n")
    login.chmod(0o600)
    words = ("--mqtt", "mqtt://localhost", "--mqtt-name", "Door")
    for given in (("--mqtt-login", str(login)), (f"--mqtt-login={login}",)):
        options, secrets = without_secrets((*words[:2], *given, *words[2:]))
        assert (options, secrets) == (words, (("--mqtt-login", str(login)),))
    unit = unit_text(Unit(arguments=options, secrets=secrets, has_source=True))
    assert (
        "webcam --service --mqtt mqtt://localhost --mqtt-name Door --source-file %d/source "
        "--mqtt-login %d/mqtt-login\nLoadCredential=source:/var/lib/happysad/source\n"
        f"LoadCredential=mqtt-login:{tmp_path}/my 50 %% login\n"
    ) in unit
    login.chmod(0o644)
    with pytest.raises(OutputError, match="can be read by everybody"):
        without_secrets((*words, "--mqtt-login", str(login)))


def test_the_certificate_of_a_page_is_handed_over_by_systemd(tmp_path: Path) -> None:
    _, certificate = server_context(tmp_path)
    key = tmp_path / "key.pem"
    words = ("--web", "0.0.0.0:8443", "--web-cert", str(certificate), "--web-key", str(key))
    secrets = (("--web-cert", str(certificate)), ("--web-key", str(key)))
    assert without_secrets(words) == (words[:2], secrets)
    unit = unit_text(Unit(arguments=words[:2], secrets=secrets))
    assert " --web-cert %d/web-cert --web-key %d/web-key\nLoadCredential=web-cert:/" in unit
    with pytest.raises(OutputError, match="^cannot read .*/none: No such file or directory$"):
        without_secrets((*words[:-1], str(tmp_path / "none")))


def test_only_a_camera_of_the_network_gets_the_network() -> None:
    walled, open_ = unit_text(Unit()), unit_text(Unit(network="any"))
    assert "PrivateNetwork=yes" in walled
    assert "AF_INET" not in walled
    assert "PrivateNetwork" not in open_
    assert "AF_INET AF_INET6" in open_
    assert "ProtectHome=read-only" in unit_text(Unit(is_in_home=True))


def test_wrong_options_are_said_before_anything_is_set_up() -> None:
    done = edge("service", "install", "--", "--max-fpss", "3")
    assert done.returncode == 2
    assert "No such option: --max-fpss" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--show"], "--show: a service has no window"),
        (["--record", "x.txt"], "--record x.txt: its name must end in .mp4 or .avi"),
        (["--on-happy", "no-such-program"], "no program no-such-program is found"),
        (["--on-happy", "sh -c 'echo\n'"], "no line breaks or other control characters"),
        (["--model", "/home/me/x.tflite"], "a service sees no home folders"),
    ],
)
def test_what_cannot_run_as_a_service_is_wrong_usage(words: list[str], said: str) -> None:
    done = edge("service", "install", "/dev/video0", "--", *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("words", "source", "options"),
    [
        ([], "auto", ()),
        (["rtsp://u:p@h/1"], "rtsp://u:p@h/1", ()),
        (["--max-fps", "5", "5"], "5", ("--max-fps", "5")),
        (["0", "--threads", "1"], "0", ("--threads", "1")),
    ],
)
def test_the_source_is_in_no_unit(words: list[str], source: str, options: tuple[str, ...]) -> None:
    found = source_and_options(tuple(words))
    assert found == (source, options)
    text = unit_text(Unit(arguments=options, has_source=source != "auto"))
    assert "rtsp" not in text
    credential = "LoadCredential=source:/var/lib/happysad/source\n"
    assert (credential in text) == ("--source-file %d/source\n" in text) == (source != "auto")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--source-file", "x"], "--source-file: give it before the --"),
        (
            ["--record", "/tmp/x.mp4"],
            "--record /tmp/x.mp4: a service may write below /var/lib/happysad/service only: give "
            "a name without a folder",
        ),
        (
            ["--web", "0.0.0.0:8080", "--web-token-file", "/root/token"],
            "--web-token-file /root/token: a service may write below /var/lib/happysad/service "
            "only: give a name without a folder",
        ),
        (
            ["--report", "../x.png"],
            "--report ../x.png: a service may write below /var/lib/happysad/service only: give a "
            "name without a folder",
        ),
    ],
)
def test_what_a_service_cannot_read_or_write_is_refused_at_once(
    words: list[str], said: str
) -> None:
    with pytest.raises(typer.BadParameter) as refused:
        source_and_options(("/dev/video0", *words))
    assert refused.value.message == said


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["rtsp://u:hunter2@cam/1"], True),
        (["http://cam/v?pwd=hunter2&w=1"], True),
        (["rtsp://cam/1", "--max-fps", "5"], False),
        (["/dev/video0"], False),
    ],
)
def test_doctor_finds_a_unit_with_a_password_that_an_older_version_wrote(
    words: list[str], found: bool, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_text(unit_text(Unit(arguments=tuple(words))))
    findings = list(doctors_service(tmp_path))
    assert [finding.found for finding in findings] == (
        [f"{tmp_path}/{NAME} shows a password to everybody"] if found else []
    )
    assert list(doctors_service(tmp_path / "none")) == []


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_is_told_the_services_token_and_a_log_its_file(
    is_terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, other = tmp_path / "work", tmp_path / "other"
    work.mkdir()
    other.mkdir()
    write_secret(work / "mine", "0123456789+&#%/?=")
    monkeypatch.setattr("edge.cli.service.WORK", work)
    monkeypatch.chdir(other)
    controller, terminal = os.openpty()
    log = tmp_path / "log"
    with os.fdopen(terminal, "w") as screen, log.open("w") as file:
        monkeypatch.setattr(sys, "stderr", screen if is_terminal else file)
        _invite(Settings(web="192.0.2.7:8080", web_token_file=Path("mine")))
    said = drawn_on(controller).splitlines() + log.read_text().splitlines()
    if is_terminal:
        address = "http://192.0.2.7:8080/?token=0123456789%2B%26%23%25%2F%3F%3D"
        assert said[0] == f"page: {address}"
        assert "█" in said[2]
    else:
        assert said == [
            "page: http://192.0.2.7:8080/",
            "page: open http://192.0.2.7:8080/?token=*** once, with the token from "
            f"{work / 'mine'} in place of ***",
        ]
    assert list(other.iterdir()) == []  # no second one


def test_a_service_may_write_in_its_own_folder() -> None:
    for name in ("x.mp4", "runs/x.mp4", "/var/lib/happysad/service/x.mp4", "runs/../x.mp4"):
        assert is_writable(Path(name)), name
    for name in ("/x.mp4", "../x.mp4", "/var/lib/happysad/service/../x.mp4", "/tmp/x.mp4"):
        assert not is_writable(Path(name)), name


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with systemd: its files below a folder, its programs those of this test."""
    if os.geteuid() != 0:
        pytest.skip("setting a service up is root's business")
    for name in ("systemctl", "systemd-analyze", "useradd", "userdel", "runuser"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "{name} $1" >> {tmp_path}/log\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setattr(systemd, "RUNNING", tmp_path)
    monkeypatch.setattr(systemd, "UNIT_PATH", tmp_path / "etc" / NAME)
    monkeypatch.setattr(systemd, "SOURCE", str(tmp_path / "lib" / "source"))
    return tmp_path


def test_a_unit_that_systemd_refuses_leaves_all_as_it_was(machine: Path) -> None:
    (machine / "bin" / "systemd-analyze").write_text("#!/bin/sh\necho bad: $1 >&2\nexit 1\n")
    with pytest.raises(ServiceError, match=r"^systemd does not take the unit: bad: verify$"):
        systemd.install(Unit(has_source=True), "rtsp://u:hunter2@cam/1")
    assert not (machine / "etc").exists()
    assert not (machine / "lib").exists()
    asked = [line.split()[0] for line in (machine / "log").read_text().splitlines()]
    assert asked == ["useradd", "runuser", "userdel"]


def test_a_service_without_a_source_keeps_no_password_of_the_one_before(machine: Path) -> None:
    systemd.install(Unit(has_source=True), "rtsp://u:hunter2@cam/1")
    source = machine / "lib" / "source"
    assert source.read_text() == "rtsp://u:hunter2@cam/1\n"
    assert source.stat().st_mode & 0o777 == 0o600
    systemd.install(Unit(), "auto")
    assert not source.exists()
    assert (machine / "etc" / NAME).read_text() == unit_text(Unit())


def test_a_folder_outside_is_made_for_the_service_and_root_s_when_it_is_gone(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "bin" / "chown").write_text(f'#!/bin/sh\necho "chown $*" >> {machine}/log\n')
    (machine / "bin" / "chown").chmod(0o755)
    there, made = machine / "there", machine / "made" / '5 % "x" \\'
    there.mkdir()
    unit = Unit(folders=(str(there), str(made)))
    systemd.install(unit, "auto")
    assert made.is_dir()
    assert folders_of((machine / "etc" / NAME).read_text()) == [str(there), str(made)]
    log = (machine / "log").read_text().splitlines()
    assert [line for line in log if line.startswith("chown")] == [f"chown happysad:happysad {made}"]
    taken = "chown --recursive --no-dereference --from=happysad root:root"
    systemd.install(Unit(folders=(str(made),)), "auto")
    assert (machine / "log").read_text().splitlines()[-1] == f"{taken} {there}"
    systemd.install(unit, "auto")
    monkeypatch.setattr(systemd, "_user_exists", lambda: True)
    assert systemd.remove()
    log = (machine / "log").read_text().splitlines()
    assert log[-3:-1] == [f"{taken} {there}", f"{taken} {made}"]
    assert log[-1] == "userdel happysad"
    (machine / "bin" / "runuser").write_text('#!/bin/sh\n[ "$4" != test ]\n')
    refused = (
        f"^the user happysad may not write to {there}: name a folder that is not there yet, which "
        "is made for it$"
    )
    with pytest.raises(ServiceError, match=refused):
        systemd.install(unit, "auto")
    log = (machine / "log").read_text().splitlines()
    assert log[-2:] == [f"{taken} {there}", f"{taken} {made}"]


def test_what_a_service_writes_outside_of_its_folder_is_in_its_unit_and_not_in_a_home() -> None:
    wishes = (Wish("happy", Path("photos")), Wish("sad", Path("/srv/pictures/")))
    keep = Keeping(history=Path("/srv/week.db"), photos=wishes, clips=wishes)
    assert folders_of_a_service(keep) == ("/srv", "/srv/pictures")
    assert folders_of_a_service(Keeping(doubtful=Path("/srv/review"))) == ("/srv/review",)
    assert folders_of_a_service(Keeping(history=Path("week.db"))) == ()
    for folder in ("/home/me/photos", "/tmp", "../../../../root"):
        with pytest.raises(typer.BadParameter) as caught:
            folders_of_a_service(Keeping(photos=(Wish("happy", Path(folder)),)))
        assert caught.value.message == (
            f"--photo {os.path.normpath(WORK / folder)}: a service sees no home folders, and has a "
            "/tmp of its own: give a name without a folder, or one such as /srv/happysad"
        )


def test_without_systemd_it_is_one_line() -> None:
    if Path("/run/systemd/system").is_dir():
        pytest.skip("this machine runs systemd")
    for command in ("status", "remove"):
        done = edge("service", command)
        assert done.returncode == 1
        assert done.stderr == (
            "error: this machine does not run systemd: start 'happysad webcam' another way\n"
        )
    done = edge("service", "install")
    assert done.returncode == 1
    assert done.stderr == (
        "error: a service needs the installed command: pip install happysad-*.whl\n"
    )
