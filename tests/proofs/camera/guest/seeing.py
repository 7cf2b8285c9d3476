"""What is answered for films: those named like a form of picture with both sets of packages."""

from pathlib import Path
from typing import Any

from tests.proofs.camera.guest.devices import FILMS, feed
from tests.proofs.camera.guest.process import Process
from tests.proofs.camera.guest.programs import PACKAGES, SMILE, happysad

ENOUGH = 3  # frames
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
Run = tuple[str, str]  # a set of packages, and a film


def runs() -> list[Run]:
    """Every film that was brought, with the sets of packages that it is for; SMILE comes first."""
    names = sorted(path.name for path in FILMS.iterdir())
    found = [
        (packages, film)
        for film in names
        for packages in (PACKAGES if film.isupper() else PACKAGES[:1])
    ]
    return sorted(found, key=lambda run: run != SMILE)


def watch(packages: str, film: str, device: Path) -> dict[str, Any]:
    """Watches until some frames are answered, or the camera is given up.

    What was seen is in "PACKAGES FILM.avi".
    """
    options = ("--json", "--every-frame", "--record", f"{packages} {film}.avi")
    with feed(device, film), Process(*happysad(packages), "webcam", device, *options) as webcam:
        webcam.wait_for(lambda: len(webcam.out) >= ENOUGH or bool(webcam.answers("no_camera")))
        memory = _memory_kb(webcam.pid) if webcam.is_running else {}
        code = webcam.end()
        about = {"memory_kb": memory, "huge pages": HUGE_PAGES.read_text()}
        return webcam.facts() | {"code": code} | about


def _memory_kb(pid: int) -> dict[str, int]:
    """What the kernel says of a process's memory, by its names for it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
