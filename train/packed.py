"""The files of a training, packed to travel: its state, its run's folder, its teachers."""

import io
import tarfile
from pathlib import Path

from edge.machine.output_file import write_bytes


def pack(folder: Path, *names: str) -> bytes:
    """Folders in a folder as a tar; those that are not there are left out."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in names:
            for path in sorted((folder / name).rglob("*")):
                if path.name.startswith("."):  # half-written
                    continue
                try:
                    content = path.read_bytes() if path.is_file() else None
                except OSError:  # removed meanwhile
                    continue
                if content is not None:
                    member = tarfile.TarInfo(str(path.relative_to(folder)))
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Puts the files where they were packed from, each in one step; others stay.

    Raises:
        OutputError: One cannot be written.
    """
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            path = folder / member.name
            file = archive.extractfile(member)
            if file and path.resolve().is_relative_to(folder.resolve()):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(path, file.read())
