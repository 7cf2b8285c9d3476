"""The options of MQTT, and the commands `mqtt ...`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..mqtt.access import Access, need_paho
from ..mqtt.address import parse_address
from .command_list import commands

app = commands(help="What an MQTT broker keeps of this device.")

MqttOption = Annotated[
    str | None,
    typer.Option(
        metavar="mqtt[s]://HOST[:PORT]",
        help="A broker to tell what is seen; Home Assistant finds the device there by itself.",
    ),
]
LoginOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Its first line is the broker's user, the second a password."
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Whom of mqtts:// to trust (.pem).", show_default="as the system does"
    ),
]
CertOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A client's TLS certificate (.pem).")
]
KeyOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The certificate's private key (.pem).")
]
NameOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The device's, as of several on one machine.",
        show_default="happysad and the machine's",
    ),
]
PicturesOption = Annotated[
    bool, typer.Option("--mqtt-pictures", help="Send the broker a picture at a change, too.")
]


@app.command()
def forget(
    broker: Annotated[str, typer.Argument(metavar="mqtt[s]://HOST[:PORT]", help="As of --mqtt.")],
    mqtt_login: LoginOption = None,
    mqtt_ca: CaOption = None,
    mqtt_cert: CertOption = None,
    mqtt_key: KeyOption = None,
    mqtt_name: NameOption = None,
) -> None:
    """Removes this device, and the last picture, from a broker and from Home Assistant.

    End what tells the broker first ('service remove'): it would tell it everything again.
    """
    access = access_of(broker, mqtt_login, mqtt_ca, mqtt_cert, mqtt_key)
    assert access
    need_paho()
    from ..mqtt.broker import broker as read_broker
    from ..mqtt.device import device
    from ..mqtt.forgetting import make_forget

    known, mine = read_broker(access), device(mqtt_name)
    make_forget(known, mine)
    print(f"nothing of {mine.name} ({mine.client}) is left at {known.address}", file=sys.stderr)


def access_of(
    address: str | None, login: Path | None, ca: Path | None, cert: Path | None, key: Path | None
) -> Access | None:
    """The options together; a usage error where they do not go together."""
    if address is None:
        return None
    try:
        is_secure = parse_address(address).is_secure
    except ValueError as error:
        raise typer.BadParameter(f"--mqtt: {error}") from error
    if (ca or cert) and not is_secure:
        raise typer.BadParameter("--mqtt-ca and --mqtt-cert belong to mqtts://")
    if key and not cert:
        raise typer.BadParameter("--mqtt-key belongs to --mqtt-cert")
    return Access(address, login, ca, cert, key)
