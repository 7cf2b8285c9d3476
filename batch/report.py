"""What results hold, counted: one file after the other, so that their number does not matter."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from batch.begun import Begun, read_run
from batch.results import Results, file_name
from edge.errors import HappySadError, one_line
from edge.wording import counted

MOST_FOLDERS = 20  # lines; those with the most pictures
MOST_ERRORS = 20  # lines; the commonest: some have a file's first bytes in them


def tables(begun: Begun, results: Results) -> Iterator[tuple[int, pa.Table, dict[str, float]]]:
    """Each shard that is there: its number, its rows, and what its file says of itself."""
    missing = set(begun.missing(results))
    for number in range(len(begun.shard_counts)):
        if number not in missing:
            read = pq.read_table(pa.BufferReader(results.get(file_name(number))))
            yield number, read, json.loads(read.schema.metadata[b"happysad"])


def report_text(results: Results) -> str:
    """Labels, folders, errors and speed, as lines.

    Raises:
        HappySadError: These are no results, or none is there yet.
    """
    begun = read_run(results)
    labels: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    examples: dict[str, str] = {}  # of each error the first picture
    folders: dict[str, Counter[str]] = {}
    seconds = dict.fromkeys(("decoding_s", "answering_s", "all_s"), 0.0)
    pictures = shards = 0
    for _, read, details in tables(begun, results):
        shards += 1
        pictures += len(pc.unique(read["path"]))
        for name in seconds:
            seconds[name] += details[name]
        labels.update(_counted(read["label"]))
        errors.update(_counted(read["error"]))
        failed = read.filter(pc.is_valid(read["error"]))
        for path, error in zip(
            failed["path"].to_pylist(), failed["error"].to_pylist(), strict=True
        ):
            examples.setdefault(error, path)
        folder = pc.replace_substring_regex(read["path"], "/?[^/]*$", "")
        label = pc.fill_null(read["label"], "unreadable")
        grouped = pa.table({"folder": folder, "label": label}).group_by(["folder", "label"])
        for row in grouped.aggregate([([], "count_all")]).to_pylist():
            folders.setdefault(row["folder"], Counter())[row["label"]] += row["count_all"]
    if not shards:
        raise HappySadError(f"{results.shown}: no shard is done yet")
    unreadable = errors.total()
    lines = [
        f"source      {begun.source}",
        f"shards      {shards} of {len(begun.shard_counts)}",
        f"pictures    {pictures} of {begun.pictures}, {unreadable} unreadable",
        f"model       {begun.pins['model'][:16]}, happysad {begun.pins['happysad']}",
    ]
    if all_s := seconds["all_s"]:
        other = 1 - (seconds["decoding_s"] + seconds["answering_s"]) / all_s
        lines.append(
            f"speed       {pictures / all_s:.1f} pictures a second and thread: "
            f"{seconds['decoding_s'] / all_s:.0%} reading, {seconds['answering_s'] / all_s:.0%} "
            f"answering, {other:.1%} else"
        )
    lines += ["", "answers", *_lines(labels)]
    if errors:
        lines += ["", "errors", *_lines(errors, examples)[:MOST_ERRORS]]
        if len(errors) > MOST_ERRORS:
            lines.append(f"and {counted(len(errors) - MOST_ERRORS, 'error')} more")
    lines += ["", *_folder_lines(folders, [*sorted(labels), *(["unreadable"] if errors else [])])]
    return "\n".join(lines)


def _counted(column: pa.ChunkedArray) -> dict[str, int]:
    return {row["values"]: row["counts"] for row in pc.value_counts(column.drop_null()).to_pylist()}


def _lines(counts: Counter[str], examples: Mapping[str, str] | None = None) -> list[str]:
    whole = counts.total()
    return [
        f"{count:10} {count / whole:6.1%}  {one_line(name)}"
        + (f": {one_line(examples[name])}" if examples else "")
        for name, count in counts.most_common()
    ]


def _folder_lines(folders: dict[str, Counter[str]], names: list[str]) -> list[str]:
    most = sorted(folders, key=lambda folder: (-folders[folder].total(), folder))
    lines = ["".join(f"{name:>11}" for name in names) + "  folder"]
    for folder in most[:MOST_FOLDERS]:
        cells = "".join(f"{folders[folder][name]:11}" for name in names)
        lines.append(f"{cells}  {one_line(folder) or '.'}")
    if more := len(most) - MOST_FOLDERS:
        lines += [f"and {counted(more, 'folder')} more"] if more > 0 else []
    return lines
