"""The command line of the benchmark on a computer: `python -m bench`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bench.child import ROOT
from data import CLASSES, default_directory, list_files
from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.machine.output_file import write_bytes
from edge.machine.pip import check_extra

app = one_command()

FER2013 = ROOT / "data" / "fer2013"


@app.command()
def bench(
    data: Annotated[
        Path | None,
        typer.Option(
            help="What the exercise's network learns: happy/ and sad/.",
            show_default="data, or drawn faces",
        ),
    ] = None,
    fer2013: Annotated[
        Path | None,
        typer.Option(help="FER2013's training part.", show_default="data/fer2013/train, if there"),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(
            help="Labelled faces to score the models on.",
            show_default="data/fer2013/validation, if there",
        ),
    ] = None,
    others: Annotated[
        bool, typer.Option("--others", help="Fetch and measure other people's models: 3 MB.")
    ] = False,
    batch: Annotated[
        bool,
        typer.Option(
            "--batch",
            help="Only how fast an archive is classified by one and two workers: --data, or drawn "
            "faces.",
        ),
    ] = False,
    rounds: Annotated[
        int, typer.Option(min=1, max=10_000, help="How often all is measured, in turns.")
    ] = 7,
    out: Annotated[Path, typer.Option(help="Folder for all that is made.")] = Path("runs/bench"),
) -> None:
    """Measures this project on this machine against what people would use in its place.

    Inference in both TFLite runtimes and in Keras, the whole step of a frame, start, memory,
    training against the course's script, export; some minutes. Writes OUT/bench.json and
    OUT/bench.png. Run nothing else meanwhile.
    """
    check_extra("batch" if batch else "train")
    if batch:
        _measure_batch(data, out.resolve(), rounds)
        return
    from bench.chart import draw
    from bench.run import run
    from bench.tables import bench_text
    from edge.benchmark.tables import benchmark_text

    out = out.resolve()
    data = data or default_directory()
    fer2013 = fer2013 or _there(FER2013 / "train")
    validation = validation or _there(FER2013 / "validation")
    for folder in filter(None, (data, fer2013, validation)):
        list_files(folder, CLASSES)  # what is wrong with one shows at once
    done = run(
        out,
        data.resolve(),
        fer2013=fer2013,
        validation=validation,
        others=others,
        rounds=rounds,
    )
    print(benchmark_text(done["device"]), bench_text(done), sep="\n\n", flush=True)
    write_bytes(out / "bench.json", (json.dumps(done, indent=1) + "\n").encode())
    draw(out / "bench.png", done)
    print(f"\n{out / 'bench.json'}\n{out / 'bench.png'}")


def _measure_batch(pictures: Path | None, out: Path, rounds: int) -> None:
    from bench.archive import archive_text, measure_archive

    done = measure_archive(pictures.resolve() if pictures else None, out / "batch", rounds)
    print(archive_text(done))
    write_bytes(out / "batch.json", (json.dumps(done, indent=1) + "\n").encode())
    print(f"\n{out / 'batch.json'}")


def _there(folder: Path) -> Path | None:
    return folder if folder.is_dir() else None


def main() -> None:
    """Runs the command line."""
    run_command(app)
