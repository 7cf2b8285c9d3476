"""What a person sees: the view of a frame, and a real window on an X server of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.images.annotate import COLOURS
from edge.images.image_file import read_image
from edge.live.outputs.view import draw_no_camera, draw_view, draw_words
from edge.live.pulse import Pulse
from edge.machine.display import window_problem
from edge.machine.opencv import cv2
from edge.prediction import Prediction
from tests.support.chain import ROOT
from tests.support.page_server import face_clip
from tests.support.patience import until
from tests.support.stream_server import http_camera

SOON_S = 60.0  # for what takes a second or two, on a machine that is busy with other things
RED, GREEN = (40, 40, 200), (40, 160, 40)  # B, G, R

HAS_GUI = bool(cv2.currentUIFramework())
TOOLS = ("Xvfb", "xdotool", "import")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
on_a_display = [
    pytest.mark.skipif(not HAS_GUI, reason="this OpenCV has no windows"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


def scene(width: int = 320, height: int = 240) -> np.ndarray:
    """Red on the left, green on the right."""
    image = np.empty((height, width, 3), np.uint8)
    image[:, : width // 2], image[:, width // 2 :] = RED, GREEN
    return image


def face(
    label: str,
    p_happy: float | None,
    box: tuple[int, int, int, int] | None,
    reason: str | None = None,
) -> Prediction:
    p_sad = None if p_happy is None else 1 - p_happy
    return Prediction(label, p_happy, box, reason, 1, 5.0, p_sad=p_sad)


HAPPY = face("happy", 0.75, (20, 60, 80, 80))
NO_FACE = face("no_face", None, None)


def close(pixels: np.ndarray, colour: tuple[int, int, int], tolerance: int = 2) -> bool:
    return bool(np.abs(pixels.astype(int) - colour).max() <= tolerance)


def test_a_face_gets_a_box_and_a_bar_of_the_probabilities() -> None:
    image = scene()
    before = image.copy()
    view = draw_view(image, [HAPPY], Pulse(), mirror=False)
    assert (image == before).all()
    assert view.shape == image.shape
    assert close(view[100, 20], COLOURS["happy"])  # the left side of the box
    bar = view[140 + 3 + 2, 20:100]  # half of 6 pixels below the box
    assert close(bar[:60], COLOURS["happy"])
    assert close(bar[60:], COLOURS["sad"])
    assert close(view[100, 30:90], RED)  # within the box there is the face, and nothing else


def test_a_mirrored_view_has_the_box_where_the_face_is_and_readable_text() -> None:
    image = scene()
    face_place = image[60:140, 20:100]
    face_place[:] = (200, 200, 0)
    plain = draw_view(image, [HAPPY], Pulse(), mirror=False)
    mirrored = draw_view(image, [HAPPY], Pulse(), mirror=True)
    assert close(mirrored[10, 10], GREEN)
    assert close(mirrored[10, 310], RED)
    assert close(mirrored[100, 230:290], (200, 200, 0))
    assert close(mirrored[100, 220], COLOURS["happy"])
    assert close(mirrored[145, 220:280], COLOURS["happy"])  # fills from the left here, too
    assert close(mirrored[145, 280:300], COLOURS["sad"])
    # The tag above the box is the same picture, moved.
    assert (mirrored[46:59, 224:270] == plain[46:59, 24:70]).all()
    assert not (mirrored[46:59, 224:270] == plain[46:59, 24:70][:, ::-1]).all()


def test_an_answer_for_the_whole_picture_frames_it() -> None:
    view = draw_view(scene(), [face("sad", 0.25, None)], Pulse(), mirror=True)
    assert view.shape == (240, 320, 3)
    assert close(view[100, 0], COLOURS["sad"])
    assert close(view[-2, :80], COLOURS["happy"])
    assert close(view[-2, 80:], COLOURS["sad"])


def test_a_face_that_is_not_judged_has_no_bar() -> None:
    answer = face("unsure", None, (20, 60, 80, 80), "too_small")
    view = draw_view(scene(), [answer], Pulse(), mirror=False)
    assert close(view[100, 20], COLOURS["unsure"])
    assert close(view[143:150, 20:100], RED)


def test_the_bar_of_a_face_at_the_edge_stays_in_the_picture() -> None:
    answers = [face("happy", 1.0, (-20, 180, 80, 80)), face("sad", 0.0, (280, 200, 60, 40))]
    view = draw_view(scene(), answers, Pulse(), mirror=False)
    assert close(view[-3, :60], COLOURS["happy"])
    assert close(view[-3, 285:], COLOURS["sad"])


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("size_wh", [(640, 480), (641, 479), (96, 72), (97, 73), (30, 200), (1, 1)])
def test_the_size_depends_on_that_of_the_frame_only(size_wh: tuple[int, int], mirror: bool) -> None:
    fast = Pulse()
    for number in range(10):
        fast.add(number / 120, 1234.5, 2000)
    answers = [
        [NO_FACE],
        [HAPPY],
        [face("happy", 0.5, None)],
        [face("unsure", None, (2, 2, 9, 9), "too_dark"), face("sad", 0.1, (0, 0, 5, 5))],
    ]
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    views = [draw_view(image, some, pulse, mirror) for some in answers for pulse in (Pulse(), fast)]
    (shape,) = {view.shape for view in (*views, draw_no_camera(views[0]))}
    assert shape[1] >= 240
    assert shape[0] > 0
    if size_wh[0] >= 240:
        assert shape == (size_wh[1], size_wh[0], 3)


def test_the_corner_shows_frame_rate_and_latency() -> None:
    pulse = Pulse()
    idle = draw_view(scene(), [NO_FACE], pulse, mirror=False)
    for number in range(10):
        pulse.add(number / 20, 40, 50)
    busy = draw_view(scene(), [NO_FACE], pulse, mirror=False)
    changed = np.argwhere((idle != busy).any(axis=2))
    assert len(changed) > 20
    assert changed.min(axis=0)[0] > 200
    assert changed.min(axis=0)[1] > 160


def test_without_a_camera_the_last_view_is_dark_and_says_so() -> None:
    view = draw_view(scene(), [NO_FACE], Pulse(), mirror=False)
    dark = draw_no_camera(view)
    assert close(dark[60, 10:150], tuple(value // 3 for value in RED))
    middle = dark[100:140, 80:240]
    assert (middle.min(axis=2) > 200).sum() > 100  # white text


@pytest.mark.skipif(HAS_GUI, reason="this OpenCV has windows")
def test_an_opencv_without_windows_says_so() -> None:
    assert window_problem() == (
        "this OpenCV cannot show windows (pip uninstall opencv-python-headless, "
        "pip install opencv-python)"
    )


# From here on: a window of its own process, on an X server of its own.

# What a window manager sends when the cross in the corner is clicked: WM_DELETE_WINDOW.
CLOSE = """
import ctypes, sys
class ClientMessage(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message", ctypes.c_ulong),
        ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("rest", ctypes.c_char * 96),
    ]
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
x.XInternAtom.restype = ctypes.c_ulong
x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
x.XSendEvent.argtypes = [
    ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p
]
x.XCloseDisplay.argtypes = [ctypes.c_void_p]
display, window = x.XOpenDisplay(None), int(sys.argv[1])
protocols = x.XInternAtom(display, b"WM_PROTOCOLS", 0)
data = (ctypes.c_long * 5)(x.XInternAtom(display, b"WM_DELETE_WINDOW", 0))
event = ClientMessage(33, 0, 1, display, window, protocols, 32, data)
assert x.XSendEvent(display, window, 0, 0, ctypes.byref(event))
x.XCloseDisplay(display)
"""
PROBLEM = "from edge.machine.display import window_problem\nprint(window_problem())\n"
OPENS = "import cv2\ncv2.namedWindow('x', cv2.WINDOW_GUI_NORMAL)\ncv2.waitKey(50)\nprint('open')\n"

RUNNER = """
import logging, sys, time
from pathlib import Path
import numpy as np
from edge.camera.feed import CapturedFrame
from edge.images.image_file import read_image
from edge.live.moment import Moment
from edge.prediction import Prediction
from edge.live.pulse import Pulse
from edge.live.outputs.window import Window

image, folder, mirror, frames, moments = sys.argv[1:]
answer = Prediction("happy", 0.75, p_sad=0.25, box=(20, 60, 80, 80), track_id=1, latency_ms=5.0)
frame = CapturedFrame(read_image(Path(image)), 0, 0.0, 0.0)
stopped = []
def stop():
    stopped.append(True)
    print("stopped", flush=True)
logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stdout)
with Window(Pulse(), bool(int(mirror)), stop, Path(folder)) as window:
    for number in range(int(moments)):
        is_frame = number < int(frames)
        window.take(Moment(number / 20, frame if is_frame else None, (answer,), ()))
        if stopped:
            break
        time.sleep(0.05)
    window.take(Moment(0, frame, (answer,), ()))  # what is already under way after a stop
print("ended", flush=True)
"""


def start_server(*options: str) -> tuple["subprocess.Popen[str]", str]:
    screen = ("-screen", "0", "1600x1000x24")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", *screen, "-nolisten", "tcp", *options],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    return server, f":{server.stdout.readline().strip()}"


def stop_server(server: "subprocess.Popen[str]") -> None:
    server.terminate()
    server.communicate(timeout=SOON_S)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    server, display = start_server("-noreset")
    yield display
    stop_server(server)


def environment(**variables: str) -> dict[str, str]:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XAUTHORITY")
    return {key: value for key, value in os.environ.items() if key not in names} | variables


def run_python(program: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=SOON_S,
    )


class Runner:
    """A process with a window, and what a person can do to it."""

    def __init__(
        self, display: str, tmp_path: Path, *, mirror: bool = False, frames: int = 10**6,
        moments: int = 10**6, image: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        self.display = display
        self.screenshot_path = tmp_path / "screenshot.png"
        cv2.imwrite(str(tmp_path / "scene.png"), scene() if image is None else image)
        (tmp_path / "shots").mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(tmp_path / "scene.png"), str(tmp_path / "shots"),
             str(int(mirror)), str(frames), str(moments)],
            cwd=ROOT, env=environment(DISPLAY=display), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        found = self.tool("xdotool", "search", "--sync", "--onlyvisible", "--name", "^happysad$")
        self.window = found.split()[0]

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def tool(self, *command: str) -> str:
        done = subprocess.run(
            command, env=environment(DISPLAY=self.display), capture_output=True, text=True,
            timeout=SOON_S, check=True,
        )  # fmt: skip
        return done.stdout

    def press(self, key: str) -> None:
        self.tool("xdotool", "windowfocus", "--sync", self.window, "key", key)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def screenshot(self) -> np.ndarray:
        self.tool("import", "-window", self.window, str(self.screenshot_path))
        return read_image(self.screenshot_path)[:, :, :3]

    def shows(self, matches: Callable[[np.ndarray], bool]) -> None:
        end = time.monotonic() + SOON_S
        while not matches(self.screenshot()):
            assert time.monotonic() < end, f"see {self.screenshot_path}"
            time.sleep(0.5)
            # On a busy machine Qt now and then misses that its new window is to be drawn, and
            # stays black: no window manager is there to map it again.
            self.tool("xdotool", "windowunmap", self.window, "windowmap", self.window)
            time.sleep(0.5)

    def ends(self) -> list[str]:
        out, err = self.process.communicate(timeout=SOON_S)
        assert (self.process.returncode, err) == (0, "")
        return out.splitlines()


class Watcher:
    """`webcam --show` in a process, and the keys of a person before it."""

    def __init__(self, display: str, tmp_path: Path, source: str, home: Path) -> None:
        self.environment = environment(DISPLAY=display, HAPPYSAD_HOME=str(home))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edge", "webcam", source, "--show", "--still", "-m", "faces"],
            cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        found = self.tool("search", "--sync", "--onlyvisible", "--name", "^happysad$")
        self.window = found.split()[0]

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def tool(self, *words: str) -> str:
        return subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True,
            timeout=SOON_S, check=True,
        ).stdout  # fmt: skip

    def key(self, kind: str, key: str) -> None:
        self.tool("windowfocus", "--sync", self.window, kind, key)

    def press(self, key: str) -> None:
        self.key("key", key)

    def ends(self) -> int:
        self.press("q")
        return self.process.wait(SOON_S)


def looks_like(expected: np.ndarray) -> Callable[[np.ndarray], bool]:
    def matches(seen: np.ndarray) -> bool:
        return seen.shape == expected.shape and bool(np.abs(seen.astype(int) - expected).mean() < 2)

    return matches


@pytest.mark.parametrize("mirror", [False, True])
class TestOnADisplay:
    pytestmark = on_a_display

    def test_the_window_shows_the_view_in_its_size(
        self, mirror: bool, display: str, tmp_path: Path
    ) -> None:
        expected = draw_view(scene(), [HAPPY], Pulse(), mirror)
        with Runner(display, tmp_path, mirror=mirror) as runner:
            runner.shows(looks_like(expected))


class TestKeys:
    pytestmark = on_a_display

    @pytest.mark.parametrize("key", ["q", "Escape", "Q"])
    def test_a_key_stops_the_runner(self, key: str, display: str, tmp_path: Path) -> None:
        with Runner(display, tmp_path) as runner:
            runner.press("x")
            runner.press(key)
            assert runner.ends() == ["stopped", "ended"]

    def test_closing_the_window_stops_the_runner_and_it_stays_closed(
        self, display: str, tmp_path: Path
    ) -> None:
        with Runner(display, tmp_path) as runner:
            runner.shows(lambda _: True)
            runner.tool(sys.executable, "-c", CLOSE, runner.window)
            assert runner.ends() == ["stopped", "ended"]

    def test_p_saves_what_is_seen_and_never_overwrites(self, display: str, tmp_path: Path) -> None:
        with Runner(display, tmp_path, mirror=True) as runner:
            told = []
            for _ in range(4):
                runner.press("p")
                told.append(runner.line())
            runner.press("q")
            assert runner.ends() == ["stopped", "ended"]
        paths = [Path(line.removeprefix("saved ")) for line in told]
        assert len(set(paths)) == 4
        assert sorted(paths) == sorted((tmp_path / "shots").iterdir())
        expected = draw_view(scene(), [HAPPY], Pulse(), mirror=True)
        for path in paths:
            assert path.name.startswith("snapshot-20")
            assert (read_image(path) == expected).all()

    def test_a_snapshot_that_cannot_be_written_is_told(self, display: str, tmp_path: Path) -> None:
        with Runner(display, tmp_path) as runner:
            (tmp_path / "shots").rmdir()
            (tmp_path / "shots").touch()
            runner.press("p")
            assert runner.line().startswith(f"cannot write {tmp_path / 'shots'}/snapshot-20")
            runner.press("q")
            assert runner.ends() == ["stopped", "ended"]

    @pytest.mark.parametrize("frames", [0, 5])
    def test_without_a_camera_the_window_says_so_and_answers_keys(
        self, frames: int, display: str, tmp_path: Path
    ) -> None:
        last = draw_view(scene(), [HAPPY], Pulse(), mirror=False)
        blank = np.zeros((480, 640, 3), np.uint8)
        with Runner(display, tmp_path, frames=frames) as runner:
            runner.shows(looks_like(draw_no_camera(last if frames else blank)))
            runner.press("q")
            assert runner.ends() == ["stopped", "ended"]

    def test_a_large_frame_is_shown_smaller(self, display: str, tmp_path: Path) -> None:
        with Runner(display, tmp_path, image=scene(1920, 1080)) as runner:
            runner.shows(lambda seen: seen.shape == (720, 1280, 3) and close(seen[600, 100], RED))

    def test_the_window_closes_when_the_runner_ends(self, display: str, tmp_path: Path) -> None:
        with Runner(display, tmp_path, moments=40) as runner:
            assert runner.ends() == ["ended"]


class TestProblems:
    """What `window_problem` says, and that OpenCV fares accordingly."""

    pytestmark = on_a_display

    def agrees(self, problem: str | None, **variables: str) -> None:
        said = run_python(PROBLEM, **variables)
        assert (said.stdout, said.stderr) == (f"{problem}\n", "")
        done = run_python(OPENS, **variables)
        assert (done.stdout == "open\n") == (problem is None)
        assert (done.returncode == 0) == (problem is None)

    @pytest.mark.parametrize("suffix", ["", ".0"])
    def test_a_display_that_answers_is_none(self, suffix: str, display: str) -> None:
        self.agrees(None, DISPLAY=display + suffix)
        self.agrees(None, DISPLAY=f"unix{display}{suffix}")

    def test_asking_does_not_end_a_server_that_has_no_other_clients(self) -> None:
        server, display = start_server("-terminate")  # when its last client leaves
        try:
            wait = "import time\ntime.sleep(1)\n"
            done = run_python(PROBLEM + wait + OPENS, DISPLAY=display)
            assert (done.stdout, done.stderr) == ("None\nopen\n", "")
        finally:
            stop_server(server)

    def test_no_display_is_one(self) -> None:
        self.agrees("no display (DISPLAY and WAYLAND_DISPLAY are not set)")
        self.agrees("no display (DISPLAY and WAYLAND_DISPLAY are not set)", DISPLAY="")

    @pytest.mark.parametrize("number", ["543", "99999", "localhost:97", "[::1]:97", "no..such:0"])
    def test_a_display_that_does_not_answer_is_one(self, number: str) -> None:
        value = number if ":" in number else f":{number}"
        self.agrees(f"no display (DISPLAY is {value}, and nothing answers there)", DISPLAY=value)

    @pytest.mark.parametrize("value", ["screen", ":", "a\nb:0"])
    def test_what_is_no_display_is_one(self, value: str) -> None:
        shown = value.replace("\n", "\\n")
        self.agrees(f"no display (DISPLAY is {shown}, which names none)", DISPLAY=value)

    def test_a_display_of_another_user_is_one(self, tmp_path: Path) -> None:
        if shutil.which("xauth") is None:
            pytest.skip("xauth is not installed")
        cookies = tmp_path / "cookies"
        subprocess.run(
            ["xauth", "-f", str(cookies), "add", ":0", "MIT-MAGIC-COOKIE-1", "0123456789abcdef"],
            capture_output=True, check=True,
        )  # fmt: skip
        server, display = start_server("-auth", str(cookies))
        try:
            problem = f"no display (DISPLAY {display} refuses this user)"
            self.agrees(problem, DISPLAY=display, XAUTHORITY=str(tmp_path / "none"))
        finally:
            stop_server(server)

    def test_wayland_alone_is_one_for_the_qt_of_the_wheel(self) -> None:
        self.agrees(
            "no X display (DISPLAY is not set), and this OpenCV cannot use Wayland "
            "(switch on XWayland)",
            WAYLAND_DISPLAY="wayland-0",
        )

    def test_a_qt_platform_that_is_not_there_is_one(self, display: str) -> None:
        self.agrees(
            "QT_QPA_PLATFORM is wayland, and this OpenCV has only xcb (unset it)",
            DISPLAY=display,
            QT_QPA_PLATFORM="wayland",
        )


class TestTeaching:
    pytestmark = on_a_display

    def test_held_keys_take_pictures_which_are_kept_if_that_is_said(
        self, display: str, tmp_path: Path
    ) -> None:
        home = tmp_path / "home"
        clip = face_clip(tmp_path / "clip.mp4", 0.5)
        with (
            http_camera(clip, 10) as camera,
            Watcher(display, tmp_path, camera.url, home) as window,
        ):
            until(lambda: _held(window, home), seconds=3 * SOON_S)
            window.key("keyup", "s")
            window.press("t")  # which needs more pictures
            # Not while the lesson goes on, which has a low priority.
            pictures = home / "models" / "pictures"
            until(lambda: window.press("k") or pictures.is_dir(), seconds=3 * SOON_S)
            assert window.ends() == 0
        kept = sorted(pictures.rglob("*.png"))
        assert {path.parent.name for path in kept} == {"sad"}
        assert not [path for path in (home / "models").iterdir() if path.name != "pictures"]

    def test_words_at_the_top_say_how_far_it_is(self) -> None:
        view = np.full((480, 640, 3), 200, np.uint8)
        draw_words(view, "")
        assert (view == 200).all()
        draw_words(view, "happy 12, sad 8; missing: 2 moments of sad; k keeps them " * 3)
        assert (view[0] < 80).all()
        assert (view[200:] == 200).all()
        assert view[0].max() == view[:20, -8:].max() == 66  # it does not run out of the picture


def _held(window: "Watcher", home: Path) -> list[Path]:
    """Holds s; the pictures that have come of it."""
    window.key("keydown", "s")
    return list(home.glob("models/*/sad/*.png"))
