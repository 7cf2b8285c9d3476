"""Runs on the emulated Pi: a film with its page, and what the page's server answers.

`python look_at_page.py FILM` prints a JSON object: of `/healthz`, and the snapshot's first bytes.
"""

import fcntl
import json
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

SIOCSIFFLAGS, IFF_UP = 0x8914, 1  # netdevice(7)
ATTEMPTS = 5  # at a snapshot: it comes with the next frame


def main(film: str) -> None:
    """Shows the film, a frame in three seconds, and asks while it is shown."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    happysad = str(Path(sys.executable).with_name("happysad"))
    command = [happysad, "webcam", film, "--web", "0", "--max-fps", "0.3"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as runner:
        assert runner.stderr is not None
        lines = (re.match(r"page: (\S+)", line) for line in runner.stderr)
        address = next(found[1] for found in lines if found)
        snapshot = _snapshot(address)  # from then on there is a camera
        with urlopen(f"{address}healthz", timeout=60) as reply:
            json.dump({"healthz": json.load(reply), "snapshot": snapshot}, sys.stdout)
        runner.terminate()


def _snapshot(address: str) -> str:
    for _ in range(ATTEMPTS):
        try:
            with urlopen(f"{address}snapshot.jpg", timeout=60) as reply:
                return str(reply.read()[:2].hex())
        except HTTPError as error:  # no frame came meanwhile
            said = str(error)
    return said


main(sys.argv[1])
