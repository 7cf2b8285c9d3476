"""The page in the other two engines: Firefox, and WebKit, of which Safari is made."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from selenium.webdriver import WebKitGTK
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.detector import FaceDetector
from edge.images.image_file import read_image
from edge.model.choice import SHIPPED_MODEL
from tests.support.browser import Browser
from tests.support.chain import ROOT
from tests.support.parity import Differences, compare
from tests.support.patience import until
from tests.support.static_host import Host, static_host
from tests.support.takes import takes

COUNT = 24
WAIT_S = 300.0  # for a browser that does not come to its end
VISIT = ROOT / "tests" / "support" / "visit"
MINI_BROWSER = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)
# A camera that shows a pattern, and nobody is asked.
PREFERENCES = """
user_pref("media.navigator.streams.fake", true);
user_pref("media.navigator.permission.disabled", true);
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    photo = shutil.copy(ROOT / "docs" / "astronaut.jpg", folder)
    files = [Path(photo), *takes(folder, COUNT)]
    (folder / "list.txt").write_text("\n".join(file.name for file in files))
    return files


@pytest.fixture
def host(page_folder: Path, pictures: list[Path], tmp_path: Path) -> Iterator[Host]:
    """The page, with a visitor in it, as nothing steers Firefox here."""
    visited = tmp_path / "visited"
    shutil.copytree(page_folder, visited)
    page = (visited / "index.html").read_text()
    visitor = '<script type="module" src="/visit/visit.js"></script>\n</body>'
    (visited / "index.html").write_text(page.replace("</body>", visitor))
    with static_host(page=visited, pictures=pictures[0].parent, visit=VISIT) as served:
        yield served


def visit(command: list[str], host: Host, address: str, home: Path) -> dict:
    """What the visitor tells, by its name."""
    environment = os.environ | {"HOME": str(home)}
    with (home / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [*command, address], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            until(lambda: _is_over(host) or process.poll() is not None, seconds=WAIT_S)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
    told = (path.partition("?")[2] for path in host.asked if path.startswith("/told?"))
    return dict(json.loads(unquote(one)) for one in told)


def _is_over(host: Host) -> bool:
    return any("%22end%22" in path for path in host.asked)


def differences(told: dict, pictures: list[Path]) -> Differences:
    device = FaceClassifier(Classifier(SHIPPED_MODEL), FaceDetector())
    found = Differences()
    for picture in pictures:
        found.take(picture.name, device.classify(read_image(picture)), told[picture.name])
    return found


def check(found: Differences) -> None:
    assert found.answers >= COUNT
    assert (found.missing, found.labels) == ([], [])
    assert found.box_px <= 1
    assert found.p <= 8 / 256


def test_firefox_answers_as_the_device_does(
    host: Host, pictures: list[Path], tmp_path: Path
) -> None:
    if not shutil.which("firefox-esr"):
        pytest.skip("no Firefox: apt install firefox-esr")
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(PREFERENCES)
    command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(profile)]
    told = visit(command, host, f"{host.address}/page/?camera", tmp_path)
    assert "error" not in told, told["error"]
    assert (told["title"], told["camera"]) == ("How do you look?", "no face")
    check(differences(told, pictures))


@pytest.fixture
def webkit(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebKitGTK]:
    """WebKit's own little browser, with a camera that shows a pattern."""
    driver = shutil.which("WebKitWebDriver")
    if not (driver and MINI_BROWSER and shutil.which("Xvfb")):
        pytest.skip("no WebKit: apt install webkit2gtk-driver xvfb")
    monkeypatch.setenv("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")  # as root there is none
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1366x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as screen:  # fmt: skip
        try:
            assert screen.stdout
            monkeypatch.setenv("DISPLAY", f":{screen.stdout.readline().strip()}")
            options = Options()
            options.binary_location = str(MINI_BROWSER)
            for flag in (
                "automation",
                "enable-mock-capture-devices=true",
                "enable-media-stream=true",
            ):
                options.add_argument(f"--{flag}")
            opened = WebKitGTK(options=options, service=Service(driver))
            try:
                yield opened
            finally:
                opened.quit()
        finally:
            screen.terminate()


# Selenium's own class for WebKit is one that Selenium warns of.
@pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")
def test_webkit_answers_as_the_device_does(
    webkit: WebKitGTK, page_folder: Path, pictures: list[Path]
) -> None:
    browser = Browser(webkit)
    device = FaceClassifier(Classifier(SHIPPED_MODEL), FaceDetector())
    with static_host(page=page_folder, pictures=pictures[0].parent) as host:
        browser.open(f"{host.address}/page/")
        until(lambda: browser.text("cover-title") == "How do you look?", seconds=WAIT_S)
        check(compare(browser, "/page", "/pictures", pictures, device.classify, is_whole=False))
        browser.click("#start-camera")
        until(lambda: browser.text("label") == "no face", seconds=WAIT_S)
        until(lambda: browser.text("rate")[0].isdigit(), seconds=WAIT_S)
