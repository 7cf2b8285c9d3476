"""`webcam --web` as users start it: what is said where, what is refused, what stays unloaded."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from edge.images.image_file import read_image
from edge.live.settings import Settings
from edge.live.watch import Watch
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from tests.support.chain import ROOT
from tests.support.command import edge, run_program, start_module
from tests.support.page_client import Client
from tests.support.page_server import face_clip
from tests.support.patience import until
from tests.support.terminal import drawn_on

PACKAGES = (
    "starlette",
    "uvicorn",
    "websockets",
    "segno",
    "anyio",
    "h11",
    "paho",
    "prometheus_client",
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return face_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", 0.3)


WATCH = """
import sys
import threading
from edge.cli.main import app
{before}
try:
    app(["webcam", sys.argv[1], "-m", "faces", *sys.argv[2:]], standalone_mode=False)
finally:
    {after}
"""


def test_without_web_nothing_of_it_is_loaded_and_no_socket_is_opened(clip: Path) -> None:
    before = (
        "sockets = []\n"
        "sys.addaudithook(lambda name, _: sockets.append(name) if name.startswith('socket.') "
        "else None)"
    )
    loaded = f"sorted({set(PACKAGES)} & {{name.split('.')[0] for name in sys.modules}})"
    web = "[name for name in sys.modules if name.startswith('edge.web')]"
    program = WATCH.format(before=before, after=f"print({loaded}, sockets, {web})")
    done = run_program(program, clip)
    assert done.returncode == 0, done.stderr
    # The command line asks it whether a place is one; that is all.
    assert done.stdout.splitlines()[-1] == "[] [] ['edge.web', 'edge.web.place']"
    again = run_program(program, clip, "--web", "0")
    assert "'uvicorn'" in again.stdout
    assert "'socket.bind'" in again.stdout


@pytest.mark.parametrize("package", ["starlette", "websockets"])
def test_without_its_packages_a_line_says_how_to_get_them(clip: Path, package: str) -> None:
    program = (
        f"import sys\nsys.modules[{package!r}] = None\n"
        "from edge.cli.main import main\n"
        "sys.argv[:1] = ['happysad', 'webcam']\nmain()"
    )
    done = run_program(program, clip, "-m", "faces", "--web", "0")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"error: --web needs packages that are not installed ({package}): {sys.executable} -m pip "
        "install --upgrade 'starlette>=1,<2' 'uvicorn>=0.53,<0.60' 'websockets>=15,<18' "
        "'segno>=1.6,<2'"
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--web", "web"], "--web web: expected [HOST:]PORT, as in 8080 or 0.0.0.0:8080"),
        (["--web", "0.0.0.0:99999"], "--web 0.0.0.0:99999: ports end at 65535"),
        (["--web-token-file", "x"], "--web-token-file belongs to --web"),
        (["--metrics", "0.0.0.0:1"], "expected a port of this machine, 0 to 65535; other machines"),
        (["--web", "0", "--web-cert", "x"], "--web-cert and --web-key belong together"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    clip: Path, options: list[str], reason: str
) -> None:
    done = edge("webcam", clip, *options)
    assert done.returncode == 2
    assert reason in " ".join(done.stderr.replace("│", " ").split())


def test_a_video_is_played_at_its_own_speed_as_in_the_window(clip: Path) -> None:
    for web, limit_fps in (("0", 10.0), (None, None)):
        settings = Settings(str(clip), SHIPPED_MODEL, web=web)
        with Watch(settings, threading.Event()) as watch:
            assert watch.pace.limit_fps == limit_fps


def test_pictures_that_are_sent_are_answered_by_the_model_of_the_page(
    clip: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model.tflite"
    model.write_bytes(SHIPPED_MODEL.read_bytes())
    watch = Watch(Settings(str(clip), model, web="0"), threading.Event())
    model.write_text("another by now")
    (answer,) = watch.second()(read_image(ROOT / "docs" / "faces.jpg"))
    assert answer.label == "happy"


def test_with_a_page_only_python_writes_to_stderr(clip: Path) -> None:
    after = "__import__('os').write(2, b'from a library\\n')"
    done = run_program(WATCH.format(before="", after=after), clip, "--web", "0")
    assert done.returncode == 0, done.stderr
    page, hint, *_ = done.stderr.splitlines()
    assert page.startswith("page: http://127.0.0.1:")
    assert hint == "video: it plays once, and the page ends with it; --loop plays it over and over"
    assert "from a library" not in done.stderr


def test_of_a_video_that_plays_again_and_again_nobody_says_that_it_ends(clip: Path) -> None:
    done = edge("webcam", clip, "-m", "faces", "--web", "0", "--loop", "--duration", "1")
    assert done.returncode == 0, done.stderr
    assert "page: http://127.0.0.1:" in done.stderr
    assert "plays" not in done.stderr


def test_a_port_that_is_taken_is_said_in_a_line(clip: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = edge("webcam", clip, "-m", "faces", "--web", port)
    assert done.returncode == 1
    assert done.stderr == (
        f"error: --web 127.0.0.1:{port}: Address already in use; try another port\n"
    )


def test_what_is_no_name_of_a_host_is_said_in_a_line(clip: Path) -> None:
    done = edge("webcam", clip, "-m", "faces", "--web", "a..b:8080")
    assert done.returncode == 1
    assert done.stderr == "error: --web a..b:8080: a..b is no name of a host\n"


def test_beyond_this_machine_a_terminal_shows_the_address_and_its_code(
    clip: Path, tmp_path: Path
) -> None:
    controller, terminal = os.openpty()
    edge(
        "webcam", clip, "-m", "faces", "--web", "0.0.0.0:0", env={"HAPPYSAD_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL, stderr=terminal, check=True,
    )  # fmt: skip
    os.close(terminal)
    shown = drawn_on(controller)
    token_file = tmp_path / "web-token"
    assert token_file.stat().st_mode & 0o777 == 0o600
    token = token_file.read_text().strip()
    addresses = re.findall(r"page: (\S+)", shown)
    name = socket.gethostname().split(".")[0].lower()
    assert re.fullmatch(rf"http://{name}\.local:\d+/\?token={token}", addresses[-1])
    blocks = [line for line in shown.splitlines() if re.fullmatch("[█▀▄ ]{20,}", line.strip("\r"))]
    assert _read_code([line.strip("\r") for line in blocks]) == addresses[0]


def _read_code(lines: list[str]) -> str:
    """What a phone reads in the blocks, light on dark: two modules in each character.

    OpenCV's reader fails at one code in a hundred, at another one with each size.
    """
    halves = [[255 * (sign in light) for sign in line] for line in lines for light in ("█▀", "█▄")]
    for side in (8, 5, 6, 10):
        picture = np.kron(np.array(halves, np.uint8), np.ones((side, side), np.uint8))
        framed = cv2.copyMakeBorder(picture, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)
        if said := cv2.QRCodeDetector().detectAndDecode(framed)[0]:
            return said
    return ""


def test_a_log_gets_no_token_and_an_address_for_others_asks_for_it(
    clip: Path, tmp_path: Path
) -> None:
    process = start_module(
        "edge", "webcam", clip, "-m", "faces", "--service", "--max-fps", 2, "--web", "0.0.0.0:0",
        "--photo", f"happy:{tmp_path / 'smiles'}",
        env={"HAPPYSAD_HOME": str(tmp_path)}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stderr is not None
    said = [process.stderr.readline() for _ in range(4)]
    client = Client(int(re.findall(r"page: http://[^/]+:(\d+)/\"", said[0])[0]))
    assert until(lambda: client.ask("/healthz").status == 401)
    token = (tmp_path / "web-token").read_text().strip()
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.ask("/healthz", headers=bearer).status == 200
    with Client(client.port, bearer).live() as live:  # whoever looks is told what is kept
        assert json.loads(live.recv())["stores"] == ["photos"]
    process.terminate()
    said += process.communicate(timeout=20)[1].splitlines()
    how = f"/?token=*** once, with the token from {tmp_path / 'web-token'} in place of ***"
    assert any("page: open http://" in line and how in line for line in said)
    assert token not in "".join(said)
