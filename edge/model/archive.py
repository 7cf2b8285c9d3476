"""The archive at the end of a model file: three small files, read within their bounds.

A TFLite FlatBuffer with a zip archive appended is the layout of TFLite metadata
(https://ai.google.dev/edge/litert/conversion/tensorflow/metadata): any runtime reads the front, any
unzip the back. Here the archive holds `labels.txt`, `contract.json`, `golden.npz`, and no more.
"""

import io
import zipfile
from collections.abc import Mapping

import numpy as np

LABELS_NAME, CONTRACT_NAME, GOLDEN_NAME = "labels.txt", "contract.json", "golden.npz"
# Bytes; the shipped model's have 24, 3 thousand and 7 thousand. The contract has a line a note.
MOST = {LABELS_NAME: 1_000, CONTRACT_NAME: 250_000, GOLDEN_NAME: 16_000_000}
MAX_DIRECTORY = 1_000  # bytes of a zip's list of files, of which Python makes objects
MAX_GOLDEN = 8  # pictures; the exporter draws four
ENCRYPTED = 1  # flag of a file in a zip
END, END_64 = b"PK\5\6", b"PK\6\7"  # of a zip, and of one whose sizes are somewhere else


def read_archive(content: bytes) -> tuple[dict[str, bytes], int]:
    """The three files by their names, each of the right checksum, and where the FlatBuffer ends.

    Raises:
        Exception: Of zipfile's and zlib's many kinds, or ValueError: there is none, it is damaged,
            or it holds something else.
    """
    with _opened(content) as archive:
        files = _members(archive, MOST, compression=(zipfile.ZIP_STORED,))
        return files, min(entry.header_offset for entry in archive.infolist())


def read_golden(content: bytes, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Golden inputs and the model's scores for them, from `golden.npz`.

    Args:
        content: Of the file.
        shape: Height, width and channels of an input.

    Returns:
        uint8 (n, height, width, channels), and float64 (n, 1 or 4).

    Raises:
        Exception: As of `read_archive`.
    """
    most = MAX_GOLDEN * (int(np.prod(shape)) + 100) + 1_000
    with _opened(content) as archive:
        answers = "scores.npy" if "scores.npy" in archive.namelist() else "p_happy.npy"
        kinds = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        files = _members(archive, {"inputs.npy": most, answers: most}, compression=kinds)
    inputs = _array(files["inputs.npy"], np.dtype(np.uint8))
    scores = _array(files[answers], np.dtype(np.float64))
    if scores.ndim == 1:
        scores = scores[:, np.newaxis]
    if not 1 <= len(inputs) <= MAX_GOLDEN or inputs.shape[1:] != shape:
        raise ValueError(f"golden inputs of shape {inputs.shape}")
    if scores.ndim != 2 or len(scores) != len(inputs) or not np.isfinite(scores).all():
        raise ValueError(f"golden scores of shape {scores.shape}")
    return inputs, scores


def _opened(content: bytes) -> zipfile.ZipFile:
    """A zip that ends where the content does; its list of files is short, whatever it says."""
    end = content[-22:]
    directory_size = int.from_bytes(end[12:16], "little")
    if end[:4] != END or end[20:] != b"\0\0" or content[-42:-38] == END_64:
        raise zipfile.BadZipFile("it does not end as an archive does")
    if directory_size > MAX_DIRECTORY:
        raise zipfile.BadZipFile(f"{directory_size} bytes of names")
    return zipfile.ZipFile(io.BytesIO(content))


def _members(
    archive: zipfile.ZipFile, most: Mapping[str, int], compression: tuple[int, ...]
) -> dict[str, bytes]:
    """Exactly these files, none larger than it may be."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    for name in most:
        if name not in names:
            raise FileNotFoundError(f"no {name} inside")
    if len(names) != len(most):
        raise ValueError(f"{len(names)} files inside, {len(most)} expected")
    files = {}
    for entry in entries:
        if entry.file_size > most[entry.filename] or entry.compress_type not in compression:
            raise ValueError(f"{entry.filename} of {entry.file_size} bytes, or packed otherwise")
        if entry.flag_bits & ENCRYPTED:
            raise ValueError(f"{entry.filename} is encrypted")
        with archive.open(entry) as file:
            # So many and no more: read() would inflate all there is, and look at the size after.
            files[entry.filename] = file.read(entry.file_size)
        if len(files[entry.filename]) != entry.file_size:
            raise ValueError(f"{entry.filename} is cut short")
    return files


def _array(content: bytes, dtype: np.dtype) -> np.ndarray:
    """The array in a .npy file of this type; it shares the content's memory."""
    file = io.BytesIO(content)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    shape, is_fortran, found = readers[np.lib.format.read_magic(file)](file)
    if is_fortran or found != dtype or not shape:
        raise ValueError(f"an array of {found}, {dtype} expected")
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape)
