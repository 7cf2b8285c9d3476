"""What answering costs in the browser, which is told and not judged: `make test-browser`."""

import itertools
import os
import sys
import time
from pathlib import Path

from tests.support.browser import DESKTOP, chromium
from tests.support.fake_camera import camera_flags, smile_and_nobody
from tests.support.patience import until
from tests.support.static_host import static_host

SECONDS = 10
COUNT = """
window.count = 0;
new MutationObserver(() => window.count++).observe(
  document.getElementById("latency"), { childList: true });
"""


def processor_s(profile: Path) -> float:
    """What the page's processes have taken of the processor, in seconds."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text()
            if str(profile) in command and "--type=renderer" in command:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])  # utime and stime, proc(5)
        except OSError:  # it has ended
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def test_answers_go_on_and_their_cost_is_told(page_folder: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    smile = itertools.islice(smile_and_nobody(), 90)
    flags = camera_flags(tmp_path / "film.mjpeg", smile)
    with static_host(page=page_folder) as host, chromium(profile, *flags) as browser:
        browser.resize(DESKTOP)
        browser.open(f"{host.address}/page/")
        browser.answer_about_camera("granted")
        until(lambda: browser.text("cover-title") == "How do you look?")
        browser.click("#camera")
        until(lambda: browser.text("label") == "happy")
        time.sleep(3)  # until the engine has compiled what is used most
        browser.run(COUNT)
        begin, taken = time.monotonic(), processor_s(profile)
        time.sleep(SECONDS)
        count = browser.run("return window.count")
        passed, taken = time.monotonic() - begin, processor_s(profile) - taken
    assert count > 0
    sys.stdout.write(
        f"\ncamera: {count / passed:.1f} answers a second with a load of {os.getloadavg()[0]:.0f}, "
        f"{1000 * taken / count:.0f} ms of processor time each\n"
    )
