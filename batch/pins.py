"""What answers depend on, by which a worker is told from one that would answer differently."""

from functools import cache
from importlib import metadata
from pathlib import Path

import edge
from edge.faces.files import FILES
from edge.machine.checksum import sha256_hex
from edge.machine.opencv import cv2

HERE = Path(__file__).resolve().parent
PACKAGES = (
    "ai-edge-litert", "tflite-runtime", "pillow", "pillow-heif", "distributed", "pyarrow",
)  # fmt: skip

Pins = dict[str, str]


def pins_of(model: bytes) -> Pins:
    """The versions of this process, by name.

    Args:
        model: The content of the model file.
    """
    return {
        "happysad": f"{edge.__version__}+{_code()}",
        "model": sha256_hex(model),
        "face detector": _detector(),
        "opencv": cv2.__version__,
        **{name: _version(name) for name in PACKAGES},
    }


def difference(theirs: Pins, ours: Pins) -> str | None:
    """What is different first, as in "has model 1a2b, not 3c4d"; None where nothing is."""
    for name, wanted in ours.items():
        if (has := theirs.get(name, "none")) != wanted:
            return f"has {name} {has[:16]}, not {wanted[:16]}"
    return None


@cache
def _code() -> str:
    """A short name for the program's own code, which may change between two releases."""
    folders = (Path(edge.__file__).parent, HERE)
    files = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return sha256_hex(b"".join(path.read_bytes() for path in files))[:8]


def _detector() -> str:
    contents = [file.path.read_bytes() for file in FILES.values() if file.path.is_file()]
    return sha256_hex(b"".join(contents))[:8] if contents else "none"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"
