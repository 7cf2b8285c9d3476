"""The models that are measured: the exercise's and the shipped one, in every quantization."""

import json
import shutil
import time
from pathlib import Path
from typing import get_args

import keras
import numpy as np

from bench.probe import build_probe
from edge.machine.output_file import write_bytes
from edge.model.choice import SHIPPED_MODEL
from edge.model.contract import Quantization
from edge.model.file import read_model
from edge.model.network import Network
from export.convert import convert
from export.exporter import export_run
from export.metadata import build_metadata
from export.model_file import ARCHIVE_FILES, append_archive, insert_metadata
from train.compact.fine_tuning import FACES
from train.run import train_run
from train.settings import Settings

RUN = "exercise"


def exercise_models(data: Path, folder: Path) -> tuple[list[Path], dict[str, float]]:
    """Trains the exercise's network and exports it in each format.

    Args:
        data: Holds happy and sad.
        folder: Gets the run and the files.

    Returns:
        The files, int8 first; and the seconds that each export took, by format, TensorFlow's
        import not among them.
    """
    run = folder / RUN
    train_run(run, Settings(data=str(data)))
    paths, seconds = [], {}
    for quantization in get_args(Quantization):
        start = time.perf_counter()
        exported = export_run(run, quantization, allow_drop=True).path
        seconds[quantization] = time.perf_counter() - start
        paths.append(folder / f"{RUN}-{quantization}.tflite")
        shutil.move(exported, paths[-1])
    return paths, seconds


def faces_models(folder: Path) -> list[Path]:
    """The shipped model: as it is, and its weights exported as floats.

    Args:
        folder: Gets the files of floats.
    """
    _, contract = read_model(SHIPPED_MODEL)
    model = keras.models.load_model(FACES, compile=False)
    metadata = build_metadata(
        name=contract.name,
        description="The shipped model, to be measured.",
        version="0",
        spec=contract.input,
        answers=contract.decision.answers,
        labels_file="labels.txt",
        other_files=ARCHIVE_FILES,
    )
    paths = [SHIPPED_MODEL]
    for quantization in get_args(Quantization)[1:]:
        flatbuffer = insert_metadata(
            convert(model, quantization, contract.golden_inputs[:0]), metadata
        )
        network = Network(flatbuffer)
        golden = np.array([network.scores(pixels) for pixels in contract.golden_inputs])
        details = {**contract.details, "quantization": quantization}
        path = folder / f"faces-{quantization}.tflite"
        content = append_archive(flatbuffer, details, contract.golden_inputs, golden)
        write_bytes(path, content)
        paths.append(path)
    return paths


if __name__ == "__main__":
    import sys

    data, folder = map(Path, sys.argv[1:])
    exercise, seconds = exercise_models(data, folder)
    files = [str(path) for path in [*exercise, *faces_models(folder)]]
    probe = folder / "probe.tflite"
    write_bytes(probe, build_probe())
    print(json.dumps({"files": files, "probe": str(probe), "export_s": seconds}))
