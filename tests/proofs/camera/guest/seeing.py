"""What is answered for films: those named like a form of picture with both sets of packages."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.proofs.camera.guest.devices import FILMS, LOOPBACKS, feed
from tests.proofs.camera.guest.process import Process
from tests.proofs.camera.guest.programs import PACKAGES, happysad

AT_ONCE = 2  # the machine has two processors
ENOUGH = 3  # frames
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def films() -> dict[str, Any]:
    """Every film that was brought; what was seen of it is in "PACKAGES FILM.avi"."""
    names = sorted(path.name for path in FILMS.iterdir())
    runs = [
        (packages, film)
        for film in names
        for packages in (PACKAGES if film.isupper() else PACKAGES[:1])
    ]
    facts: dict[str, Any] = {"huge pages": HUGE_PAGES.read_text()}

    def take(worker: int) -> None:
        while runs:
            packages, film = runs.pop(0)
            facts[f"{packages} {film}"] = _watch(packages, film, LOOPBACKS[worker])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(take, range(AT_ONCE)))
    return facts


def _watch(packages: str, film: str, device: Path) -> dict[str, Any]:
    """Watches until some frames are answered, or the camera is given up."""
    options = ("--json", "--every-frame", "--record", f"{packages} {film}.avi")
    with feed(device, film), Process(*happysad(packages), "webcam", device, *options) as webcam:
        webcam.wait_for(lambda: len(webcam.out) >= ENOUGH or bool(webcam.answers("no_camera")))
        memory = _memory_kb(webcam.pid) if webcam.is_running else {}
        code = webcam.end()
        return webcam.facts() | {"code": code, "memory_kb": memory}


def _memory_kb(pid: int) -> dict[str, int]:
    """What the kernel says of a process's memory, by its names for it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
