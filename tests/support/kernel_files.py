"""Trees of files like those in which the kernel tells a board's health."""

from pathlib import Path

from edge.machine.board import Board

FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def zone(root: Path, number: int, kind: str, millidegrees: str) -> None:
    write(root, f"sys/class/thermal/thermal_zone{number}/type", f"{kind}\n")
    write(root, f"sys/class/thermal/thermal_zone{number}/temp", f"{millidegrees}\n")


def board(root: Path, degrees: float) -> Board:
    zone = root / "sys" / "class" / "thermal" / "thermal_zone0"
    zone.mkdir(parents=True, exist_ok=True)
    (zone / "type").write_text("cpu-thermal\n")
    (zone / "temp").write_text(f"{degrees * 1000:.0f}\n")
    return Board(root)
