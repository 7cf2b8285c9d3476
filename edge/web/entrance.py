"""The page for a person who may not look yet: how to get in, and a field for the token."""

import base64
import hashlib
import html
from pathlib import Path

PAGE = Path(__file__).with_name("entrance.html").read_text("utf-8")
NEWS = "<!-- what is wrong -->"  # its place on the page
_STYLE = PAGE.partition("<style>")[2].partition("</style>")[0]
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Its own style is on it, since whoever has no token gets no other file; it runs nothing. The field
# leads where the address with the token does.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}


def is_for_people(headers: list[tuple[str, str]]) -> bool:
    """Whether a browser asks for a page to show; programs, and scripts of pages, do not."""
    return any(name == "accept" and "text/html" in text.lower() for name, text in headers)


def entrance(news: str) -> str:
    """The page, with a sentence on why nobody gets in."""
    return PAGE.replace(NEWS, html.escape(news))
