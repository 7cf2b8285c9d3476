"""Asks an HTTP address what it is: pictures, a video, or nothing that shows anything."""

import re
import threading
import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

from ...errors import CameraError, one_line
from ..address import Address
from ..limits import SILENT_S
from ..network_errors import SILENCE
from ..source import Trust
from .client import HttpClient

PEEK = 1 << 12
# First bytes of pictures, of a part of a multipart body, and of an answer that is its text.
_PICTURES = re.compile(
    rb"\s*(--|content-(type|length)\s*:|\xff\xd8\xff|\x89PNG|GIF8|BM|RIFF.{4}WEBP)",
    re.IGNORECASE | re.DOTALL,
)
_PLAYLIST = re.compile(rb"(\xef\xbb\xbf)?\s*#EXTM3U")
_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)", re.IGNORECASE)
_TEXT = re.compile(r"text/|application/(json|xml|xhtml)|.*\+(xml|json)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sends.

    Attributes:
        client: Has asked; to be closed.
        response: Its body, without what was read of it.
        began: What was read.
        asked_s: When it was asked, on the clock of `time.monotonic`.
        kind: "pictures", "playlist" or "video", which is everything that is not text.
    """

    client: HttpClient
    response: HTTPResponse
    began: bytes
    asked_s: float
    kind: str


def ask(address: Address, trust: Trust, stop: threading.Event) -> Answer:
    """Asks an address.

    Raises:
        CameraError: The reason alone: no answer, a status that is no success, a page of text.
    """
    client = HttpClient(address.place, trust, stop)
    try:
        asked_s = time.monotonic()
        deadline_s = asked_s + SILENT_S
        response = client.get({}, deadline_s)
        type_ = response.headers.get_content_type()
        if response.headers.get_content_maintype() == "multipart":
            return Answer(client, response, b"", asked_s, "pictures")
        client.wait_until(deadline_s)
        began = b""
        while len(began) < 12 and (chunk := response.read1(PEEK)):
            began += chunk
        if _PICTURES.match(began):
            return Answer(client, response, began, asked_s, "pictures")
        if _PLAYLIST.match(began):
            return Answer(client, response, began, asked_s, "playlist")
        if not began:
            raise CameraError("its answer is empty")
        if type_ in ("text/html", "application/xhtml+xml") or _PAGE.match(began):
            raise CameraError(
                "it is a web page, no picture: look up the address of the picture or stream itself"
            )
        is_said = "Content-Type" in response.headers
        if (is_said and _TEXT.match(type_)) or began.lstrip()[:1] in (b"<", b"{"):
            raise CameraError(f"it is text, no picture ({one_line(type_)})")
        return Answer(client, response, began, asked_s, "video")
    except TimeoutError as error:
        client.close()
        raise CameraError(SILENCE) from error
    except (HTTPException, OSError, ValueError) as error:
        client.close()
        raise CameraError("the connection broke off") from error
    except CameraError:
        client.close()
        raise
