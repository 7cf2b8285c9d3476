"""The documentation's pictures of the page, as a browser shows it.

`python -m tests.support.page_pictures FILM` writes docs/web.jpg, of a film with a face, and
docs/teach.jpg, of the faces that the tests teach; each on a desktop, and on a phone in the dark.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from edge.images.image_file import decode_image
from edge.machine.opencv import cv2
from tests.support.browser import Browser, chromium
from tests.support.chain import ROOT
from tests.support.expressions import expressive_clip, keep_pictures
from tests.support.page_server import Webcam
from tests.support.patience import until
from tests.support.stream_server import http_camera

WIDTH = 1440  # pixels of a picture
EACH = 33  # pictures of each label


def side_by_side(browser: Browser, height: int, phone: int, label: str, section: str) -> np.ndarray:
    """A section of the page on both, while an answer is shown.

    Args:
        browser: Has the page open.
        height: Of the desktop's window.
        phone: Of the phone's.
        label: The answer.
        section: The id of an element, or "" for the top.
    """
    shots = []
    for size, scheme in (((1366, height, 1), "light"), ((390, phone, 2), "dark")):
        browser.resize(size, scheme)
        place = (
            f"document.getElementById('{section}').scrollIntoView()"
            if section
            else "scrollTo(0, 0)"
        )
        browser.run(place)
        until(lambda: browser.text("label") == label)
        shot = decode_image(browser.shot())
        wide = round(height * shot.shape[1] / shot.shape[0])
        shots.append(cv2.resize(shot, (wide, height), interpolation=cv2.INTER_AREA))
    both = np.hstack(shots)
    return cv2.resize(
        both, None, fx=(f := WIDTH / both.shape[1]), fy=f, interpolation=cv2.INTER_AREA
    )


def write(name: str, picture: np.ndarray) -> None:
    cv2.imwrite(str(ROOT / "docs" / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])


def main(film: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder, "profile")) as browser:
        with http_camera(film, 10) as camera, Webcam(camera.url, "0") as webcam:
            browser.open(webcam.address)
            until(lambda: browser.text("label") == "happy")
            browser.press("w")
            until(lambda: not browser.run("return document.getElementById('heat').hidden"))
            write("web.jpg", side_by_side(browser, 900, 844, "happy", ""))
        home = Path(folder, "home")
        keep_pictures(home, EACH)
        clip = expressive_clip(Path(folder, "clip.mp4"))
        with http_camera(clip, 10) as camera, Webcam(camera.url, "0", home=home) as webcam:
            browser.open(webcam.address)
            until(lambda: browser.run("return document.querySelector('#album img')"))
            browser.click("#begin")
            until(
                lambda: not browser.run("return document.getElementById('result').hidden"),
                seconds=300,
            )
            write("teach.jpg", side_by_side(browser, 1290, 1200, "happy", "teach"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
