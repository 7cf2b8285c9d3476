"""Names of the kernel, and of pipes, as inputs: each is one clear line, and none is waited for."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.support.command import edge, run_program

SOON_S = 120  # a busy machine takes its time to load; what hangs does so for ever
KERNELS = [
    "/dev/zero", "/dev/null", "/dev/full", "/dev/random", "/dev/urandom", "/dev/stdin", "/dev/tty",
    "/dev/ptmx", "/dev/kmsg", "/dev/fd/0", "/proc/kmsg", "/proc/kcore", "/proc/1/mem",
    "/proc/self/mem", "/proc/self/maps", "/proc/self/pagemap", "/proc/self/clear_refs",
    "/proc/sysrq-trigger", "/proc/sys/kernel/random/uuid", "/sys/kernel/notes",
]  # fmt: skip
# Everything that takes a file, with every name. A source may come through a pipe, for whose writer
# is waited: --source-file <(pass show camera)
PROGRAM = """
import sys
from pathlib import Path
from data import list_files
from data.importer.importer import import_fer2013
from edge.camera.address import parse_address
from edge.camera.finder import opener
from edge.camera.source import Wanted
from edge.camera.source_file import read_source
from edge.camera.video_feed import VideoFeed
from edge.errors import HappySadError, one_line
from edge.model.file import read_model

def watch(name):
    address = parse_address(name)
    if address.kind == "device":
        opener(address, Wanted())()
    VideoFeed(Path(name)).next(1.0)

out = Path(sys.argv[1]) / "out"
takers = {
    "webcam": watch,
    "model": lambda name: read_model(Path(name)),
    "source": lambda name: parse_address("pipe" if "/pipe" in name else read_source(Path(name))),
    "import": lambda name: import_fer2013([Path(name)], out),
    "votes": lambda name: import_fer2013([Path("README.md")], out, votes=Path(name)),
    "train": lambda name: list_files(Path(name)),
}
for taker, take in takers.items():
    for name in sys.argv[2:]:
        try:
            take(name)
            print(taker, name, "is taken")
        except HappySadError as error:
            print(taker, name, one_line(error))
"""


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    """Those that this machine has, and three of which reading could wait for ever."""
    for name in ("pipe", "pipe.jpg"):
        os.mkfifo(tmp_path / name)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.png"))
    made = [str(path) for path in sorted(tmp_path.iterdir())]
    return [name for name in KERNELS if os.path.lexists(name)] + made


def test_classify_says_of_each_why_not_and_waits_for_none(names: list[str]) -> None:
    done = edge("classify", *names, stdin=subprocess.DEVNULL, timeout=SOON_S)
    assert (done.returncode, done.stdout) == (1, "")
    *lines, summary = done.stderr.splitlines()
    assert [line.split(": ")[1] for line in lines] == names
    assert summary.startswith(f"{len(names)} unreadable ")


def test_whatever_takes_a_file_says_of_each_why_not_and_waits_for_none(
    names: list[str], tmp_path: Path
) -> None:
    done = run_program(PROGRAM, tmp_path, *names, stdin=subprocess.DEVNULL, timeout=SOON_S)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines] == 6 * names
    assert [line for line in lines if line.endswith(" is taken")] == []
    assert max(len(line) for line in lines) < 500
