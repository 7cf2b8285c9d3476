"""What is around a live loop that is measured: a camera, a broker, and viewers of its page."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.child import ROOT, ChildError

VIEWER_FPS = 10.0
BROKER = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextlib.contextmanager
def camera(film: Path, fps: float) -> Iterator[str]:
    """The address of a camera that plays a film in a loop, over HTTP on loopback."""
    command = [sys.executable, "-m", "bench.camera", str(film), f"{fps}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[str]:
    """The address of a broker on loopback.

    Args:
        folder: Gets its settings.

    Raises:
        ChildError: There is none on this machine.
    """
    if BROKER is None:
        raise ChildError("no MQTT broker: apt install mosquitto")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with subprocess.Popen([BROKER, "-c", str(settings)], stderr=subprocess.DEVNULL) as process:
        try:
            yield f"mqtt://127.0.0.1:{port}"
        finally:
            process.kill()


def view(port: int) -> None:
    """Looks at the page as a browser does, at VIEWER_FPS, until it is gone."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    with (
        connect(f"ws://127.0.0.1:{port}/live", proxy=None, max_size=None) as page,
        contextlib.suppress(ConnectionClosed),
    ):
        while True:
            part = page.recv()
            if isinstance(part, bytes):
                time.sleep(1 / VIEWER_FPS)
                page.send("shown")
            elif '"kind": "nothing"' in part or '"size": null' in part:
                page.send("shown")
