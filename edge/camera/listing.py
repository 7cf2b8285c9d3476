"""The cameras of this machine, for a person and for a program."""

from dataclasses import asdict
from typing import Any

from ..errors import one_line
from .csi import csi_cameras
from .v4l2 import Device, webcams


def cameras_text() -> str:
    """What to call each camera and what it delivers, line by line; empty without a camera."""
    lines = []
    for device in webcams():
        about = ", ".join(filter(None, (device.driver, device.bus)))
        lines.append(f"{device.path}  {device.name}" + (f" ({about})" if about else ""))
        if device.stable_path:
            lines.append(f"  always  {device.stable_path}")
        lines += [f"  {forms}  {sizes}".rstrip() for sizes, forms in _by_sizes(device).items()]
        if device.problem:
            lines.append(f"  problem: {device.problem}")
        elif not device.formats:
            lines.append("  gives no pictures now")
    for camera in csi_cameras():
        details = f" ({one_line(camera.details)})" if camera.details else ""
        lines.append(f"{camera.source}  {one_line(camera.model)}{details}")
    return "\n".join(lines)


def cameras() -> list[dict[str, Any]]:
    """The cameras as JSON takes them, all with the same keys.

    `source` is what to call the camera by: it stays the same when it can.
    """
    found = [
        {
            "kind": "v4l2",
            "source": device.stable_path or device.path,
            **asdict(device),
        }
        for device in webcams()
    ]
    return found + [
        {
            "kind": "csi",
            "source": camera.source,
            "path": None,
            "name": camera.model,
            "driver": None,
            "bus": camera.details,
            "stable_path": None,
            "formats": [],
            "problem": None,
        }
        for camera in csi_cameras()
    ]


def _by_sizes(device: Device) -> dict[str, str]:
    """The formats that come in the same sizes, together: {"640x480 1280x720": "YUYV MJPG"}."""
    groups: dict[str, str] = {}
    for form in device.formats:
        sizes = " ".join(f"{width}x{height}" for width, height in form.sizes)
        groups[sizes] = f"{groups.get(sizes, '')} {one_line(form.fourcc.strip())}".strip()
    return groups
