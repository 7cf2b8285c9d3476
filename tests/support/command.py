"""`python -m edge` as its users run it."""

import subprocess
import sys

from tests.support.chain import ROOT

FIELDS = [
    "schema_version", "path", "frame", "time_s", "box", "label", "p_happy", "p_sad", "p_neutral",
    "latency_ms", "reason", "band",
]  # fmt: skip


def edge(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, **options,
    )  # fmt: skip
