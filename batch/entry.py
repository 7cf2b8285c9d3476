"""A picture of an archive: what it is called, and where it is."""

import json
from typing import NamedTuple


class Entry(NamedTuple):
    """One picture to classify.

    Attributes:
        name: As the results call it: a path, an address without credentials, or the archive's name
            with the member's after it.
        begin: Where in the archive it begins, in bytes: a tar's content, a zip's local header;
            None of a picture that is a file of its own.
        size: How many bytes of the archive it takes; None as `begin`.
        method: How a zip has packed it, by the number of its format (0 stored, 8 deflated; -1 where
            it is encrypted); None elsewhere.
    """

    name: str
    begin: int | None = None
    size: int | None = None
    method: int | None = None

    def line(self) -> bytes:
        """It as a line of JSON, which has no line's end inside whatever the name is."""
        return json.dumps(self if self.begin is not None else self[:1]).encode() + b"\n"


def read_line(line: bytes) -> Entry:
    """The entry that `Entry.line` was made of."""
    return Entry(*json.loads(line))
