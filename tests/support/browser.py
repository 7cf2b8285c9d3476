"""A real browser: the system's Chromium, driven through its own chromedriver."""

import base64
import contextlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

from tests.support.chain import ROOT
from tests.support.turns import turn

KEPT = ROOT / ".venvs" / "axe"
# Nothing but the page is asked for, and nothing of the user's own browser is touched.
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--disable-dev-shm-usage",
)  # fmt: skip
DESKTOP, PHONE = (1366, 900, 1), (390, 844, 2)  # width, height, pixels a point
SMALLEST = (320, 568, 2)  # of the phones that are in use


class Browser:
    """One window."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._mouse_at = {"x": 0.0, "y": 0.0}

    def open(self, address: str) -> None:
        self._driver.get(address)

    @property
    def address(self) -> str:
        return self._driver.current_url

    def run(self, script: str) -> Any:
        """What a function's body returns on the page."""
        return self._driver.execute_script(script)

    def text(self, name: str) -> str:
        """What the element with this id shows."""
        return self.run(f"return document.getElementById('{name}').innerText")

    def press(self, key: str) -> None:
        """A key on the keyboard, for whatever has the focus."""
        for kind in ("keyDown", "keyUp"):
            self._driver.execute_cdp_cmd(
                "Input.dispatchKeyEvent", {"type": kind, "key": key, "text": key}
            )

    def hold(self, key: str) -> None:
        """Presses a key and does not let it go."""
        self._driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown", "key": key})

    def let_go(self, key: str) -> None:
        """The end of `hold`."""
        self._driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", "key": key})

    def touch(self, selector: str) -> None:
        """Puts a finger on the middle of an element, and leaves it there."""
        self._touch("touchStart", [self._middle(selector)])

    def lift(self) -> None:
        """Takes the finger away."""
        self._touch("touchEnd", [])

    def _touch(self, kind: str, points: list[dict[str, float]]) -> None:
        self._driver.execute_cdp_cmd(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
        )

    def mouse_down(self, selector: str) -> None:
        """Moves the mouse to the middle of an element, and holds its left button there."""
        self._mouse_at = self._middle(selector)
        for kind in ("mouseMoved", "mousePressed"):
            self._mouse(kind)

    def mouse_up(self) -> None:
        """Lets the mouse's button go where it was pressed."""
        self._mouse("mouseReleased")

    def _mouse(self, kind: str) -> None:
        button = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        self._driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent", {"type": kind, **self._mouse_at, **button}
        )

    def _middle(self, selector: str) -> dict[str, float]:
        """Where the middle of an element is, once it has come into view."""
        x, y = self.run(
            f"const one = document.querySelector({selector!r});"
            "one.scrollIntoView({block: 'center'});"
            "const box = one.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]"
        )
        return {"x": x, "y": y}

    def click(self, selector: str) -> None:
        """What a script does, without a mouse."""
        self.run(f"document.querySelector({selector!r}).click()")

    def choose(self, selector: str, file: Path) -> None:
        """What a person does who picks a file for an input."""
        self._driver.find_element("css selector", selector).send_keys(str(file))

    def enter(self, selector: str, text: str) -> None:
        """Types into a field, and presses Enter."""
        self._driver.find_element("css selector", selector).send_keys(text, Keys.ENTER)

    def before_load(self, script: str) -> None:
        """Runs this on each page that is opened from now on, before its own scripts."""
        self._driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    def answer_about_camera(self, answer: str) -> None:
        """What the person says whom the browser asks for the camera: "granted" or "denied"."""
        self._driver.execute_cdp_cmd(
            "Browser.setPermission", {"permission": {"name": "camera"}, "setting": answer}
        )

    def resize(self, size: tuple[int, int, int], scheme: str = "light") -> None:
        """Makes it a screen of this size, in light or dark."""
        width, height, scale = size
        self._driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": scale > 1},
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def shot(self) -> bytes:
        """What is seen, as a PNG file."""
        return base64.b64decode(
            self._driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
        )

    def complaints(self) -> list[str]:
        """What the browser has complained about since the last call."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def barriers(self) -> list[str]:
        """What axe-core finds that shuts somebody out; the page's own policy lets it in nowhere."""
        script = _axe_script()
        self._driver.execute_cdp_cmd("Runtime.evaluate", {"expression": script})
        found = self._driver.execute_async_script("axe.run().then(arguments[0])")
        return [
            f"{violation['id']}: {node['html'][:200]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]


@contextlib.contextmanager
def chromium(profile: Path, *flags: str) -> Iterator[Browser]:
    """A browser with an empty profile; the test is skipped where there is no Chromium.

    Args:
        profile: An empty folder.
        flags: More for its command line.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        pytest.skip("no Chromium: apt install chromium chromium-driver")
    options = ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, *flags, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = Chrome(options=options, service=Service(driver))
    try:
        yield Browser(opened)
    finally:
        opened.quit()


def _axe_script() -> str:
    """axe-core, which looks for what shuts people out: out of a wheel that is not installed."""
    path = KEPT / "axe.min.js"
    with turn(KEPT / "lock"):
        if not path.exists():
            done = subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                 "--only-binary", ":all:", "--dest", str(KEPT), "axe-playwright-python"],
                capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                pytest.skip(f"pip cannot fetch axe-core: {done.stderr.strip().splitlines()[-1:]}")
            with zipfile.ZipFile(next(KEPT.glob("*.whl"))) as wheel:
                path.write_bytes(wheel.read("axe_playwright_python/axe.min.js"))
    return path.read_text()
