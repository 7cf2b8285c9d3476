"""The rows of the results: their columns, and how answers become them."""

import json
import os
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from batch.entry import Entry
from edge.prediction import SCHEMA_VERSION, Prediction

# As of `happysad classify --json`, with the number of the face, why a picture could not be read,
# and what answered in place of what only videos have, and of the time that an answer took.
SCHEMA = pa.schema([
    ("path", pa.string()), ("face", pa.int32()), ("box", pa.list_(pa.int32())),
    ("label", pa.string()), ("p_happy", pa.float64()), ("p_sad", pa.float64()),
    ("p_neutral", pa.float64()), ("reason", pa.string()), ("error", pa.string()),
    ("model", pa.string()),
])  # fmt: skip
Row = dict[str, Any]


def rows(entry: Entry, answers: Sequence[Prediction] | str, model: str) -> list[Row]:
    """A row for each answer, or one with the error.

    Args:
        entry: The picture.
        answers: As of `happysad.load`, or why there are none.
        model: The fingerprint of the model file.
    """
    row: Row = {"path": shown(entry), "model": model}
    if isinstance(answers, str):
        return [row | {"error": answers}]
    return [
        row | answer.probabilities
        | {"face": number if answer.box else None, "box": answer.box,
           "label": answer.label, "reason": answer.reason}
        for number, answer in enumerate(answers, 1)
    ]  # fmt: skip


def shown(entry: Entry) -> str:
    r"""What stands in the column "path": UTF-8, with bytes of a name that are not as "\xff"."""
    return os.fsencode(entry.name).decode(errors="backslashreplace")


def table(rows: list[Row]) -> pa.Table:
    """Rows as a table; what a row lacks is null."""
    return pa.Table.from_pylist(rows, SCHEMA)


def parquet(parts: Sequence[pa.Table], details: dict[str, Any]) -> bytes:
    """A file of these tables, one after the other.

    Args:
        parts: Of SCHEMA.
        details: Added to the file's metadata "happysad", as JSON, beside `schema_version`.
    """
    import pyarrow.parquet as pq

    described = json.dumps({"schema_version": SCHEMA_VERSION, **details})
    whole = pa.concat_tables(parts).replace_schema_metadata({"happysad": described})
    sink = pa.BufferOutputStream()
    pq.write_table(whole, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
