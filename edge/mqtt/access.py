"""Which broker, and with whose files; loads nothing."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import RuntimeMissingError
from ..machine.pip import pip_command


@dataclass(frozen=True, slots=True)
class Access:
    """The options that say which broker, and who is to get in.

    Attributes:
        address: As `parse_address` takes it.
        login: A file whose first line is the user, and the second the password.
        ca: The certificates to trust, PEM; None for those of the system.
        cert: A client certificate, PEM.
        key: Its private key; None where it is in the same file.
    """

    address: str
    login: Path | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @property
    def files(self) -> dict[str, Path]:
        """Those that were given, by the options of the command `webcam`."""
        files = {"login": self.login, "ca": self.ca, "cert": self.cert, "key": self.key}
        return {f"--mqtt-{name}": path for name, path in files.items() if path}


def need_paho() -> None:
    """Loads the package of the extra.

    Raises:
        RuntimeMissingError: It is not installed.
    """
    try:
        import paho.mqtt.enums  # noqa: F401  # since 2.0
    except ImportError as error:
        raise RuntimeMissingError(
            f"--mqtt needs a package that is not installed: {pip_command('paho-mqtt')}"
        ) from error
