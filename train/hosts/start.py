"""What the chief of several hosts tells the others before they train, and what must be alike."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from data.errors import DatasetError
from train.hosts.joined import Joined
from train.packed import pack, unpack
from train.settings import Settings


def send_start(joined: Joined, settings: Settings, state: Path | None) -> None:
    """Tells the others what is trained; to be called by the chief.

    Args:
        joined: The hosts.
        settings: Of the run.
        state: The folder with what to go on from, if a training is resumed.
    """
    joined.from_chief(json.dumps(asdict(settings)).encode())
    joined.from_chief(pack(state, ".") if state else b"")


def receive_start(joined: Joined, state: Path) -> tuple[Settings, bool]:
    """What the chief sends; to be called by all others.

    Args:
        joined: The hosts.
        state: The folder for what to go on from.

    Returns:
        The settings of the run, and whether it is resumed.
    """
    settings = Settings(**json.loads(joined.from_chief()))
    packed = joined.from_chief()
    if packed:
        unpack(packed, state)
    return settings, bool(packed)


def check_alike(joined: Joined, fingerprint: str) -> None:
    """Waits until all have read their images.

    Args:
        joined: The hosts.
        fingerprint: Of the images of this one.

    Raises:
        DatasetError: Those of some host are not the chief's; all raise it.
    """
    hosts = joined.hosts
    is_other = np.zeros(len(hosts.addresses), np.int32)
    is_other[hosts.index] = joined.from_chief(fingerprint.encode()) != fingerprint.encode()
    (found,) = joined.sums([is_other])
    if found.any():
        raise DatasetError(
            f"{hosts.named(int(found.argmax()))} has other images than {hosts.named(0)}: give "
            "each host a copy of the same folder"
        )
