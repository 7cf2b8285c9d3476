"""The command `benchmark`: its options."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ..model.choice import model_path
from .options import DEFAULT_MODEL, NAMES, RuntimeOption


def benchmark(
    models: Annotated[
        list[Path] | None, typer.Argument(help=NAMES, show_default=DEFAULT_MODEL)
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            help="Picture or video to measure the whole step on.",
            show_default="drawn faces",
        ),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, max=10_000, help="How often all is measured, in turns.")
    ] = 5,
    runtime: RuntimeOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measures this machine: inference, the whole step, start, memory; half a minute.

    Inference is that of each MODEL with each runtime that works here and 1 to n threads. The whole
    step is that from a decoded frame to its steady answers, in parts. Times are medians, with the
    10th and 90th percentile. Run nothing else meanwhile.
    """
    from ..benchmark.run import run_benchmark
    from ..benchmark.tables import benchmark_text
    from ..model.runtime import RUNTIMES

    done = run_benchmark(
        [model_path(model) for model in models] if models else [model_path(None)],
        list(RUNTIMES) if runtime == "auto" else [runtime],
        rounds,
        image=image,
    )
    figures = asdict(done)
    print(json.dumps(figures) if as_json else benchmark_text(figures))
