"""The manifest: every picture of a source, sorted by name, cut into shards; memory stays flat."""

import gzip
import os
import subprocess
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter

from batch.entry import Entry, read_line
from batch.results import Results
from edge.errors import OutputError, one_line

FOLDER = "_manifest"  # readers of Parquet pass over what begins with a line
SORT_MEMORY = "64M"  # beyond it sort(1) uses temporary files


def write_manifest(entries: Iterable[Entry], shard_pictures: int, results: Results) -> list[int]:
    """Puts the manifest there, a file for each shard.

    Args:
        entries: In any order. Of several with one name the last in the archive counts, which
            unpacking would leave; in a list they are one picture.
        shard_pictures: How many a shard has; the last has what is left.
        results: Where it is put.

    Returns:
        How many pictures each shard has.
    """
    lines = _sorted(entry.line() for entry in entries)
    same_name = groupby(map(read_line, lines), key=attrgetter("name"))
    unique = (max(same, key=lambda entry: entry.begin or 0) for _, same in same_name)
    counts: list[int] = []
    while shard := list(islice(unique, shard_pictures)):
        content = b"".join(entry.line() for entry in shard)
        results.put(_name(len(counts)), gzip.compress(content, 3, mtime=0))
        counts.append(len(shard))
    return counts


def read_shard(number: int, results: Results) -> list[Entry]:
    """The pictures of one shard of a manifest that was written."""
    return [read_line(line) for line in gzip.decompress(results.get(_name(number))).splitlines()]


def came_later(entries: Iterable[Entry], shards: int, results: Results) -> Iterator[str]:
    """The names that a written manifest lacks, sorted; both are read side by side.

    Args:
        entries: What is there now, each a file of its own, in any order.
        shards: How many the manifest has.
        results: Where it is.
    """
    known = (entry.line() for number in range(shards) for entry in read_shard(number, results))
    latest = next(known, None)
    for line, _ in groupby(_sorted(entry.line() for entry in entries)):
        while latest is not None and latest[:-1] < line[:-1]:  # as sort(1) compares
            latest = next(known, None)
        if line != latest:
            yield read_line(line).name


def _name(number: int) -> str:
    return f"{FOLDER}/{number:06}.jsonl.gz"


def _sorted(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines sorted by their bytes, by the system's sort(1), which needs no memory for all."""
    with subprocess.Popen(
        ["sort", f"--buffer-size={SORT_MEMORY}"], env=os.environ | {"LC_ALL": "C"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as sort:  # fmt: skip
        assert sort.stdin
        assert sort.stdout
        assert sort.stderr
        try:
            for line in lines:
                sort.stdin.write(line)
            sort.stdin.close()
            yield from sort.stdout
        except BrokenPipeError:
            sort.stdin = None
        said = sort.stderr.read().decode(errors="replace")
    if sort.returncode:
        raise OutputError(f"cannot sort the names: {one_line(said.strip())}")
