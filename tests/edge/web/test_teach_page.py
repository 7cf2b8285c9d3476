"""Teaching on the page: a real browser, a real stream of a face that the model gets wrong."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support import patience
from tests.support.browser import DESKTOP, PHONE, SMALLEST, Browser, chromium
from tests.support.chain import ROOT
from tests.support.command import edge
from tests.support.expressions import expressive_clip, keep_pictures
from tests.support.page_client import Client
from tests.support.page_server import Webcam
from tests.support.stream_server import http_camera

SHOTS = ROOT / "build" / "screenshots"  # what the last run has seen, for people to look at
EACH = 24
until = partial(patience.until, seconds=180)  # a lesson has a low priority


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody has kept pictures already, of three expressions that the model takes for one."""
    folder = tmp_path_factory.mktemp("home")
    keep_pictures(folder, EACH)
    return folder


@pytest.fixture(scope="module")
def webcam(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webcam]:
    clip = expressive_clip(tmp_path_factory.mktemp("clip") / "clip.mp4")
    with http_camera(clip, 10) as camera, Webcam(camera.url, "0", home=home) as process:
        yield process


@pytest.fixture(scope="module")
def browser(webcam: Webcam, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        opened.resize(DESKTOP)
        opened.open(webcam.address)
        until(lambda: opened.text("label") == "happy")
        until(lambda: counts(opened) == [EACH] * 3)
        yield opened


def counts(browser: Browser) -> list[int]:
    """What stands on the buttons: happy, sad, neutral."""
    shown = browser.run(
        "return [...document.querySelectorAll('#holds output')].map((one) => one.textContent)"
    )
    return [int(text) for text in shown]


def thumbnails(browser: Browser, label: str) -> int:
    """How many of a label are shown, and have come."""
    return browser.run(
        f"return [...document.querySelectorAll('#album .{label} button img')]"
        ".filter((one) => one.complete && one.naturalWidth > 0).length"
    )


def hidden(browser: Browser, name: str) -> bool:
    return browser.run(f"return document.getElementById('{name}').hidden")


def models(home: Path) -> list[dict]:
    listed = edge("model", "list", "--json", env={"HAPPYSAD_HOME": str(home)}, check=True)
    return json.loads(listed.stdout)


def test_a_key_a_finger_and_a_mouse_hold_a_button_and_pictures_come(browser: Browser) -> None:
    before = counts(browser)
    browser.hold("s")
    until(lambda: browser.run("return document.querySelector('.hold.sad').matches('.held')"))
    until(lambda: counts(browser)[1] >= before[1] + 2)
    browser.let_go("s")
    assert browser.run("return document.querySelector('.held')") is None
    browser.touch(".hold.happy")
    until(lambda: counts(browser)[0] > before[0])
    browser.lift()
    browser.click(".hold.neutral")  # of a device that only taps
    until(lambda: counts(browser)[2] > before[2])
    until(lambda: browser.run("return document.querySelector('.held')") is None)
    until(lambda: browser.text("missing").startswith("Enough to begin. More help: another light, "))
    until(lambda: thumbnails(browser, "sad") == EACH)  # the newest
    assert browser.complaints() == []


def test_a_tap_too_short_for_a_picture_is_told_to_last_longer(browser: Browser) -> None:
    """The sign that the button is held comes too late, so that no picture is taken by chance."""
    before = counts(browser)
    browser.run("window.real = window.fetch")
    browser.run(
        "window.fetch = (path, options) => "
        "window.real(path.includes('hold/') ? 'lessons/release' : path, options)"
    )
    browser.touch(".hold.happy")
    browser.lift()
    until(lambda: browser.text("missing").startswith("Hold happy longer: "))
    assert counts(browser) == before
    browser.run("window.fetch = window.real")


def test_a_picture_is_moved_and_deleted(browser: Browser) -> None:
    before = counts(browser)
    browser.click("#album .sad .thumbnails button")
    assert not hidden(browser, "picked")
    assert browser.run("return document.activeElement.textContent") == "It is happy"
    assert browser.barriers() == []
    browser.click("#picked button")
    until(lambda: counts(browser) == [before[0] + 1, before[1] - 1, before[2]])
    assert hidden(browser, "picked")
    browser.click("#album .happy .thumbnails button")
    browser.run("[...document.querySelectorAll('#picked button')].at(-2).click()")
    until(lambda: counts(browser) == [before[0], before[1] - 1, before[2]])


def test_all_of_them_can_be_seen_and_taken_away(browser: Browser, webcam: Webcam) -> None:
    count = counts(browser)[2]
    browser.click("#album .neutral > button")
    until(lambda: browser.run(
        "return document.querySelectorAll('#album .neutral .thumbnails button').length") == count
    )  # fmt: skip
    path = browser.run("return document.getElementById('download').getAttribute('href')")
    content = Client(webcam.port).ask(f"/{path}").body
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        labels = [name.split("/")[1] for name in archive.namelist()]
    assert [labels.count(label) for label in ("happy", "sad", "neutral")] == counts(browser)


def test_it_is_taught_answers_better_at_once_and_goes_back(
    browser: Browser, webcam: Webcam, home: Path
) -> None:
    browser.click("#begin")
    until(lambda: not hidden(browser, "result"))
    assert browser.text("sentence").startswith("I have learned something! Of your ")
    before, now = browser.text("scores").split("now")
    assert " right, " in before
    assert int(now.split(" right")[0]) > int(before.split(" right")[0].split()[-1])
    assert re.match(
        r"It still gets these wrong\s+You said (\w+), it (is unsure|says (?!\1)\w+)\s",
        browser.text("wrong"),
    )
    assert "When it is unsure stays: to choose that anew takes 30" in browser.text("small-print")
    until(lambda: "answers now" in browser.text("answers-now"))
    taught = browser.text("answers-now").split()[0]
    assert browser.text("answers-now") == f"{taught} answers now."
    until(lambda: browser.text("model").startswith(f"Model {taught}, "))
    until(lambda: browser.text("label") == "sad")  # which it never was before
    until(lambda: f"model: {taught} answers from now on" in browser.text("news"))
    assert [model["name"] for model in models(home) if model["in_use"]] == [taught]
    photo = (ROOT / "docs" / "faces.jpg").read_bytes()
    (answer,) = Client(webcam.port).ask("/classify", "POST", photo).json()  # type: ignore[misc]
    assert answer["label"]
    overhang = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    browser.resize(SMALLEST)
    assert browser.run(f"return {overhang}") == 0
    for size in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            browser.resize(size, scheme)
            assert browser.run(f"return {overhang}") == 0
            for name in ("teach", "begin"):
                browser.run(f"document.getElementById('{name}').scrollIntoView()")
                shot = SHOTS / f"{name}-{size[0]}-{scheme}.png"
                shot.write_bytes(browser.shot())
            if (size, scheme) in ((DESKTOP, "light"), (PHONE, "dark")):  # axe takes its time
                assert browser.barriers() == []
    browser.resize(DESKTOP)
    for name in ("faces", taught, "faces"):
        assert browser.text("back") == f"Go back to {name}"
        browser.click("#back")
        until(lambda name=name: browser.text("answers-now") == f"{name} answers now.")
    assert [model["name"] for model in models(home) if model["in_use"]] == ["faces"]
    assert browser.complaints() == []


def test_pictures_are_kept_as_long_as_it_is_said_and_forgotten_with_one_button(
    browser: Browser, home: Path
) -> None:
    kept = home / "models" / "pictures"
    assert kept.is_dir()
    browser.click("#keep")
    until(lambda: not kept.exists())
    browser.click("#keep")
    until(kept.is_dir)
    browser.click("#forget")
    assert browser.text("forget") == "Really forget all pictures?"
    browser.click("#forget")
    until(lambda: counts(browser) == [0, 0, 0])
    until(lambda: not any("pictures" in path.name for path in (home / "models").iterdir()))
    assert hidden(browser, "download")
    assert hidden(browser, "result")
    assert browser.text("missing").startswith("Five times each will do to begin with")
    assert browser.run("return document.getElementById('begin').disabled")
    assert browser.barriers() == []


def test_a_mouse_holds_one_button_after_the_other_and_each_gets_pictures(browser: Browser) -> None:
    """The button before loses the focus only once the next one is held already."""
    for place, label in enumerate(("happy", "sad", "neutral")):
        before = counts(browser)
        browser.mouse_down(f".hold.{label}")
        until(
            lambda place=place, before=before: counts(browser)[place] >= before[place] + 2,
            what=f"pictures of {label}",
        )
        browser.mouse_up()
        until(lambda: browser.run("return document.querySelector('.held')") is None)
    assert browser.complaints() == []
