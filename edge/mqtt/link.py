"""One connection to a broker, from its beginning to its end; all of it on the caller's thread."""

import contextlib
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo, error_string
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from .broker import Broker
from .device import Device
from .discovery import OFFLINE, ONLINE, STATUS

KEEPALIVE_S = 30  # a broker that is silent for longer than twice that is gone
HUNG_UP = error_string(MQTTErrorCode.MQTT_ERR_CONN_LOST).lower().rstrip(".")
PATIENCE_S = 10.0  # for the network, and again for the broker's welcome
Got = TypeVar("Got")


class Lost(Exception):
    """There is no connection, and why."""


class Refused(Lost):
    """Somebody is there, but does not let us in, or is not who it should be."""


class Link:
    """A context manager that connects, and ends the connection in good order.

    There is a new client for each: one that is used again sends once more what the broker has not
    acknowledged, after what is newer, and grows by that with each failure.

    Attributes:
        has_birth: Whether Home Assistant has said that it has started; for the caller to reset.
        heard: The topics of messages, of those that were listened to; True where any was not empty.
    """

    def __init__(self, broker: Broker, device: Device) -> None:
        """Connects to nothing yet."""
        self._broker, self._device = broker, device
        self._welcome: ReasonCode | None = None
        self._sent: MQTTMessageInfo | None = None
        self.has_birth = False
        self.heard: dict[str, bool] = {}
        client = Client(CallbackAPIVersion.VERSION2, client_id=device.client)
        client.connect_timeout = PATIENCE_S
        client.will_set(device.availability, OFFLINE, qos=1, retain=True)
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            client.tls_set_context(broker.tls)
        client.on_connect, client.on_message = self._on_connect, self._on_message
        self._client = client

    def __enter__(self) -> "Link":
        """Connects.

        Raises:
            Lost: There is no such host, nobody listens there, or we are refused.
        """
        address = self._broker.address
        end_s = time.monotonic() + 2 * PATIENCE_S
        try:
            self._try(lambda: self._client.connect(address.host, address.port, KEEPALIVE_S))
            while self._welcome is None:
                if time.monotonic() > end_s:
                    raise Lost("it does not answer")
                self.step(0.1)
        except Lost as lost:
            self.__exit__()
            raise type(lost)(f"{lost}{self._guess(lost)}") from lost
        return self

    @property
    def is_idle(self) -> bool:
        """Whether the broker has acknowledged all that was sent; a Lost where it never will."""
        sent = self._sent
        return sent is None or self._try(sent.is_published)

    def send(self, topic: str, payload: bytes) -> None:
        """Sends what the broker is to keep, at once; nothing takes away what it has kept.

        Raises:
            Lost: The connection has ended.
        """
        sent = self._try(lambda: self._client.publish(topic, payload, qos=1, retain=True))
        if sent.rc > 0:
            raise Lost(error_string(sent.rc).lower().rstrip("."))
        self._sent = sent

    def listen(self, topics: Sequence[str]) -> None:
        """Lets the broker send what it keeps of topics, and then what comes.

        Raises:
            Lost: The connection has ended.
        """
        self._try(lambda: self._client.subscribe([(topic, 1) for topic in topics]))

    def step(self, wait_s: float) -> None:
        """Receives and sends what there is.

        Raises:
            Lost: The connection has ended, or was refused.
        """
        code = self._try(lambda: self._client.loop(wait_s))
        if self._welcome is not None and self._welcome.is_failure:
            raise Refused(f"refused: {str(self._welcome).lower()}")
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise Lost(error_string(code).lower().rstrip("."))

    def __exit__(self, *error: object) -> None:
        """Says goodbye, after which the broker does not carry out the will."""
        with contextlib.suppress(Lost):
            self._try(self._client.disconnect)
        # Nothing leads back to us: the client and its sockets end here, and wait for no collector.
        self._client.on_connect = self._client.on_message = None

    def _guess(self, lost: Lost) -> str:
        """What may be wrong where the other side hangs up at our first words."""
        cause = lost.__cause__
        if self._broker.tls:
            is_other = isinstance(cause, ConnectionResetError) or (
                getattr(cause, "reason", "")
                in ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING")
            )
            return " (a port without TLS? that is mqtt://)" if is_other else ""
        is_other = str(lost) == HUNG_UP and self._welcome is None
        return " (a port for TLS? that is mqtts://)" if is_other else ""

    def _try(self, ask: Callable[[], Got]) -> Got:
        try:
            return ask()
        except ssl.SSLError as error:
            raise Refused(getattr(error, "verify_message", "") or error.reason or error) from error
        except OSError as error:
            raise Lost(error.strerror or error) from error
        except Exception as error:  # what a server sends makes the parser raise nearly anything
            raise Lost(f"{type(error).__name__}: {error}") from error

    def _on_connect(
        self, client: Client, data: Any, flags: Any, code: ReasonCode, properties: Any
    ) -> None:
        self._welcome = code
        if not code.is_failure:
            client.subscribe(STATUS, qos=1)

    def _on_message(self, client: Client, data: Any, message: MQTTMessage) -> None:
        if message.topic != STATUS:
            known = self.heard.get(message.topic, False)
            self.heard[message.topic] = known or bool(message.payload)
            return
        # One that the broker has kept is of a start long ago.
        self.has_birth |= message.payload == ONLINE and not message.retain
