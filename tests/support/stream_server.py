"""Servers of streams on loopback, each a process that a test can stop, stall and start again."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chain import ROOT

SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's, which has GStreamer


class Server:
    """A stream server in a process of its own.

    Attributes:
        url: Of its stream.
    """

    def __init__(self, url: str, command: list[str]) -> None:
        self.url, self._command = url, command
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.stop()


def http_camera(video: Path, fps: int = 20) -> contextlib.AbstractContextManager[Server]:
    """MJPEG over HTTP: a video in a loop."""
    port = free_port()
    script = str(ROOT / "tests" / "support" / "mjpeg_server.py")
    command = [sys.executable, script, port, str(fps), str(video)]
    return running(Server(f"http://127.0.0.1:{port}/", command))


def rtsp_camera(folder: Path, fps: int = 15) -> contextlib.AbstractContextManager[Server]:
    """RTSP: the JPEG files of a folder in a loop; the test is skipped where GStreamer is not."""
    has_server = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if not shutil.which(SYSTEM_PYTHON) or subprocess.run(
        [SYSTEM_PYTHON, "-c", has_server], capture_output=True
    ).returncode:  # fmt: skip
        pytest.skip("no RTSP server: apt install python3-gi gir1.2-gst-rtsp-server-1.0")
    port = free_port()
    script = str(ROOT / "tests" / "support" / "rtsp_server.py")
    command = [SYSTEM_PYTHON, script, port, str(fps), str(folder)]
    return running(Server(f"rtsp://127.0.0.1:{port}/camera", command))


def wait_for_port(port: int) -> None:
    end_s = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < end_s
            time.sleep(0.05)
