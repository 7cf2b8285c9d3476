"""What outputs and viewers cost the live loop: `python -m bench.outputs`."""

if __name__ == "__main__":  # before the rest loads, so that Ctrl-C is no traceback there either
    from edge.cli.exits import start

    start("bench.outputs")

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Annotated

import numpy as np
import typer

from bench.child import ROOT, ChildError
from bench.surroundings import broker, camera, view
from edge.benchmark.scene import draw_scene, moving
from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.cli.options import finite
from edge.machine import kernel_file
from edge.machine.opencv import children_environment
from edge.video.writer import video_file

app = one_command()

FPS = 30.0
FRAMES_A_SECOND = 250  # of the film without limit, by the seconds that it is to take
FROM_FRAME = 60  # by then viewers and broker are there
VIEWERS = 4
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
OUTPUTS = (
    "--history", "h.db", "--photo", "change:photos", "--clip", "change:clips",
    "--keep-doubtful", "review", "--keep-mb", "50", "--metrics", "0", "--web", "0",
    "--mqtt-pictures", "--mqtt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """A run at one moment.

    Attributes:
        frame: Number of the frame that was answered last.
        time_s: When that was, in seconds.
        cpu_ms: CPU time of the process so far, in milliseconds.
        loop_ms: Of it, the loop's thread.
    """

    frame: int
    time_s: float
    cpu_ms: float
    loop_ms: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What came of one run.

    Attributes:
        fps: Frames answered a second.
        cpu_ms: CPU time of the process a frame, in milliseconds.
        loop_ms: Of it, the loop's thread.
    """

    fps: float
    cpu_ms: float
    loop_ms: float


@app.command()
def outputs(
    seconds: Annotated[
        float, typer.Option(min=5, max=3600, callback=finite, help="Of a run, about.")
    ] = 20.0,
    rounds: Annotated[int, typer.Option(min=1, max=10_000, help="Pairs of runs.")] = 3,
) -> None:
    """Measures the loop with all outputs, and with viewers of the page, in pairs with neither.

    Each at a camera's 30 frames a second, over HTTP on loopback, and of a video without a limit.
    Needs Debian's mosquitto. Run nothing else meanwhile.
    """
    print("| frames | with | answered a second | rate | CPU a frame | of it the loop |")
    print("|---|---|---:|---:|---:|---:|")
    with TemporaryDirectory() as name, broker(Path(name)) as broker_url:
        folder = Path(name)
        short = write_film(folder / "short.mp4", 300)
        film = write_film(folder / "film.mp4", round(FRAMES_A_SECOND * seconds))
        with camera(short, FPS) as camera_url:
            live = (camera_url, "--duration", f"{seconds}")
            whole = (str(film), "--max-fps", "100000")  # else a page has it play at its own rate
            for kind, source in ((f"camera, {FPS:g} a second", live), ("no limit", whole)):
                for what, options, viewers in (
                    ("all outputs", (*OUTPUTS, broker_url), 0),
                    (f"{VIEWERS} viewers", ("--web", "0"), VIEWERS),
                ):
                    pairs = [
                        (measure(folder, source), measure(folder, (*source, *options), viewers))
                        for _ in range(rounds)
                    ]
                    print(row_text(kind, what, pairs), flush=True)


def row_text(kind: str, what: str, pairs: Sequence[tuple[Cost, Cost]]) -> str:
    """A row of the table: medians without and with, and the ratio of the rates in each pair."""

    def both(name: str, form: str) -> str:
        values = [[getattr(cost, name) for cost in pair] for pair in pairs]
        before, after = np.median(values, axis=0)
        return f"{before:{form}}, then {after:{form}}"

    rates = sorted(after.fps / before.fps for before, after in pairs)
    rate = f"{np.median(rates):.3f} ({rates[0]:.3f} to {rates[-1]:.3f})"
    cpu, loop = both("cpu_ms", ".2f"), both("loop_ms", ".2f")
    return f"| {kind} | {what} | {both('fps', '.1f')} | {rate} | {cpu} ms | {loop} ms |"


def write_film(path: Path, frames: int) -> Path:
    """A video of somebody who comes and goes: two seconds a smile, one second nobody."""
    somebody, nobody = moving(draw_scene(1), 30), moving(draw_scene(0), 30)
    turns = [*somebody, *reversed(somebody), *nobody]
    with video_file(path, FPS, (640, 480)) as film:
        for number in range(frames):
            film.write(turns[number % len(turns)])
    return path


def measure(folder: Path, words: Sequence[str], viewers: int = 0) -> Cost:
    """One run of `webcam`, from the first answer after FROM_FRAME frames to the last.

    Args:
        folder: What the outputs make goes into `made` there.
        words: The source and the options.
        viewers: How many look at the page.

    Raises:
        ChildError: It failed.
    """
    made = folder / "made"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "edge", "webcam", *words, "--model", "faces", "--json"],
        cwd=made, env={**children_environment(), "PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stderr
        said: list[str] = []
        listener = threading.Thread(target=_listen, args=(process.stderr, said, viewers))
        listener.start()
        looks = [_look(process.pid, json.loads(line)) for line in process.stdout]
        listener.join()
    captured = re.search(r"(\d+) frames captured, (\d+) classified", "\n".join(said))
    if process.returncode or not captured:
        raise ChildError(f"webcam failed: {(said or ['it said nothing'])[-1]}")
    looks = [look for look in looks if look.frame >= FROM_FRAME]
    if not looks or looks[-1].time_s <= looks[0].time_s:
        raise ChildError("webcam answered too little: the run is too short, give more --seconds")
    first, last = looks[0], looks[-1]
    frames = (last.frame - first.frame) * int(captured[2]) / int(captured[1])
    return Cost(
        frames / (last.time_s - first.time_s),
        (last.cpu_ms - first.cpu_ms) / frames,
        (last.loop_ms - first.loop_ms) / frames,
    )


def _look(pid: int, answer: dict[str, str]) -> Look:
    def cpu_ms(place: str) -> float:
        fields = (kernel_file.read(Path(place)) or "").rpartition(")")[2].split()
        return TICK_MS * (int(fields[11]) + int(fields[12]))  # proc(5): utime, stime

    time_s = datetime.fromisoformat(answer["wall_time"]).timestamp()
    process, loop = (cpu_ms(f"/proc/{pid}/{place}stat") for place in ("", f"task/{pid}/"))
    return Look(int(answer["frame"]), time_s, process, loop)


def _listen(stream: IO[str], said: list[str], viewers: int) -> None:
    """Remembers what is said, and lets the viewers look once there is a page."""
    for line in stream:
        said.append(line.strip())
        if page := re.match(r"page: http://127\.0\.0\.1:(\d+)/", line):
            for _ in range(viewers):
                threading.Thread(target=view, args=(int(page[1]),), daemon=True).start()


def main() -> None:
    """Runs the command line."""
    run_command(app)
