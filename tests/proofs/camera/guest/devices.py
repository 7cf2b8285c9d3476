"""The machine's cameras: one that can be unplugged, and eight that show what is fed to them."""

import subprocess
from pathlib import Path

from tests.proofs.camera.guest.process import Process, until

VIVID = Path("/sys/bus/platform/drivers/vivid")
# vivid's first node, by the name that stays the same.
STABLE = Path("/dev/v4l/by-path/platform-vivid.0-video-index0")
WEBCAM = Path("/dev/video0")
SLOWLY = ("--fps", "2")  # asked of the webcam: drawing its pictures takes half a processor at 20
FILMS = Path("films")
LOOPBACKS = [Path(f"/dev/video{number}") for number in range(10, 18)]


def load_webcam() -> None:
    """Plugs in vivid's webcam, a moving test picture."""
    _modprobe("vivid", "n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0")


def load_loopbacks() -> None:
    """Makes the devices that can be fed.

    exclusive_caps=0: or a second feeder is refused. max_buffers: with the two that it has else, a
    frame is written over while somebody reads it.
    """
    numbers = ",".join(path.name.removeprefix("video") for path in LOOPBACKS)
    _modprobe("v4l2loopback", "exclusive_caps=0", "max_buffers=4", f"video_nr={numbers}")


def unload_loopbacks() -> None:
    """Takes those away again, as soon as nobody has one open."""
    settle()
    remove = ["modprobe", "--remove", "v4l2loopback"]
    if not until(lambda: subprocess.run(remove, capture_output=True).returncode == 0):
        raise RuntimeError("v4l2loopback is still in use")
    settle()


def unplug() -> None:
    """Takes the webcam away, as from its socket."""
    (VIVID / "unbind").write_text("vivid.0")
    settle()


def plug() -> None:
    """Brings it back."""
    (VIVID / "bind").write_text("vivid.0")
    settle()


def settle() -> None:
    """Waits until udev has given the nodes their group and their links."""
    subprocess.run(["udevadm", "settle"], check=True)


def feed(device: Path, film: str) -> Process:
    """Starts a program that feeds a loopback device; returns when it does."""
    process = Process("python3", "-m", f"{__package__}.feeder", device, FILMS / film)
    if not until(lambda: bool(process.out) or not process.is_running) or not process.out:
        raise RuntimeError(f"{device} is not fed with {film}: {process.err[-1:]}")
    return process


def _modprobe(*words: str) -> None:
    subprocess.run(["modprobe", *words], check=True)
    settle()
