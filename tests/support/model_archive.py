"""The archive at the end of a model file, taken apart and put together again."""

import io
import zipfile

from edge.model.archive import CONTRACT_NAME, GOLDEN_NAME, LABELS_NAME


def archive(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def flatbuffer(content: bytes) -> bytes:
    return content[: min(entry.header_offset for entry in archive(content).infolist())]


def repacked(content: bytes, **changed: bytes) -> bytes:
    """The model with other files in its archive, every checksum of the zip right."""
    out = io.BytesIO(flatbuffer(content))
    with zipfile.ZipFile(out, "a") as target:
        for name in (LABELS_NAME, CONTRACT_NAME, GOLDEN_NAME):
            key = name.split(".")[0]
            target.writestr(name, changed.get(key) or archive(content).read(name))
    return out.getvalue()
