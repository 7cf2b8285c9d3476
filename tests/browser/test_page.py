"""The page as visitors see it: a real browser, a camera that shows a film, photos, and bad luck."""

import contextlib
import io
import itertools
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.model.archive import GOLDEN_NAME
from tests.support.browser import DESKTOP, PHONE, Browser, chromium
from tests.support.chain import ROOT
from tests.support.fake_camera import camera_flags, smile_and_nobody
from tests.support.model_archive import archive, repacked
from tests.support.net_log import read_net_log
from tests.support.patience import until
from tests.support.static_host import Host, static_host

SHOTS = ROOT / "build" / "screenshots"  # what the last run has seen, for people to look at
PHOTO = ROOT / "docs" / "astronaut.jpg"
ALTERNATIVE = "return document.getElementById('picture').getAttribute('aria-label')"
NEXT_TURN = "await new Promise((done) => setTimeout(done));"
INSECURE = "insecure.test"  # what the browser takes for another host, without https


@pytest.fixture(scope="module")
def host(page_folder: Path) -> Iterator[Host]:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with static_host(page=page_folder) as served:
        yield served


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """With a camera, which the visitor allows."""
    folder = tmp_path_factory.mktemp("camera")
    flags = camera_flags(folder / "film.mjpeg", smile_and_nobody(1.5))
    with chromium(folder / "profile", *flags) as opened:
        opened.resize(DESKTOP)
        yield opened


@pytest.fixture
def fresh(browser: Browser, host: Host) -> Iterator[Browser]:
    """The page, just loaded; what is done to it no other test sees."""
    browser.answer_about_camera("granted")
    yield loaded(browser, f"{host.address}/page/")
    browser.open("about:blank")


@pytest.fixture
def page(browser: Browser, host: Host) -> Browser:
    """The page with the camera off; loaded by another test, maybe, which saves seconds."""
    browser.answer_about_camera("granted")
    if host.address not in browser.address or not browser.text("model"):
        loaded(browser, f"{host.address}/page/")
    if browser.run("return document.getElementById('camera').ariaPressed === 'true'"):
        browser.click("#camera")
    return browser


def loaded(browser: Browser, address: str) -> Browser:
    browser.open(address)
    until(lambda: browser.text("cover-title") not in ("", "One moment"))
    return browser


def is_uncovered(browser: Browser) -> bool:
    return browser.run("return document.getElementById('cover').hidden")


def choose(browser: Browser, photo: Path) -> None:
    """Chooses a photo and waits for what comes of it."""
    browser.choose("#file", photo)
    until(lambda: browser.text("cover-title") != "One moment" or is_uncovered(browser))


@contextlib.contextmanager
def replaced(host: Host, folder: Path) -> Iterator[None]:
    """Another folder in the place of the page."""
    whole, host.folders["page"] = host.folders["page"], folder
    try:
        yield
    finally:
        host.folders["page"] = whole


def test_a_photo_is_answered(page: Browser) -> None:
    choose(page, PHOTO)
    until(lambda: page.text("label") == "happy")
    assert page.text("bars").startswith("happy\n99 %\n")
    assert page.run(ALTERNATIVE) == "The photo: happy 99 %"
    page.resize(DESKTOP)
    (SHOTS / "browser-photo.png").write_bytes(page.shot())


def test_a_camera_is_answered_until_it_is_turned_off(page: Browser) -> None:
    page.click("#start-camera")
    for label in ("happy", "no face", "happy"):
        until(lambda label=label: page.text("label") == label)
    assert float(page.text("rate")) > 0.5
    page.click("#camera")
    until(lambda: page.text("cover-title") == "The camera is off")
    assert page.text("label") == "…"
    assert page.run(ALTERNATIVE) == "No picture"
    assert (
        page.run("return document.getElementById('camera').getAttribute('aria-pressed')") == "false"
    )
    page.click("#start-camera")
    until(lambda: is_uncovered(page))
    page.click("#camera")


def test_nothing_leaves_after_loading(host: Host, tmp_path: Path) -> None:
    log, mark = tmp_path / "net.json", f"{host.address}/page/icon.svg?mark"
    flags = camera_flags(tmp_path / "film.mjpeg", smile_and_nobody(1.0))
    with chromium(tmp_path / "profile", *flags, f"--log-net-log={log}") as browser:
        loaded(browser, f"{host.address}/page/")
        loaded_ms, asked = time.time() * 1000, len(host.asked)
        browser.answer_about_camera("granted")
        browser.click("#start-camera")
        until(lambda: browser.text("label") == "happy")
        choose(browser, PHOTO)
        until(lambda: browser.text("label") == "happy")
        assert host.asked[asked:] == []
        browser.run(f"await fetch({mark!r})")  # which the log has to show
    ours = [one for one in read_net_log(log) if one.initiator == host.address]
    assert len(ours) > 20
    assert {one.url.startswith(host.address) for one in ours} == {True}
    assert [one.url for one in ours if one.time_ms > loaded_ms] == [mark]


@pytest.mark.parametrize("where", ["main", "worker"])
def test_the_policy_lets_nothing_connect_to_another_host(
    plain: Browser, host: Host, page_folder: Path, tmp_path: Path, where: str
) -> None:
    """Either thread of the page, each loaded as the page loads it, with a module that tries."""
    changed = Path(shutil.copytree(page_folder, tmp_path / "page"))
    with static_host(page=ROOT / "docs") as other, replaced(host, changed):
        attempt = f"await fetch('{other.address}/page/astronaut.jpg', {{mode: 'no-cors'}})"
        tell = {
            "main": "(said) => document.getElementById('cover-title').textContent = said",
            "worker": "(said) => postMessage({id: 0, error: said})",
        }[where]
        (changed / f"{where}.js").write_text(
            f"const tell = {tell};"
            f"try {{ {attempt}; tell('It left') }} catch {{ tell('It was kept') }}"
        )
        loaded(plain, f"{host.address}/page/")
        said = plain.text("cover-title" if where == "main" else "cover-text")
        assert (said.partition(".")[0], other.asked) == ("It was kept", [])
    plain.complaints()


def test_a_camera_that_is_unplugged_is_said_to_be_gone(page: Browser) -> None:
    page.click("#camera")
    until(lambda: page.text("label") == "happy")
    page.run(
        "const [track] = document.getElementById('video').srcObject.getTracks();"
        "track.dispatchEvent(new Event('ended'))"  # what a browser does then
    )
    until(lambda: page.text("cover-title") == "The camera is gone")
    page.click("#start-camera")
    until(lambda: page.text("label") == "happy")


@pytest.mark.long
def test_it_fits_every_screen_and_shuts_nobody_out(fresh: Browser) -> None:
    overhang = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for name in ("start", "camera"):
        if name == "camera":
            fresh.click("#start-camera")
        for size, scheme in itertools.product((DESKTOP, PHONE), ("light", "dark")):
            until(lambda name=name: name == "start" or fresh.text("label") == "happy")
            fresh.resize(size, scheme)
            assert fresh.run(overhang) == 0
            (SHOTS / f"browser-{name}-{size[0]}-{scheme}.png").write_bytes(fresh.shot())
            if (size == DESKTOP) == (scheme == "light") == (name == "start"):
                assert fresh.barriers() == []


def test_a_file_that_is_no_picture_is_said_to_be_none(page: Browser, tmp_path: Path) -> None:
    notes = tmp_path / "notes.jpg"
    notes.write_text("no picture")
    choose(page, notes)
    assert page.text("cover-title") == "Not a picture"
    assert page.text("cover-text").startswith("This browser cannot read notes.jpg.")
    choose(page, PHOTO)  # it goes on
    until(lambda: page.text("label") == "happy")


def test_a_photo_without_a_face_and_one_too_dark_are_said_to_be_so(
    page: Browser, tmp_path: Path
) -> None:
    blank, dark = tmp_path / "blank.png", tmp_path / "dark.png"
    cv2.imwrite(str(blank), np.full((300, 400, 3), 128, np.uint8))
    cv2.imwrite(str(dark), (cv2.imread(str(PHOTO)) * 0.1).astype(np.uint8))
    choose(page, blank)
    until(lambda: page.text("label") == "no face")
    assert page.text("why") == "Nobody is in the picture."
    choose(page, dark)
    until(lambda: page.text("label") == "unsure")
    assert page.text("why") == "The face is too dark."


@pytest.mark.long
def test_a_photo_chosen_while_the_browser_asks_leaves_the_camera_off(fresh: Browser) -> None:
    # A visitor who takes a while; the stream that comes in the end is looked at.
    fresh.run("""
        const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
        media.getUserMedia = async (wish) => {
          await new Promise((go) => window.allow = go);
          return window.stream = await ask(wish);
        };
        media.enumerateDevices = async () => {
          window.isCounted = true;
          return [{ kind: "videoinput" }, { kind: "videoinput" }];
        };
    """)
    fresh.click("#camera")
    until(lambda: fresh.run("return Boolean(window.allow)"))
    choose(fresh, PHOTO)
    until(lambda: fresh.text("label") == "happy")
    fresh.run("window.allow()")
    ended = "return window.stream?.getTracks().every((track) => track.readyState === 'ended')"
    until(lambda: fresh.run(ended))
    until(lambda: fresh.run("return window.isCounted"))
    assert fresh.run(f"{NEXT_TURN} return document.getElementById('turn').hidden")
    assert fresh.text("label") == "happy"


def test_a_photo_that_is_slow_to_read_is_dropped_once_something_else_is_wanted(
    fresh: Browser, tmp_path: Path
) -> None:
    fresh.run("""
        const [make, post] = [createImageBitmap, Worker.prototype.postMessage];
        window.createImageBitmap = async (source, ...rest) => {
          if (!source.name?.startsWith("slow")) return make(source, ...rest);
          await new Promise((go) => window.go = go);
          return window.late = await make(source, ...rest).catch((error) => {
            window.late = { width: 0 };
            throw error;
          });
        };
        window.photos = 0;
        Worker.prototype.postMessage = function (message, ...rest) {
          window.photos += message.kind === "photo";
          return post.call(this, message, ...rest);
        };
    """)
    good, bad = tmp_path / "slow.png", tmp_path / "slow-notes.png"
    cv2.imwrite(str(good), np.full((300, 400, 3), 128, np.uint8))
    bad.write_text("no picture")

    def decide_otherwise(slow: Path, wanted: Callable[[], object], photos: int) -> None:
        fresh.run("window.go = window.late = null")
        fresh.choose("#file", slow)
        until(lambda: fresh.run("return Boolean(window.go)"))
        wanted()
        until(lambda: fresh.text("label") == "happy")
        fresh.run("window.go()")
        until(lambda: fresh.run("return window.late?.width === 0"))  # closed, or sent
        assert fresh.run(f"{NEXT_TURN} return window.photos") == photos
        assert fresh.text("cover-title") != "Not a picture"

    decide_otherwise(good, lambda: choose(fresh, PHOTO), 1)
    decide_otherwise(bad, lambda: choose(fresh, PHOTO), 2)
    decide_otherwise(good, lambda: fresh.click("#camera"), 2)
    assert fresh.run("return document.getElementById('camera').ariaPressed") == "true"


@pytest.mark.long
def test_a_photo_that_comes_before_all_is_loaded_is_answered_then(
    plain: Browser, host: Host
) -> None:
    plain.open(f"{host.address}/page/")
    plain.choose("#file", PHOTO)
    until(lambda: plain.text("label") == "happy")


@pytest.mark.long
def test_a_photo_that_is_too_large_for_phones_is_made_smaller(page: Browser) -> None:
    assert page.run("""
        const [make, made] = [createImageBitmap, []];
        window.createImageBitmap = async (...all) => {
          made.push(await make(...all));
          return made.at(-1);
        };
        try {
          const canvas = new OffscreenCanvas(5000, 4000);
          canvas.getContext("2d").fillRect(0, 0, 1, 1);
          const { readPhoto } = await import("./photo.js");
          const photo = await readPhoto(await canvas.convertToBlob());
          return [made[0].width, photo.width, photo.height];
        } finally {
          window.createImageBitmap = make;
        }
    """) == [0, 4472, 3578]  # the large one is closed


def test_a_camera_that_is_not_allowed_is_said_plainly(fresh: Browser) -> None:
    fresh.answer_about_camera("denied")
    fresh.click("#camera")
    until(lambda: fresh.text("cover-title") == "The camera is not allowed")
    assert "browser's settings" in fresh.text("cover-text")
    choose(fresh, PHOTO)
    until(lambda: fresh.text("label") == "happy")


@pytest.mark.long
def test_a_failure_while_computing_turns_the_camera_off_and_is_said(fresh: Browser) -> None:
    fresh.run("""
        const post = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message, transfer) {
          post.call(this, { ...message, bitmap: undefined }, []);  // nothing to look at
        };
    """)
    for button in ("#camera", None):
        if button:
            fresh.click(button)
        else:
            choose(fresh, PHOTO)
        until(lambda: fresh.text("cover-title") == "Something went wrong")
        assert fresh.text("cover-text").endswith("Reload the page to try again.")
        assert fresh.run("return document.getElementById('video').srcObject") is None


@pytest.mark.long
def test_a_thread_that_has_ended_while_nothing_was_asked_is_noticed_at_the_next_photo(
    fresh: Browser,
) -> None:
    fresh.run("""
        const post = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (...all) {
          window.worker = this;
          return post.apply(this, all);
        };
    """)
    choose(fresh, PHOTO)
    until(lambda: fresh.text("label") == "happy")
    fresh.run("""
        worker.terminate();
        worker.dispatchEvent(new ErrorEvent("error", { message: "No memory" }));
    """)
    choose(fresh, PHOTO)
    until(lambda: fresh.text("cover-title") == "Something went wrong")
    assert fresh.text("cover-text") == "No memory. Reload the page to try again."


@pytest.mark.long
def test_a_frame_that_cannot_be_read_is_skipped_and_many_end_it(fresh: Browser) -> None:
    fresh.run("""
        const make = createImageBitmap;
        let count = 0;
        window.createImageBitmap = async (source, ...rest) => {
          const isFrame = source instanceof HTMLVideoElement;
          if (isFrame && (window.isBroken || count++ % 2 === 0)) throw new Error("no frame");
          return make(source, ...rest);
        };
    """)
    fresh.click("#camera")
    until(lambda: fresh.text("label") == "happy")
    fresh.run("window.isBroken = true")
    until(lambda: fresh.text("cover-title") == "Something went wrong")
    assert fresh.text("cover-text") == "no frame. Reload the page to try again."


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Without a camera."""
    rules = f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1"
    with chromium(tmp_path_factory.mktemp("plain"), rules) as opened:
        yield opened


@pytest.mark.long
def test_a_machine_without_a_camera_is_told_so(plain: Browser, host: Host) -> None:
    loaded(plain, f"{host.address}/page/")
    plain.answer_about_camera("granted")
    plain.click("#start-camera")
    until(lambda: plain.text("cover-title") == "No camera found")


@pytest.mark.long
def test_an_address_without_https_gets_no_camera_but_photos(plain: Browser, host: Host) -> None:
    loaded(plain, f"{host.address}/page/".replace("127.0.0.1", INSECURE))
    plain.click("#start-camera")
    until(lambda: plain.text("cover-title") == "No camera at this address")
    assert "https://" in plain.text("cover-text")
    choose(plain, PHOTO)
    until(lambda: plain.text("label") == "happy")


def test_a_model_that_answers_otherwise_than_where_it_was_made_is_not_used(
    plain: Browser, host: Host, page_folder: Path, tmp_path: Path
) -> None:
    page = Path(shutil.copytree(page_folder, tmp_path / "page"))
    changed = page / "models" / "model.tflite"
    content = changed.read_bytes()
    golden = np.load(io.BytesIO(archive(content).read(GOLDEN_NAME)))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, inputs=golden["inputs"], scores=golden["scores"] + 1)
    changed.write_bytes(repacked(content, golden=buffer.getvalue()))
    with replaced(host, page):
        loaded(plain, f"{host.address}/page/")
        assert plain.text("cover-title") == "It could not be loaded"
        said = plain.text("cover-text")
        assert re.match(r"The model answers differently in this browser, by \d+ steps\.", said)


def test_a_page_opened_as_a_file_says_how_to_open_it(plain: Browser, page_folder: Path) -> None:
    plain.open((page_folder / "index.html").as_uri())
    assert "python3 -m http.server" in plain.text("cover-text")


def test_a_model_that_is_not_there_is_said_to_be_missing(
    plain: Browser, host: Host, page_folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page"
    page.mkdir()
    for part in page_folder.iterdir():
        if part.name != "models":
            (page / part.name).symlink_to(part)
    with replaced(host, page):
        loaded(plain, f"{host.address}/page/")
        assert plain.text("cover-title") == "It could not be loaded"
        missing = r"models/\w+\.tflite is not there \(HTTP 404\)\. Reload"
        assert re.match(missing, plain.text("cover-text"))


def test_a_browser_that_is_too_old_is_told_so(plain: Browser, host: Host) -> None:
    plain.before_load("WebAssembly.validate = () => false")
    loaded(plain, f"{host.address}/page/")
    assert plain.text("cover-title") == "This browser is too old"
