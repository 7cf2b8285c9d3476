"""FlatBuffers read with every bound checked: for files that may be forged.

The format: https://flatbuffers.dev/internals/. The runtimes read a model without such checks, and
so does the `flatbuffers` package. What a table has beyond its schema is refused.
"""

import struct
from typing import Any

import numpy as np

# Of a table: the name and the kind of each field, by its number. A kind is one of SCALARS or
# VECTORS; "string"; "table", for the place of a table whose schema something else decides; a
# schema, for a table; or [a schema], for a vector of tables.
Schema = dict[int, tuple[str, Any]]
SCALARS = {form: struct.Struct("<" + form) for form in ("b", "B", "?", "i", "I")}
# The type of the elements, and how many there may be; None: as many as the file holds.
VECTORS: dict[str, tuple[np.dtype, int | None]] = {
    "[B]": (np.dtype("<u1"), None),
    "[i]": (np.dtype("<i4"), 8),  # dimensions, tensors of an operator
    "[q]": (np.dtype("<i8"), 65536),
    "[f]": (np.dtype("<f4"), 65536),
}
# Many tables may be one and the same, and so take no room in the file. Our deepest network has 180.
MAX_TABLES = 4096
MAX_NAME = 4096  # bytes of a string; a layer of ours is called by all that was folded into it
OFFSET, VTABLE = struct.Struct("<I"), struct.Struct("<HH")


class FlatBuffer:
    """A FlatBuffer and how it is read."""

    def __init__(self, content: bytes, size: int) -> None:
        """Takes the content, of which the FlatBuffer is the first `size` bytes."""
        self._content, self._size = content, size
        self._tables = 0

    def root(self, schema: Schema) -> dict[str, Any]:
        """The fields of the root table, as `table` gives them.

        Raises:
            ValueError: The FlatBuffer is not sound, or has more than the schema.
        """
        return self.table(self._follow(0), schema)

    def table(self, place: int, schema: Schema) -> dict[str, Any]:
        """The fields that a table has, by name; those that are not there have their default value.

        Args:
            place: Where it begins, as of a field of the kind "table".
            schema: What it may have.

        Returns:
            Scalars as numbers, strings as text, vectors as arrays that share the content's memory,
            tables as dictionaries.

        Raises:
            ValueError: As of `root`.
        """
        self._tables += 1
        if self._tables > MAX_TABLES:
            raise ValueError(f"more than {MAX_TABLES} tables")
        vtable = place - self._scalar(SCALARS["i"], place)
        self._check(vtable, 4, 2)
        vtable_size, size = VTABLE.unpack_from(self._content, vtable)
        count = vtable_size // 2 - 2
        self._check(vtable, vtable_size, 2)
        self._check(place, size, 4)
        if vtable_size % 2 or not 0 <= count <= 32 or size < 4:
            raise ValueError(f"no table at {place}")
        offsets = struct.unpack_from(f"<{count}H", self._content, vtable + 4)
        fields = {}
        for number, offset in enumerate(offsets):
            if not offset:
                continue
            if number not in schema:
                raise ValueError(f"field {number} of the table at {place}, which ours do not have")
            name, kind = schema[number]
            scalar = SCALARS.get(kind) if isinstance(kind, str) else None
            if offset < 4 or offset + (scalar or OFFSET).size > size:
                raise ValueError(f"{name} is outside its table")
            at = place + offset
            fields[name] = self._scalar(scalar, at) if scalar else self._far(at, kind)
        return fields

    def _far(self, place: int, kind: Any) -> Any:
        """What an offset leads to."""
        target = self._follow(place)
        if isinstance(kind, dict):
            return self.table(target, kind)
        if isinstance(kind, list):
            length = len(self._vector(target, np.dtype("<u4"), MAX_TABLES))
            places = range(target + 4, target + 4 + 4 * length, 4)
            return [self.table(self._follow(place), kind[0]) for place in places]
        if kind in VECTORS:
            return self._vector(target, *VECTORS[kind])
        return self._string(target) if kind == "string" else target

    def _string(self, place: int) -> str:
        text = self._vector(place, np.dtype("<u1"), MAX_NAME)
        # The runtimes read names to the zero at their end.
        if self._scalar(SCALARS["B"], place + 4 + len(text)) != 0:
            raise ValueError("a name without an end")
        return text.tobytes().decode()

    def _vector(self, place: int, dtype: np.dtype, most: int | None) -> np.ndarray:
        length = self._scalar(OFFSET, place)
        if most is not None and length > most:
            raise ValueError(f"a list of {length} where {most} are possible")
        self._check(place + 4, length * dtype.itemsize, dtype.itemsize)
        return np.frombuffer(self._content, dtype, length, place + 4)

    def _follow(self, place: int) -> int:
        """Where an offset leads: forward, to the length of a vector or to a table."""
        return place + (self._scalar(OFFSET, place) or self._size)

    def _scalar(self, form: struct.Struct, place: int) -> Any:
        self._check(place, form.size, form.size)
        return form.unpack_from(self._content, place)[0]

    def _check(self, place: int, size: int, alignment: int) -> None:
        if not 0 <= place <= self._size - size or place % alignment:
            raise ValueError(f"{size} bytes at {place} of {self._size}")
