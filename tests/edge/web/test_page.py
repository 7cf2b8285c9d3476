"""The page as people see it: `webcam --web` on a real stream, in a real browser."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.images.image_file import decode_image
from tests.support.browser import DESKTOP, PHONE, SMALLEST, Browser, chromium
from tests.support.chain import ROOT
from tests.support.command import FIELDS
from tests.support.page_client import Client, Viewer
from tests.support.page_server import Webcam, face_clip
from tests.support.patience import until
from tests.support.stream_server import Server, http_camera

SHOTS = ROOT / "build" / "screenshots"  # what the last run has seen, for people to look at
OVERHANG = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
ON_ITS_SIDE = (844, 390, 2)  # a phone
# Whether the picture is another than at the last call.
MOVES = """
const now = document.getElementById("picture").toDataURL("image/jpeg");
const moved = window.before !== undefined && window.before !== now;
window.before = now;
return moved;
"""


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An IP camera: somebody happy for two seconds, then nobody for as long."""
    with http_camera(face_clip(tmp_path_factory.mktemp("clip") / "face.mp4", 2.0), 10) as server:
        yield server


@pytest.fixture(scope="module")
def webcam(camera: Server) -> Iterator[Webcam]:
    with Webcam(camera.url, "0") as process:
        yield process


@pytest.fixture(scope="module")
def client(webcam: Webcam) -> Client:
    return Client(webcam.port)


@pytest.fixture(scope="module")
def browser(webcam: Webcam, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        opened.resize(DESKTOP)
        opened.open(webcam.address)
        yield opened


def test_programs_get_pictures_answers_and_health(client: Client) -> None:
    assert decode_image(client.ask("/snapshot.jpg").body).shape == (448, 448, 3)
    assert client.ask("/healthz").json() == {"status": "ok", "camera": True, "version": "0.1.0"}
    with client.open("/answers") as events:
        lines: list[dict] = []
        while {line["label"] for line in lines} < {"happy", "no_face"}:
            if (line := events.readline()).startswith(b"data: "):
                lines.append(json.loads(line[6:]))
    for line in lines:
        assert list(line) == [*FIELDS, "track_id", "faces", "age_ms", "wall_time"]
    photo = (ROOT / "docs" / "faces.jpg").read_bytes()
    (answer,) = client.ask("/classify", "POST", photo).json()  # type: ignore[misc]
    assert list(answer) == FIELDS
    assert answer["label"] == "happy"


def test_the_picture_moves_and_the_label_changes(browser: Browser) -> None:
    until(lambda: browser.text("label") == "happy")
    until(lambda: browser.run(MOVES))
    until(lambda: re.match(r"happy\n9\d %\nneutral\n", browser.text("bars")))
    until(lambda: browser.run("return document.getElementById('crop-picture').naturalWidth") == 48)
    described = "return document.getElementById('picture').getAttribute('aria-label')"
    until(lambda: browser.run(described).startswith("The camera's picture: happy 9"))
    until(lambda: browser.text("label") == "no face")
    until(lambda: browser.text("said") == "no face")
    until(lambda: "happy" in browser.text("times") and "no face" in browser.text("times"))
    assert browser.run("return document.querySelectorAll('#chart [d^=M]').length") >= 2
    assert float(browser.text("fps")) > 1
    assert re.fullmatch(r"[\d.]+ ms", browser.text("latency"))
    assert browser.complaints() == []


def test_the_mouth_follows_the_word_while_a_label_is_held(browser: Browser) -> None:
    """The bars are those of the newest frame, which may contradict a label for a moment."""
    bend = """
    const { Verdict } = await import("./verdict.js");
    const answer = { p_happy: 0.08, p_neutral: 0.12, p_sad: 0.8, reason: null };
    return ["happy", "neutral", "sad", "unsure"].map((state) => {
      new Verdict().first(state, answer);
      const [, edge, middle] = document.getElementById("mouth").getAttribute("d")
        .match(/^M34 (\\d+)Q60 (\\d+) 86 \\1$/);
      return Math.sign(middle - edge); // y grows downwards
    });
    """
    assert browser.run(f"return (async () => {{{bend}}})()") == [1, 0, -1, 0]


def test_what_makes_it_unsure_is_said(browser: Browser) -> None:
    said = """
    const { Verdict } = await import("./verdict.js");
    const answer = { p_happy: 0.58, p_neutral: 0.354, p_sad: 0.02, reason: null };
    const why = (more) => new Verdict().why("unsure", { ...answer, ...more });
    const two = { rivals: ["happy", "neutral"] };
    const held = { is_held: true };
    return [two, { rivals: null }, {}, { reason: "too_dark" }, held, { ...two, ...held }].map(why);
    """
    assert browser.run(f"return (async () => {{{said}}})()") == [
        "Happy and neutral are too close.", "No answer is likely enough.",
        "No answer is likely enough.", "The face is too dark.",
        "Not sure enough yet to change.", "Not sure enough yet to change.",
    ]  # fmt: skip


def test_a_wide_picture_fits_the_smallest_screen_and_stands_beside_the_answer_on_its_side(
    browser: Browser,
) -> None:
    """The stage as with frames of 16:9, which the pictures that come then do not change back."""
    browser.resize(SMALLEST)
    until(lambda: browser.text("label") == "happy")
    inside = """
    const stage = document.querySelector(".stage");
    stage.style.setProperty("aspect-ratio", "16 / 9", "important");
    return stage.getBoundingClientRect().right <= document.documentElement.clientWidth;
    """
    assert browser.run(inside)
    assert browser.run(OVERHANG) == 0
    browser.resize(ON_ITS_SIDE)
    seen = "return document.getElementById('{}').getBoundingClientRect().{}"
    assert browser.run(seen.format("label", "bottom")) < ON_ITS_SIDE[1]
    assert browser.run(seen.format("label", "left")) > browser.run(seen.format("picture", "right"))
    assert browser.run(OVERHANG) == 0
    (SHOTS / "page-on-its-side.png").write_bytes(browser.shot())
    browser.run("document.querySelector('.stage').style.removeProperty('aspect-ratio')")


@pytest.mark.parametrize("size", [DESKTOP, PHONE, ON_ITS_SIDE], ids=["desktop", "phone", "side"])
def test_the_way_out_of_full_screen_covers_nothing_that_is_said(
    browser: Browser, size: tuple[int, int, int]
) -> None:
    browser.resize(size)
    until(lambda: browser.text("label") == "happy")
    browser.press("f")
    is_full = "return document.fullscreenElement !== null"
    until(lambda: browser.run(is_full))
    covered = """
    const place = (selector) => document.querySelector(selector).getBoundingClientRect();
    const [one, other] = [place("#leave"), place(".verdict")];
    return one.left < other.right && other.left < one.right
      && one.top < other.bottom && other.top < one.bottom;
    """
    assert not browser.run(covered)
    browser.click("#leave")
    until(lambda: not browser.run(is_full))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_screen_and_shuts_nobody_out(
    browser: Browser, size: tuple[int, int, int], scheme: str
) -> None:
    for each in (SMALLEST, size):
        browser.resize(each, scheme)
        until(lambda: browser.text("label") == "happy")
        assert browser.run(OVERHANG) == 0
    (SHOTS / f"page-{size[0]}-{scheme}.png").write_bytes(browser.shot())
    assert browser.barriers() == []


@pytest.mark.parametrize("width", [320, 390, 480, 500, 540, 600, 700, 800, 833, 1280])
def test_the_buttons_that_teach_hold_what_stands_on_them(browser: Browser, width: int) -> None:
    browser.resize((width, 900, 1))
    until(lambda: browser.run("return document.querySelectorAll('.hold').length") == 3)
    overhangs = """
    for (const count of document.querySelectorAll("#holds output")) count.textContent = "120";
    return [...document.querySelectorAll(".hold")].map((one) => one.scrollWidth - one.clientWidth);
    """
    assert browser.run(overhangs) == [0, 0, 0]
    assert browser.run(OVERHANG) == 0


def test_what_made_the_answer_is_laid_over_the_crop_while_it_is_wanted(browser: Browser) -> None:
    said = "return document.getElementById('heat').getAttribute('aria-label')"
    browser.press("w")
    until(
        lambda: browser.text("crop-text").startswith("What made this answer: orange places spoke")
    )
    assert browser.run("return document.getElementById('heat').width") == 6
    until(lambda: re.match("Most spoke for happy at the (top|middle|bottom) ", browser.run(said)))
    assert browser.barriers() == []
    (SHOTS / "page-why.png").write_bytes(browser.shot())
    browser.press("w")
    assert browser.run("return document.getElementById('heat').hidden")
    assert browser.text("crop-text") in ("This is all that the model sees", "")


def test_keys_do_what_the_buttons_do(browser: Browser) -> None:
    pressed = "return document.getElementById('{}').getAttribute('aria-pressed')"
    for key, name in (("b", "boxes"), ("p", "pause")):
        before = browser.run(pressed.format(name))
        browser.press(key)
        assert browser.run(pressed.format(name)) != before
        browser.run(f"document.getElementById('{name}').click()")
        assert browser.run(pressed.format(name)) == before
    until(lambda: browser.run(MOVES))  # it goes on


def test_a_camera_that_is_lost_is_said_plainly_and_comes_back(
    browser: Browser, camera: Server, client: Client
) -> None:
    browser.resize(DESKTOP)
    other = Viewer(client)
    camera.send(signal.SIGSTOP)
    try:
        until(lambda: browser.text("cover") and browser.text("cover-title") == "No camera")
        assert browser.text("label") == "no camera"
        assert "tries to open it again" in browser.text("cover-text")
        assert re.search(rf"{camera.url}: no frame for 2\.\d s; trying", browser.text("news"))
        assert client.ask("/healthz").json()["camera"] is False  # type: ignore[index]
        assert client.ask("/snapshot.jpg").status == 503
        assert browser.barriers() == []
        (SHOTS / "page-no-camera.png").write_bytes(browser.shot())
    finally:
        camera.send(signal.SIGCONT)
    until(lambda: browser.run("return document.getElementById('cover').hidden"))
    until(lambda: "back after" in browser.text("news"))
    assert "no frame for 2." in browser.text("news")
    for _ in ("pause", "go on"):  # connects anew, and is told all of it once more
        browser.press("p")
    until(lambda: "back after" in browser.text("news"))
    assert "None so far." not in browser.text("news")
    count = len(other.facts)
    until(lambda: len(other.facts) > count)
    assert all(answer["rivals"] is None for answer in other.facts[-1]["answers"])
    other.close()


def test_the_token_vanishes_from_the_address_and_no_script_reads_it(
    camera: Server, browser: Browser, tmp_path: Path
) -> None:
    token_file = tmp_path / "token"
    webcam = Webcam(camera.url, "127.0.0.1:0", "--web-token-file", token_file)
    token = token_file.read_text().strip()
    page = f"http://127.0.0.1:{webcam.port}/"
    browser.complaints()
    browser.open(page)
    assert "This page asks for its token.\n" in browser.run("return document.body.innerText")
    for size in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            browser.resize(size, scheme)
            assert browser.run(OVERHANG) == 0
            assert browser.barriers() == []
            (SHOTS / f"entrance-{size[0]}-{scheme}.png").write_bytes(browser.shot())
    browser.resize(DESKTOP)
    (complaint,) = browser.complaints()  # of no style, icon or form
    assert "401 (Unauthorized)" in complaint
    browser.enter("#token", token)
    until(lambda: browser.address == page)
    until(lambda: browser.run(MOVES))
    assert browser.run("return document.cookie") == ""
    assert token not in browser.run("return document.documentElement.outerHTML")
    assert "Traceback" not in webcam.end()
    until(lambda: browser.text("cover-title") == "Not connected")


def test_at_the_end_of_a_video_it_says_so_and_finds_the_next_run(
    browser: Browser, tmp_path: Path
) -> None:
    with Webcam(face_clip(tmp_path / "clip.mp4", 4.0), "0") as webcam:
        browser.open(webcam.address)
        until(lambda: browser.run(MOVES))
        until(lambda: browser.text("cover-title") == "The video has ended.")
        port = webcam.port
    with Webcam(tmp_path / "clip.mp4", str(port)):
        until(lambda: browser.run("return document.getElementById('cover').hidden"))
        until(lambda: browser.run(MOVES))
    browser.complaints()
