"""Debian's MQTT broker on loopback, and a listener that remembers what it hears."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from tests.support.patience import until
from tests.support.stream_server import free_port, wait_for_port

PROGRAM = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Mosquitto:
    """A broker in a process of its own; it forgets everything when it ends.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, folder: Path, *settings: str) -> None:
        if PROGRAM is None:
            pytest.skip("no MQTT broker: apt install mosquitto")
        self.port = int(free_port())
        self._file = folder / "mosquitto.conf"
        # Its own user could not read the folders of a test.
        user = ["user root"] if os.geteuid() == 0 else []
        lines = [f"listener {self.port} 127.0.0.1", *settings, "persistence false", *user]
        self._file.write_text("\n".join(lines) + "\n")
        self.start()

    def start(self) -> None:
        assert PROGRAM
        self._process = subprocess.Popen(
            [PROGRAM, "-c", str(self._file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for_port(self.port)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def mosquitto(folder: Path, *settings: str) -> Iterator[Mosquitto]:
    """A broker for the block; without settings everybody may come in."""
    broker = Mosquitto(folder, *(settings or ("allow_anonymous true",)))
    try:
        yield broker
    finally:
        broker.stop()


class Listener:
    """Hears all that is said at a broker.

    Attributes:
        heard: Every message, in the order of their coming.
    """

    def __init__(self, port: int) -> None:
        self.heard: list[paho.MQTTMessage] = []
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = self._begin
        self._client.on_message = lambda client, data, message: self.heard.append(message)
        self._has_begun = False
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        until(lambda: self._has_begun)

    def _begin(self, *_: object) -> None:
        self._has_begun = True

    def of(self, topic: str) -> list[bytes]:
        """The payloads of topics that end so."""
        return [message.payload for message in list(self.heard) if message.topic.endswith(topic)]

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.contextmanager
def listening(broker: Mosquitto) -> Iterator[Listener]:
    listener = Listener(broker.port)
    try:
        yield listener
    finally:
        listener.close()
