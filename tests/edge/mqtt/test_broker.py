"""`webcam --mqtt` with a real broker: what it hears, and what happens when it is not there."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

from edge.camera.feed import CapturedFrame
from edge.cli.service_words import parsed
from edge.errors import OutputError
from edge.gallery.blur import blurred
from edge.live.changes import NO_CAMERA
from edge.live.moment import Change, Moment
from edge.live.outputs.broker import BrokerOutput
from edge.live.settings import Settings, Telling
from edge.live.watch import Watch
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from edge.mqtt.access import Access
from edge.mqtt.address import Address, parse_address
from edge.mqtt.broker import broker as read_broker
from edge.mqtt.connection import Connection, Pauses
from edge.mqtt.device import Device, device
from edge.mqtt.discovery import discovery
from edge.mqtt.forgetting import make_forget
from edge.mqtt.link import Link, Lost
from edge.prediction import Prediction
from tests.support.certificate import server_context
from tests.support.command import edge, run_program, start_module
from tests.support.kills import kill_speakers
from tests.support.mosquitto import listening, mosquitto
from tests.support.page_server import IMAGE
from tests.support.patience import until
from tests.support.stream_server import free_port, http_camera

HAPPY = Prediction("happy", 0.93, p_sad=0.02, p_neutral=0.04, track_id=1)
SAD = Prediction("sad", 0.03, p_sad=0.9, p_neutral=0.04, track_id=2)
BLACK, WHITE = (np.full((64, 64, 3), level, np.uint8) for level in (0, 255))
QUICK = Pauses(first=0.01, longest=0.05, birth=0.05, last=5.0)
MINE = Device("0123456789ab", "happysad door")


def moment(
    *answers: Prediction,
    frame: bool = True,
    image: np.ndarray = IMAGE,
    changes: tuple[Change, ...] | None = None,
) -> Moment:
    """One in which every face is new, unless the changes say otherwise."""
    taken = CapturedFrame(image, 0, 0.0, time.monotonic()) if frame else None
    new = tuple(Change(answer, None, 1) for answer in answers)
    return Moment(0.0, taken, answers, new if changes is None else changes)


def brightness(jpeg: bytes) -> int:
    return round(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1).mean())


def output(said: list[str], address: str, pictures: bool = False, **access: Path) -> BrokerOutput:
    class Said:
        tell = staticmethod(said.append)

    telling = Telling(Access(address, **access), "Door", pictures)
    settings = Settings("0", SHIPPED_MODEL, tell=telling)
    watch = Watch(settings, threading.Event())
    # Told by no drift, however slow the machine is.
    return BrokerOutput(settings, watch, Said(), QUICK, 3600.0)  # type: ignore[arg-type]


def connection(said: list[str], port: int, **access: Path) -> Connection:
    scheme = "mqtts" if "ca" in access or "cert" in access else "mqtt"
    known = read_broker(Access(f"{scheme}://127.0.0.1:{port}", **access))
    return Connection(known, MINE, said.append, QUICK)


def test_a_run_tells_a_broker_what_it_sees_and_forget_takes_it_back(
    smile: Path, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as broker, http_camera(smile) as camera:
        address = f"mqtt://127.0.0.1:{broker.port}"
        with listening(broker) as listener:
            with start_module(
                "edge", "webcam", camera.url, "-m", "faces", "--mqtt", address, "--mqtt-name",
                "Front door", "--mqtt-pictures", stdout=subprocess.DEVNULL,
            ) as process:  # fmt: skip
                try:
                    until(lambda: any(b'"happy"' in state for state in listener.of("/state")))
                    until(lambda: listener.of("/picture") != [])
                finally:
                    process.terminate()
                _, said = process.communicate(timeout=30)
            until(lambda: listener.of("/availability")[-1:] == [b"offline"])
            told = [json.loads(state) for state in listener.of("/state") if b'"happy"' in state]
        name = re.search(r"mqtt: connected to mqtt://127.0.0.1:\d+ as (\S+)", said)
        assert name, said
        assert re.fullmatch("happysad_front_door_[0-9a-f]{12}", name[1])
        assert listener.of("/availability") == [b"online", b"offline"]
        (config,) = listener.of(f"homeassistant/device/{name[1]}/config")
        assert json.loads(config)["device"]["name"] == "Front door"
        assert listener.of("/picture")[0].startswith(b"\xff\xd8\xff")
        assert told[0] == {
            "expression": "happy", "smiling": "ON", "p_happy": told[0]["p_happy"], "faces": 1,
            "camera": "ON", "happy_today": 1, "sad_today": 0, "neutral_today": 0, "band": None,
        }  # fmt: skip
        assert told[0]["p_happy"] > 50
        # Who comes later finds all of it, and after 'forget' nothing.
        with listening(broker) as late:
            until(lambda: len(late.heard) == 4)
            assert all(message.retain for message in late.heard)
        forgotten = edge("mqtt", "forget", address, "--mqtt-name", "Front door")
        assert (forgotten.returncode, forgotten.stdout) == (0, "")
        assert forgotten.stderr == f"nothing of Front door ({name[1]}) is left at {address}\n"
        with listening(broker) as later:
            later.say("end", b".")
            until(lambda: bool(later.heard))
            assert [message.topic for message in later.heard] == ["end"]
        again = edge("mqtt", "forget", address, "--mqtt-name", "Front door")
        nothing = f"has nothing of Front door ({name[1]}): give the --mqtt-name that it had"
        assert (again.returncode, again.stderr) == (1, f"error: {address} {nothing}\n")


def test_a_state_is_told_when_it_changes_and_a_probability_alone_seldom(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, listening(broker) as listener:
        with output([], f"mqtt://127.0.0.1:{broker.port}") as told:
            told.take(moment(HAPPY, SAD))
            until(lambda: b'"faces": 2' in b"".join(listener.of("/state")[-1:]))
            for p_happy in (0.99, 0.5, 0.98, 0.6):
                told.take(Moment(0.0, moment().frame, (Prediction("happy", p_happy), SAD)))
            told.take(moment(NO_CAMERA, frame=False))
            until(lambda: b'"camera": "OFF"' in listener.of("/state")[-1])
        states = [json.loads(payload) for payload in listener.of("/state")]
    both, none = states[-2:]
    assert both == {
        "expression": "happy", "smiling": "ON", "p_happy": 93, "faces": 2, "camera": "ON",
        "happy_today": 1, "sad_today": 1, "neutral_today": 0, "band": None,
    }  # fmt: skip
    assert [none[key] for key in ("expression", "smiling", "p_happy", "faces")] == [None] * 4


def test_without_pictures_the_broker_loses_the_last_one_of_an_earlier_run(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, listening(broker) as listener:
        address = f"mqtt://127.0.0.1:{broker.port}"
        with output([], address, pictures=True) as told:
            told.take(moment(HAPPY))
            until(lambda: listener.of("/picture")[-1:] != [])
        with output([], address):
            until(lambda: listener.of("/picture")[-1] == b"")
        with_it, without = (json.loads(config) for config in listener.of("/config"))
    assert with_it["components"]["picture"]["content_type"] == "image/jpeg"
    assert without["components"]["picture"] == {"platform": "image"}


def test_a_change_soon_after_a_picture_is_pictured_when_the_pause_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.live.outputs.broker.PICTURE_S", 3600.0)
    monkeypatch.setattr("edge.live.outputs.broker.LOOK_EVERY_S", 0.0)
    with mosquitto(tmp_path) as broker, listening(broker) as listener:
        with output([], f"mqtt://127.0.0.1:{broker.port}", pictures=True) as told:
            told.take(moment(HAPPY))
            until(lambda: len(listener.of("/picture")) == 1)
            told.take(moment(SAD, image=WHITE))
            told.take(moment(SAD, image=WHITE, changes=()))
            monkeypatch.setattr("edge.live.outputs.broker.PICTURE_S", 0.0)
            told.take(moment(SAD, image=BLACK, changes=()))
            until(lambda: len(listener.of("/picture")) == 2)
            told.take(moment(SAD, image=WHITE, changes=()))  # nothing is new
        until(lambda: listener.of("/availability")[-1:] == [b"offline"])
        assert [brightness(picture) for picture in listener.of("/picture")[1:]] == [0]


def test_a_camera_that_was_lost_is_no_change_to_picture_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.live.outputs.broker.PICTURE_S", 3600.0)
    monkeypatch.setattr("edge.live.outputs.broker.LOOK_EVERY_S", 0.0)
    with mosquitto(tmp_path) as broker, listening(broker) as listener:
        with output([], f"mqtt://127.0.0.1:{broker.port}", pictures=True) as told:
            told.take(moment(NO_CAMERA, frame=False))
            told.take(moment(Prediction("no_face"), image=BLACK, changes=()))
            told.take(moment(HAPPY, image=WHITE))
            until(lambda: listener.of("/picture") != [])
            told.take(moment(SAD, image=BLACK))  # within the pause; its camera is lost with it
            told.take(moment(NO_CAMERA, frame=False))
            monkeypatch.setattr("edge.live.outputs.broker.PICTURE_S", 0.0)
            told.take(moment(SAD, image=BLACK, changes=()))
        until(lambda: listener.of("/availability")[-1:] == [b"offline"])
        assert [brightness(picture) for picture in listener.of("/picture")] == [255]


def test_user_and_password_are_read_from_a_file_and_a_refusal_is_no_connection(
    tmp_path: Path,
) -> None:
    passwords, login = tmp_path / "passwords", tmp_path / "login"
    passwords.write_text("me:se cret\n")
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    with mosquitto(tmp_path, "allow_anonymous false", f"password_file {passwords}") as broker:
        for lines, ending in (
            ("me\nwrong\n", "refused: not authorized; trying again until it is there"),
            ("me\nse cret\n", f" as {MINE.client}"),
        ):
            login.write_text(lines)
            login.chmod(0o600)
            said: list[str] = []
            with connection(said, broker.port, login=login) as kept:
                until(lambda said=said: said != [])
            assert said[0].endswith(ending)
            assert kept.was_there == ("as" in ending.split())
            assert said[1:] == []


# Where the greeting fails paho leaves the socket to the collector.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
def test_a_port_that_is_for_the_other_kind_is_guessed_at(tmp_path: Path) -> None:
    _, certificate = server_context(tmp_path)
    key = certificate.with_name("key.pem")
    files = (f"certfile {certificate}", f"keyfile {key}", "allow_anonymous true")
    for settings, scheme, guess in (
        (("allow_anonymous true",), "mqtts", "(a port without TLS? that is mqtt://)"),
        (files, "mqtt", "(a port for TLS? that is mqtts://)"),
    ):
        with mosquitto(tmp_path, *settings) as broker:
            known = read_broker(Access(f"{scheme}://127.0.0.1:{broker.port}"))
            with pytest.raises(Lost, match=re.escape(guess)), Link(known, MINE):
                pass


def test_a_login_that_is_of_no_use_is_said_in_a_line(tmp_path: Path) -> None:
    login = tmp_path / "login"
    for lines, mode, reason in (
        ("me\nx\n", 0o644, f"{login} can be read by everybody: chmod 600 {login}"),
        (
            "\n", 0o600,
            f"--mqtt-login {login}: expected the user in its first line, and the password in the "
            "second, which may be empty",
        ),
        (
            "me\n", 0o600,
            f"--mqtt-login {login}: expected the user in its first line, and the password in the "
            "second, which may be empty",
        ),
        ("", 0o600, f"--mqtt-login {login}: it is empty"),
        (None, 0, f"--mqtt-login {login}: No such file or directory"),
    ):  # fmt: skip
        login.unlink(missing_ok=True)
        if lines is not None:
            login.write_text(lines)
            login.chmod(mode)
        with pytest.raises(OutputError) as error:
            read_broker(Access("mqtt://h", login=login))
        assert str(error.value) == reason
    os.mkfifo(login, 0o600)  # of which reading would wait
    with pytest.raises(OutputError, match=f"^--mqtt-login {login}: it is no regular file$"):
        read_broker(Access("mqtt://h", login=login))


def test_a_password_in_plain_text_is_said_but_not_on_this_machine(tmp_path: Path) -> None:
    login = tmp_path / "login"
    login.write_text("me\nx\n")
    login.chmod(0o600)
    said: list[str] = []
    for address in ("mqtt://127.0.0.1", "mqtts://broker.example", "mqtt://broker.example"):
        output(said, address, login=login)
    assert said == [
        "mqtt: the password goes to mqtt://broker.example:1883 as plain text, which whoever is "
        "between can read: mqtts:// encrypts it"
    ]


def test_another_model_is_introduced_and_pictures_are_blurred(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, listening(broker) as listener:
        with output([], f"mqtt://127.0.0.1:{broker.port}", pictures=True) as told:
            until(lambda: listener.of("/config") != [])
            watch = told._watch
            other = watch.load(SHIPPED_MODEL, SHIPPED_MODEL.read_bytes())
            other.contract = replace(other.contract, name="taught")
            watch.use(SHIPPED_MODEL, other)
            watch._take_up()
            told._blur = "all"
            told.take(moment(replace(HAPPY, box=(0, 0, *IMAGE.shape[1::-1]))))
            until(lambda: len(listener.of("/config")) == 2 and listener.of("/picture") != [])
        configs = [json.loads(config)["device"] for config in listener.of("/config")]
        shown = cv2.imdecode(np.frombuffer(listener.of("/picture")[-1], np.uint8), 1)
    assert [config["model"] for config in configs] == ["faces", "taught"]
    assert np.abs(shown.astype(int) - blurred(IMAGE, [(0, 0, *IMAGE.shape[1::-1])])).mean() < 5


def test_a_connection_that_is_gone_is_lost_also_for_whoever_sends(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        known = read_broker(Access(f"mqtt://127.0.0.1:{broker.port}"))
        with Link(known, MINE) as link:
            link._client.disconnect()
            with pytest.raises(Lost, match="^the client is not currently connected$"):
                link.send("a", b"")


# paho leaves the socket of a handshake that has failed to the collector, which is at once.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
def test_tls_is_checked_both_ways(tmp_path: Path) -> None:
    _, certificate = server_context(tmp_path)
    key = certificate.with_name("key.pem")
    settings = (
        f"cafile {certificate}", f"certfile {certificate}", f"keyfile {key}",
        "require_certificate true", "allow_anonymous true",
    )  # fmt: skip
    ours = {"cert": certificate, "key": key}
    with mosquitto(tmp_path, *settings) as broker:
        for access, ending in (
            ({"ca": certificate, **ours}, f" as {MINE.client}"),
            (ours, "self-signed certificate; trying again until it is there"),
        ):
            said: list[str] = []
            with connection(said, broker.port, **access):
                until(lambda said=said: said != [])
            assert said[0].endswith(ending)
        said = []
        with connection(said, broker.port, ca=certificate):
            until(lambda: said != [])
        assert "trying again" in said[0]


def test_a_broker_that_is_killed_is_told_the_newest_when_it_is_back(tmp_path: Path) -> None:
    said: list[str] = []
    with mosquitto(tmp_path) as broker:
        broker.stop()
        with connection(said, broker.port) as kept:
            until(lambda: said != [])
            kept.put("a", b"old")
            broker.start()
            until(lambda: len(said) == 2)
            broker.stop()
            until(lambda: len(said) == 3)  # and no more until it is back
            for number in range(10_000):
                kept.put("a", b"%d" % number)
            kept.put("b", lambda: b"made late")
            broker.start()
            with listening(broker) as listener:
                until(lambda: listener.of("/availability") == [b"online"])
                assert listener.of("a") == [b"9999"]
                assert listener.of("b") == [b"made late"]
            assert len(kept._held) == 3
    place = f"mqtt://127.0.0.1:{broker.port}"
    assert said[:2] == [
        f"mqtt: {place}: Connection refused; trying again until it is there",
        f"mqtt: connected to {place} as {MINE.client}",
    ]
    assert said[2].startswith(f"mqtt: {place}: ")
    assert said[3] == f"mqtt: connected to {place} again"


def test_a_broker_that_takes_nothing_holds_nobody_up_and_nothing_queues(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, listening(broker) as listener:
        with connection([], broker.port) as kept:
            until(lambda: listener.of("/availability") == [b"online"])
            broker.send(signal.SIGSTOP)
            for number in range(1000):
                kept.put("a", b"%d" % number + bytes(100_000))
            broker.send(signal.SIGCONT)
            until(lambda: listener.of("a")[-1:] == [b"999" + bytes(100_000)])
        assert len(listener.of("a")) <= 3  # one on the way, and what was newest then


def test_what_is_no_broker_is_left_and_asked_again() -> None:
    """It closes at once, and then says what no broker says."""
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        with connection(said, server.getsockname()[1]):
            server.accept()[0].close()
            for reply in (b"\x20\xff\xff\xff\xff\xff", b"\xe0\x00", b"\x30\x02\xff\xff"):
                link, _ = server.accept()
                link.sendall(reply)
                until(lambda: said != [])
                link.close()
        place = f"mqtt: mqtt://127.0.0.1:{server.getsockname()[1]}: "
    assert len(said) == 1
    assert said[0].startswith(place)


def test_when_home_assistant_starts_it_is_told_everything_again(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, listening(broker) as listener:
        with connection([], broker.port) as kept:
            kept.put("a", b"1")
            until(lambda: listener.of("/availability") == [b"online"])
            listener.say("homeassistant/status", b"offline")
            listener.say("homeassistant/status", b"online")
            until(lambda: listener.of("/availability") == [b"online", b"online"])
        assert listener.of("a") == [b"1", b"1"]


def test_a_killed_run_leaves_offline_behind_and_no_half_message(tmp_path: Path) -> None:
    kill_speakers(tmp_path, 1)


@pytest.mark.parametrize("pictures", [True, False])
def test_the_discovery_message_is_as_home_assistant_documents_it(pictures: bool) -> None:
    """The rules of its pages on MQTT and on its sensors, binary sensors and images."""
    message = discovery(MINE, "faces", ("happy", "sad", "neutral"), pictures)
    assert json.loads(json.dumps(message)) == message
    assert set(message) == {
        "device", "origin", "components", "availability_topic", "state_topic", "qos",
    }  # fmt: skip
    assert message["origin"]["name"]
    assert message["device"]["identifiers"] == [MINE.client]
    components = message["components"]
    picture = components.pop("picture")
    assert ("unique_id" in picture) == ("image_topic" in picture) == pictures
    ids = {component["unique_id"] for component in components.values()}
    assert len(ids) == len(components)
    assert MINE.config == f"homeassistant/device/{MINE.client}/config"
    assert re.fullmatch("[a-zA-Z0-9_-]+", MINE.client)
    for component in components.values():
        assert component["platform"] in ("sensor", "binary_sensor")
        assert re.fullmatch(r"\{\{ value_json\.\w+ \}\}", component["value_template"])
        assert "expire_after" not in component
        if component.get("device_class") == "enum":
            assert component["options"] == ["happy", "sad", "neutral", "unsure", "no_face"]
            assert not {"unit_of_measurement", "state_class"} & set(component)
        else:
            assert "options" not in component


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--mqtt", "http://h"], "--mqtt: http://h: expected mqtt://HOST or mqtt://HOST:PORT"),
        (["--mqtt", "mqtt://u:secret@h"], "write the user and the password into the two lines of"),
        (["--mqtt", "mqtt://h:99999"], "--mqtt: the address is malformed: expected mqtt://HOST"),
        (["--mqtt", "mqtt://h", "--mqtt-ca", "x"], "--mqtt-ca and --mqtt-cert belong to mqtts://"),
        (["--mqtt", "mqtts://h", "--mqtt-key", "x"], "--mqtt-key belongs to --mqtt-cert"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(options: list[str], reason: str) -> None:
    with pytest.raises(typer.BadParameter) as error:
        parsed(("x.mp4", *options))
    assert reason in str(error.value)
    assert "secret" not in str(error.value)


def test_tls_changes_the_port_and_a_device_keeps_its_name(tmp_path: Path) -> None:
    assert parse_address("mqtts://h") == Address("h", 8883, True)
    assert parse_address("mqtt://[::1]/") == Address("::1", 1883, False)
    assert str(parse_address("mqtt://[::1]")) == "mqtt://[::1]:1883"
    assert device(None) == device(None)
    assert len({device(name).id for name in (None, "a", "b", "ä")}) == 4


def test_without_the_package_a_line_says_how_to_get_it(smile: Path) -> None:
    program = (
        "import sys\nsys.modules['paho'] = None\n"
        "from edge.cli.main import main\n"
        "sys.argv[:1] = ['happysad', 'webcam']\nmain()"
    )
    done = run_program(program, smile, "--mqtt", "mqtt://h")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: --mqtt needs a package that is not installed: {sys.executable} -m pip install "
        "'paho-mqtt>=2.1,<3'\n"
    )


def test_a_run_whose_broker_was_never_there_says_so_at_its_end_and_fails(
    smile: Path, tmp_path: Path
) -> None:
    address = f"mqtt://127.0.0.1:{free_port()}"
    done = edge("webcam", smile, "-m", "faces", "--mqtt", address)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "faults: none",
        f"mqtt: {address} was never connected: it was told nothing",
    ]
    failed = edge("webcam", smile.with_name("none.mp4"), "-m", "faces", "--mqtt", address)
    assert failed.returncode == 1
    assert "never connected" not in failed.stderr


def test_what_a_slow_broker_sends_while_it_is_made_to_forget_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.mqtt.forgetting.HEARING_S", 0.0)  # all that it has comes too late
    topics = (MINE.config, MINE.state, MINE.picture, MINE.availability)
    with mosquitto(tmp_path) as broker, listening(broker) as listener:
        for topic in topics:
            listener.say(topic, b"kept", retain=True)
        until(lambda: len(listener.heard) == len(topics))
        make_forget(read_broker(Access(f"mqtt://127.0.0.1:{broker.port}")), MINE)
        until(lambda: len(listener.heard) == 2 * len(topics))
        assert {message.payload for message in listener.heard[len(topics) :]} == {b""}


def test_a_broker_that_cannot_be_reached_ends_forgetting_in_a_line(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        broker.stop()
        done = edge("mqtt", "forget", f"mqtt://127.0.0.1:{broker.port}")
    assert done.returncode == 1
    assert done.stderr == f"error: mqtt://127.0.0.1:{broker.port}: Connection refused\n"
