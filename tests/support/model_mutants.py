"""Damaged and forged model files, from a seed; every checksum is made right again where that helps.

    python -m tests.support.model_mutants COUNT [SEED [MODEL ...]]

reads and runs each in a process of its own, and counts what became of them, as JSON.
"""

import hashlib
import io
import json
import os
import resource
import signal
import sys
import tempfile
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from edge.classifier import Classifier
from edge.errors import ModelError, one_line
from edge.model.archive import CONTRACT_NAME, GOLDEN_NAME, LABELS_NAME
from edge.model.choice import SHIPPED_MODEL
from edge.model.graph import read_graph
from tests.support.model_archive import archive, flatbuffer

Random = np.random.Generator
NUMBERS = (0, 1, 2, 3, 4, 7, 255, 256, 65535, 2**24, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 10**30, "x", "", "\x1b[2J\x1b]0;owned\x07", "a\nb", [], {}, [[]],
    {"a": {"b": 1}}, "\ud800", 3.5, "9" * 5000,
)  # fmt: skip
SECONDS = 10


def packed(front: bytes, files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A model file of these parts; the checksum in its contract is that of its front."""
    try:
        contract = json.loads(files[CONTRACT_NAME])
        contract["flatbuffer_sha256"] = hashlib.sha256(front).hexdigest()
        files = files | {CONTRACT_NAME: json.dumps(contract).encode()}
    except (ValueError, TypeError, RecursionError):
        pass
    out = io.BytesIO(front)
    with zipfile.ZipFile(out, "a", compression) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return out.getvalue()


class Mutants:
    """Makes mutants of one model file."""

    def __init__(self, content: bytes) -> None:
        self.content, self.front = content, flatbuffer(content)
        self.files = {name: archive(content).read(name) for name in archive(content).namelist()}
        base = np.frombuffer(self.front, np.uint8).__array_interface__["data"][0]
        is_weight = np.zeros(len(self.front), bool)
        for tensor in read_graph(self.front, len(self.front)).tensors:
            if tensor.data is not None:
                start = tensor.data.__array_interface__["data"][0] - base
                is_weight[start : start + len(tensor.data)] = True
        self.structure = np.flatnonzero(~is_weight)  # where tables, names and numbers are
        self.words = self.structure[self.structure % 4 == 0]
        self.words = self.words[self.words < len(self.front) - 4]

    def make(self, rng: Random) -> tuple[str, bytes]:
        """A mutant, and which kind it is."""
        kinds: list[Callable[[Random], bytes]] = [
            self.words_of_the_front, self.words_of_the_front, self.words_of_the_front,
            self.bytes_of_the_front, self.weights, self.bytes_anywhere, self.cut, self.tail,
            self.field, self.field, self.golden, self.members,
        ]  # fmt: skip
        kind = kinds[rng.integers(len(kinds))]
        return kind.__name__, kind(rng)

    def words_of_the_front(self, rng: Random) -> bytes:
        front = bytearray(self.front)
        for place in rng.choice(self.words, rng.integers(1, 3)):
            old = int.from_bytes(front[place : place + 4], "little")
            other = rng.choice(self.words)
            new = (
                NUMBERS[rng.integers(len(NUMBERS))],
                old + int(rng.integers(-4, 5)),
                old * 2,
                int.from_bytes(front[other : other + 4], "little"),
                int(rng.integers(2**32)),
            )[rng.integers(5)]
            front[place : place + 4] = (new % 2**32).to_bytes(4, "little")
        return packed(bytes(front), self.files)

    def bytes_of_the_front(self, rng: Random) -> bytes:
        front = bytearray(self.front)
        for place in rng.choice(self.structure, rng.integers(1, 5)):
            front[place] = rng.integers(256)
        return packed(bytes(front), self.files)

    def weights(self, rng: Random) -> bytes:
        front = bytearray(self.front)
        for place in rng.integers(len(front), size=rng.integers(1, 2000)):
            if place not in self.structure:
                front[place] = rng.integers(256)
        return packed(bytes(front), self.files)

    def bytes_anywhere(self, rng: Random) -> bytes:
        content = bytearray(self.content)
        for place in rng.integers(len(content), size=rng.integers(1, 9)):
            content[place] ^= 1 << rng.integers(8)
        return bytes(content)

    def cut(self, rng: Random) -> bytes:
        place = int(rng.integers(len(self.content)))
        return (
            self.content[:place],
            self.content[place:],
            self.content + rng.bytes(100),
            self.content[:place] + rng.bytes(16) + self.content[place:],
            self.content + self.content,
            packed(self.front[: place % len(self.front) or 1], self.files),
        )[rng.integers(6)]

    def tail(self, rng: Random) -> bytes:
        """The zip's own numbers: flags, methods, sizes, offsets, names."""
        content = bytearray(self.content)
        headers = [22 + 46 * 3 + 40, len(content) - len(self.front)][rng.integers(2)]
        for place in rng.integers(len(content) - headers, len(content), rng.integers(1, 4)):
            content[place] = rng.choice([0, 1, 8, 12, 14, 99, 255, rng.integers(256)])
        return bytes(content)

    def field(self, rng: Random) -> bytes:
        """A field of the contract that is missing, or of another kind."""
        contract = json.loads(self.files[CONTRACT_NAME])
        holder: Any = contract
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            key = keys[rng.integers(len(keys))]
            if not isinstance(holder[key], dict | list) or not holder[key] or rng.random() < 0.4:
                break
            holder = holder[key]
        if rng.random() < 0.3:
            del holder[key]
        elif isinstance(holder, dict) and rng.random() < 0.2:
            holder["\x1b[31m"] = holder.pop(key)
        else:
            holder[key] = VALUES[rng.integers(len(VALUES))]
        return packed(self.front, self.files | {CONTRACT_NAME: json.dumps(contract).encode()})

    def golden(self, rng: Random) -> bytes:
        with np.load(io.BytesIO(self.files[GOLDEN_NAME])) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        name = list(found)[rng.integers(len(found))]
        array = found[name]
        found[name] = (
            array[:0],
            array.astype(np.float16),
            array * np.nan,
            array.T,
            np.array([{}], object),
            np.zeros((3_000, 3_000), np.uint8),
            array[..., :1],
            np.repeat(array, 100, axis=0),
            np.asfortranarray(array),
            array.view(np.uint8),
            np.array(1.0),
        )[rng.integers(11)]
        out = io.BytesIO()
        np.savez_compressed(out, **found)
        data = bytearray(out.getvalue())
        if rng.random() < 0.3:
            data[rng.integers(len(data))] = rng.integers(256)
        return packed(self.front, self.files | {GOLDEN_NAME: bytes(data)})

    def members(self, rng: Random) -> bytes:
        """Other files in the archive, packed otherwise, or large."""
        name = (LABELS_NAME, CONTRACT_NAME, GOLDEN_NAME)[rng.integers(3)]
        nested = b"[" * 100_000 + b"]" * 100_000
        data = (b"", b"{}", b"[]", b"null", nested, rng.bytes(300), bytes(3_000_000))
        changed = self.files | {name: data[rng.integers(len(data))]}
        extra = self.files | {"more.txt": b"x"}
        files = (changed, extra, dict.fromkeys(self.files, b"x"), self.files)[rng.integers(4)]
        packings = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
        return packed(self.front, files, packings[rng.integers(4)])


def mutants(contents: list[bytes], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many mutants of these models in turn; the same seed makes the same ones."""
    makers = [Mutants(content) for content in contents]
    for number in range(count):
        yield makers[number % len(makers)].make(np.random.default_rng([seed, number]))


def outcome(content: bytes, place: Path) -> tuple[str, int]:
    """What became of a model in a process of its own, and the memory that it took, in MB."""
    place.write_bytes(content)
    child = os.fork()
    if not child:
        code = 3
        try:
            signal.alarm(SECONDS)
            Classifier(place)
            code = 0
        except ModelError as error:
            code = 1 if len(str(error)) < 1000 and one_line(error) == str(error) else 2
            if code == 2:
                print(repr(str(error))[:500], file=sys.stderr, flush=True)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    words = {0: "sound", 1: "refused", 2: "wrong", 3: "Traceback"}
    return words.get(code, f"died of signal {-code}"), usage.ru_maxrss // 1000


def main() -> None:
    count, seed = int(sys.argv[1]), int((sys.argv[2:3] or ["0"])[0])
    paths = [Path(path) for path in sys.argv[3:]] or [SHIPPED_MODEL]
    Classifier(paths[0])  # what is loaded once, is loaded
    place = Path(tempfile.gettempdir()) / f"mutant-{os.getpid()}.tflite"
    found: Counter[str] = Counter()
    most = 0
    for number, (kind, content) in enumerate(
        mutants([path.read_bytes() for path in paths], count, seed)
    ):
        what, memory = outcome(content, place)
        most = max(most, memory)
        found[what] += 1
        if what not in ("sound", "refused"):
            print(f"{what}: {kind}, number {number}, seed {seed}", file=sys.stderr)
    place.unlink(missing_ok=True)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(json.dumps({"outcomes": found, "memory_mb": most, "own_memory_mb": own}))


if __name__ == "__main__":
    main()
