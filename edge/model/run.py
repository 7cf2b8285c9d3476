"""The folder of a training run, as far as its files say how far it has come."""

import re
import shlex
from pathlib import Path

RUNS = Path(__file__).resolve().parents[2] / "runs"  # of a checkout
WEIGHTS = "model.keras"  # what a training ends with
STATE = Path("checkpoint") / "state.json"  # written as long as it has not ended


def unfinished_since(run: Path) -> float | None:
    """When a training of the run was last saved that has not ended; None where there is none.

    A run whose training was stopped early and kept has ended: its weights are newer.

    Args:
        run: The folder, there or not.

    Returns:
        Seconds since 1970.
    """
    saved = _changed(run / STATE)
    return saved if saved > _changed(run / WEIGHTS) else None


def go_on(run: Path) -> str:
    """The command that goes on with its training, to be typed in the checkout."""
    run = run.absolute()
    runs = run.parent.resolve()
    where = [] if runs == RUNS.resolve() else ["--runs", str(runs)]
    words = shlex.join(["--resume", *where, "--name", run.name])
    words = re.sub(r'[\\"$`]', r"\\\g<0>", words.replace("$", "$$"))  # make's $$, then the shell's
    return f'make train ARGS="{words}"'


def _changed(path: Path) -> float:
    return path.stat().st_mtime if path.is_file() else 0.0
