"""Pictures cut out of the bytes of an HTTP body, however the server has packed them.

Cameras disagree about everything in a multipart body but the pictures: boundaries that are missing,
written otherwise than announced or followed by nothing, line feeds alone, parts without a header,
lengths that are wrong. So a picture begins where its first bytes are, and a JPEG ends where it says
itself (ITU-T T.81, annex B); other forms end by their own lengths too, or by Content-Length.
"""

import re
from dataclasses import dataclass

from ...errors import CameraError

MAX_PICTURE_BYTES = 20_000_000  # the largest JPEGs of 16 megapixels have half of it
MAX_BETWEEN_BYTES = 1_000_000  # of what is no picture, as the header of a part
HEADER_BYTES = 4096  # that are kept of it
# What a picture begins with. "BM" begins too many texts: it must follow a header's end, and the
# sizes of the two headers of a BMP the name.
_START = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF.{4}WEBP"
    rb"|(?:(?<=\n\n)|(?<=\n\r\n)|\A)BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}",
    re.DOTALL,
)
_LONGEST_START = 18
# In a scan FF is followed by 00 or a restart; anything else is a marker.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d{1,12})\s*$", re.IGNORECASE | re.MULTILINE)
_NEXT_PART = re.compile(rb"\r?\n--")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as it came.

    Attributes:
        data: The content of an image file.
        is_whole: Whether its end was seen.
    """

    data: bytes
    is_whole: bool


class Pictures:
    """Takes the bytes of one body as they come, and gives the pictures in it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._start: int | None = None  # of the picture that has begun
        self._length: int | None = None  # its Content-Length
        self._at = 0  # of the byte that is looked at next
        self._is_in_scan = False
        self._skip = 0  # bytes that belong to the part whose picture was taken
        self._is_length_open = False  # whether that has yet to be believed
        self._between = 0  # bytes since the last picture

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Raises:
            CameraError: They hold no pictures, or one without an end.
        """
        self._buffer += chunk
        if self._start is None and self._between + len(self._buffer) > MAX_BETWEEN_BYTES:
            if self._begun() is None:
                raise CameraError("sends something else than pictures")
        elif self._start is not None and len(self._buffer) > MAX_PICTURE_BYTES:
            size = f"{MAX_PICTURE_BYTES // 1_000_000} MB"
            raise CameraError(f"sends a picture without an end (more than {size})")

    def take(self) -> Picture | None:
        """The next picture that is complete; None where more bytes are needed."""
        start = self._begun()
        if start is None:
            return None
        end, is_whole = self._end(start)
        return None if end is None else self._cut(start, end, is_whole)

    def rest(self) -> Picture | None:
        """The picture that had begun when the body ended."""
        start = self._begun()
        if start is None:
            return None
        is_jpeg = self._buffer[start] == 0xFF
        is_whole = not is_jpeg and self._length is None
        return self._cut(start, len(self._buffer), is_whole)

    def _begun(self) -> int | None:
        """Where a picture begins; what is before it is dropped, but for the header of its part."""
        if self._start is not None:
            return self._start
        buffer = self._buffer
        if self._skip and not self._drop_rest():
            return None
        if found := _START.search(buffer, self._at):
            header = bytes(buffer[: found.start()]).replace(b"\r", b"").rpartition(b"\n--")[2]
            lengths = _LENGTH.findall(header)
            self._length = int(lengths[-1]) if lengths else None
            self._start = self._at = found.start()
            self._is_in_scan, self._between = False, 0
        else:
            surplus = max(0, len(buffer) - HEADER_BYTES)
            del buffer[:surplus]
            self._between += surplus
            self._at = max(0, len(buffer) - _LONGEST_START)
        return self._start

    def _drop_rest(self) -> bool:
        """Drops what is left of the part that was taken from; False where more is to come."""
        if self._is_length_open:
            following = self._buffer[:8].lstrip(b"\r\n")
            if len(following) < 2:
                return False
            self._is_length_open = False
            if following.startswith(b"--"):  # a boundary: the length was wrong
                self._skip = 0
        dropped = min(self._skip, len(self._buffer))
        self._skip -= dropped
        del self._buffer[:dropped]
        return self._skip == 0

    def _end(self, start: int) -> tuple[int | None, bool]:
        """Where the picture ends, once that can be said, and whether it is whole."""
        buffer = self._buffer
        if buffer[start] == 0xFF:
            return self._end_of_jpeg(start)
        end: int | None = None
        if self._length is not None:
            end = start + self._length
        elif buffer[start] == 0x89:
            last = buffer.find(b"IEND", start)
            end = last + 8 if last >= 0 else None
        elif buffer.startswith(b"RIFF", start):
            size = int.from_bytes(buffer[start + 4 : start + 8], "little")
            end = start + 8 + size + size % 2
        elif buffer.startswith(b"BM", start):
            end = start + int.from_bytes(buffer[start + 2 : start + 6], "little")
        elif found := _NEXT_PART.search(buffer, start):
            end = found.start()
        return (end if end and end <= len(buffer) else None), True

    def _end_of_jpeg(self, start: int) -> tuple[int | None, bool]:
        """As `_end`, by the markers; goes on where it had to wait for bytes."""
        buffer = self._buffer
        while len(buffer) >= self._at + 2:
            kind = buffer[self._at + 1]
            if self._is_in_scan or buffer[self._at] != 0xFF:
                found = _MARKER.search(buffer, self._at)
                self._at = found.start() if found else max(self._at, len(buffer) - 1)
                if not found:
                    break
                self._is_in_scan = False
            elif kind == 0xFF:  # a fill byte
                self._at += 1
            elif kind == 0xD9:  # EOI
                return self._at + 2, True
            elif kind == 0xD8 and self._at > start:  # SOI: another has begun
                return self._at, False
            elif kind in (0x00, 0x01, 0xD8) or 0xD0 <= kind <= 0xD7:  # without a segment
                self._at += 2
            elif len(buffer) < self._at + 4:
                break
            else:
                self._is_in_scan = kind == 0xDA  # SOS
                self._at += 2 + int.from_bytes(buffer[self._at + 2 : self._at + 4], "big")
        return None, False

    def _cut(self, start: int, end: int, is_whole: bool) -> Picture:
        data = bytes(self._buffer[start:end])
        del self._buffer[:end]
        # A second, small picture may follow the first in its part.
        self._skip = max(0, (self._length or 0) - len(data)) if is_whole else 0
        self._is_length_open = self._skip > 0
        self._start, self._length, self._at = None, None, 0
        return Picture(data, is_whole)
