"""The model file: read once, and checked to the last field before any runtime sees it."""

import os
import stat
from pathlib import Path

from ..errors import ModelError, one_line
from ..machine.checksum import sha256_hex
from ..machine.child import COMMAND
from .archive import read_archive
from .contract import OUTPUTS, Contract, parse_contract, read_details
from .graph import read_graph
from .run import WEIGHTS, go_on, unfinished_since
from .verify import verify

MAX_BYTES = 200_000_000  # more than ten times the largest model of this project
# Between ai-edge-litert and tflite-runtime, on x86-64 and on ARM, answers to 124 inputs differed by
# at most 4 steps of the output (of 256); a damaged kernel is off by far more.
GOLDEN_TOLERANCE = 8


def read_model(model_path: Path) -> tuple[bytes, Contract]:
    """The file's bytes and its contract, after all of it was found right.

    What is checked, in this order: the archive, the checksum, the contract, and the graph, which
    must be one that our exporter writes. Only these bytes may be given to a runtime, not the file
    read once more.

    Raises:
        ModelError: Not there, not a TFLite file, not made by this project, truncated, damaged,
            forged, or of a newer contract than this version reads.
    """
    content = read_content(model_path)
    return content, check_model(content, model_path)


def read_content(path: Path) -> bytes:
    """The bytes of a regular file of credible size, which nobody has looked at yet.

    Raises:
        ModelError: There is no such file, or it cannot be read.
    """
    try:
        with open(path, "rb", opener=_not_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f"{path} is not a regular file: give an exported model")
            if status.st_size > MAX_BYTES:
                raise ModelError(f"{path} is larger than {MAX_BYTES // 10**6} MB: not one of ours")
            return file.read(status.st_size)
    except IsADirectoryError:
        raise ModelError(f"{path} is a folder: give a .tflite file, an exported model") from None
    except FileNotFoundError:
        raise ModelError(f"no model at {path}: {_instead_of(path)}") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in its name
        raise ModelError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from error


def _instead_of(path: Path) -> str:
    """What to do about a model that is not there: a run of the training may wait for its export."""
    if unfinished_since(path.parent):
        return f"the run is not finished, go on with: {go_on(path.parent)}"
    if path.with_name(WEIGHTS).is_file():
        return "run 'make export' first"
    return f"those that are there are shown by '{COMMAND} model list'"


def check_model(content: bytes, name: object) -> Contract:
    """The contract of a model file's content, as of `read_model`; errors call it by the name.

    Raises:
        ModelError: As of `read_model`.
    """
    if content[4:8] != b"TFL3":  # TFLite's FlatBuffer file identifier
        raise ModelError(f"{name} is not a TFLite model: give an exported model")
    # A forged file makes the parsers of Python and numpy raise nearly anything. Whatever it is, the
    # file is at fault, and a device goes on with the model that it had before.
    try:
        files, size = read_archive(content)
    except Exception as error:
        raise ModelError(
            f"{name} carries no readable contract ({_said(error)}): it is truncated, damaged, or "
            "not made by this project; copy or export it again"
        ) from error
    try:
        details = read_details(files)
        if sha256_hex(memoryview(content)[:size]) != details["flatbuffer_sha256"]:
            raise ModelError(f"{name} is damaged (checksum): copy or export it again")
        if details["schema"] not in OUTPUTS:
            raise ModelError(
                f"{name} has contract version {_said(details['schema'])}, this runner reads up to "
                f"{max(OUTPUTS)}: install the version of happysad that exported it"
            )
        contract = parse_contract(details, files)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(
            f"{name} is damaged (contract: {_said(error)}): export it again"
        ) from error
    try:
        spec = contract.input
        picture = spec.height, spec.width, spec.channels
        verify(read_graph(content, size), picture, answers=contract.golden_scores.shape[1])
    except Exception as error:
        raise ModelError(
            f"{name} is not as this project exports it ({_said(error)}), and was not run: "
            "export it again"
        ) from error
    return contract


def _said(what: object) -> str:
    """Of a file that may be forged: what it brings into a message, kept short and printable."""
    return one_line(str(what))[:200]


def _not_waiting(path: str, flags: int) -> int:
    """Opens a pipe without waiting for somebody to write to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
