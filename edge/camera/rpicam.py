"""The Pi's CSI cameras through `rpicam-vid`, a child process that writes JPEG after JPEG."""

import os
import select
import shutil
import subprocess
import time

import numpy as np

from ..errors import CameraError, FrameError
from ..machine.opencv import children_environment, cv2
from .source import NotInstalledError, Wanted

PROGRAMS = ("rpicam-vid", "libcamera-vid")  # the second is its name before 2024
TIMEOUT_S = 3.0
START, END = b"\xff\xd8", b"\xff\xd9"  # of a JPEG file: ITU-T T.81, table B.1
MAX_BYTES = 20_000_000  # of one JPEG; more is no stream of them
CHUNK = 1 << 20
KEPT_WORDS = 2000  # bytes


class RpicamSource:
    """A running `rpicam-vid`; attributes and methods as of `Source`."""

    def __init__(self, number: int, wanted: Wanted) -> None:
        """Starts the program.

        Raises:
            CameraError: The program is not installed, cannot be started, or finds no camera.
        """
        self.name, self.fps = f"rpicam-vid:{number}", wanted.fps
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise NotInstalledError(
                "rpicam-vid is not installed here: sudo apt install rpicam-apps"
            )
        command = [
            program, "--timeout", "0", "--nopreview", "--codec", "mjpeg", "--flush",
            "--camera", str(number), "--width", str(wanted.width), "--height", str(wanted.height),
            "--output", "-",
        ]  # fmt: skip
        if wanted.fps:
            command += ["--framerate", f"{wanted.fps:g}"]
        try:
            # In a session of its own, so that Ctrl-C at the terminal is ours to handle.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=children_environment(),
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise CameraError(f"{program} does not start: {error.strerror}") from error
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._pipe, self._words = self._process.stdout.fileno(), self._process.stderr.fileno()
        self._buffer = bytearray()
        self._said = b""  # what it wrote last on stderr, where each frame has its line
        self._jpeg = b""
        try:
            self.grab()  # that the program runs does not mean that there is a camera
        except CameraError as error:
            self.close()
            raise CameraError(f"{self.name} {error}") from error

    def grab(self) -> float:
        """Waits for the next frame; as of `Source`."""
        deadline_s = time.monotonic() + TIMEOUT_S
        open_pipes = [self._pipe, self._words]
        while not self._take_jpeg():
            left_s = max(0.0, deadline_s - time.monotonic())
            ready, _, _ = select.select(open_pipes, [], [], left_s)
            if not ready:
                raise CameraError(f"gives no frame for {TIMEOUT_S:.0f} s{self._last_words()}")
            if self._words in ready:
                words = os.read(self._words, CHUNK)
                self._said = (self._said + words)[-KEPT_WORDS:]
                if not words:
                    open_pipes.remove(self._words)
            if self._pipe in ready:
                chunk = os.read(self._pipe, CHUNK)
                self._buffer += chunk
                # Its last words are waited for, where it closed one pipe before the other.
                if not chunk and self._words not in open_pipes:
                    raise CameraError(f"has ended{self._last_words()}")
                if len(self._buffer) > MAX_BYTES:
                    raise CameraError("writes something else than JPEGs")
        return time.monotonic()

    def retrieve(self) -> np.ndarray:
        """Decodes the frame grabbed last; as of `Source`."""
        image = cv2.imdecode(np.frombuffer(self._jpeg, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise FrameError("gives damaged JPEGs")
        return image

    def close(self) -> None:
        """Ends the program."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _take_jpeg(self) -> bool:
        """Takes the first whole JPEG out of what was read."""
        start = self._buffer.find(START)
        end = self._buffer.find(END, start + 2) if start >= 0 else -1
        if end < 0:
            return False
        self._jpeg = bytes(self._buffer[start : end + 2])
        del self._buffer[: end + 2]
        return True

    def _last_words(self) -> str:
        """What the program said last on its stderr."""
        said = [line.strip() for line in self._said.decode(errors="replace").splitlines()]
        said = [line for line in said if line]
        return f" ({said[-1]})" if said else ""
