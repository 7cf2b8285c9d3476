"""The exported file on both runtimes, each in an environment with the base install only."""

import json
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import numpy as np
import pytest

from edge.model.file import GOLDEN_TOLERANCE
from tests.support.chain import ROOT, SIDE, Chain
from tests.support.environments import LITERT, TFLITE, environment
from tests.support.photographs import photograph


def answers(interpreter: Path, chain: Chain) -> list[dict[str, object]]:
    command = [str(interpreter), "-m", "happysad", "classify", "--json", "--model"]
    files = [str(file.path) for file in chain.test_files]
    done = subprocess.run(
        [*command, str(chain.model_path), *files],
        cwd=interpreter.parent,
        capture_output=True,
        text=True,
    )  # fmt: skip  (another folder: the installed package runs, not the checkout)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def installed(interpreter: Path) -> dict[str, str]:
    (folder,) = interpreter.parent.parent.glob("lib/python*/site-packages")
    return {found.name: found.version for found in distributions(path=[str(folder)])}


@pytest.fixture(scope="module")
def litert() -> Path:
    return environment(*LITERT)


@pytest.fixture(scope="module")
def tflite() -> Path:
    return environment(*TFLITE, remove="ai-edge-litert")


def test_both_runtimes_give_the_same_labels(litert: Path, tflite: Path, chain: Chain) -> None:
    ours, other = answers(litert, chain), answers(tflite, chain)
    assert [answer["label"] for answer in ours] == [answer["label"] for answer in other]
    differences = [abs(a["p_happy"] - b["p_happy"]) for a, b in zip(ours, other, strict=True)]
    # One step of the output is 1/256. A model of cartoons is steep: 7 steps were seen of one image.
    assert max(differences) <= GOLDEN_TOLERANCE / 256 + 1e-4
    assert np.median(differences) <= 1 / 256 + 1e-4


FIND_FACES = """
import json, sys
from pathlib import Path
from happysad.faces.detector import FaceDetector
from happysad.images.image_file import read_image
images = [read_image(Path(name)) for name in sys.argv[1:]]
print(json.dumps([
    [[*face.box, *face.keypoints.ravel().tolist()] for face in FaceDetector(range_).detect(image)]
    for range_ in ("auto", "short", "full") for image in images
]))
"""


def test_both_runtimes_find_the_same_faces(litert: Path, tflite: Path, group: Path) -> None:
    pictures = [str(group), str(photograph("astronaut.png"))]
    ours, other = (
        json.loads(
            subprocess.run(
                [str(interpreter), "-c", FIND_FACES, *pictures],
                cwd=interpreter.parent, capture_output=True, text=True, check=True,
            ).stdout
        )
        for interpreter in (litert, tflite)
    )  # fmt: skip
    assert [len(faces) for faces in ours] == [5, 1, 1, 1, 5, 1]
    for faces, same in zip(ours, other, strict=True):
        # Pixels; OpenCV 4.11 and 5 decode and shrink a little differently too.
        assert np.abs(np.subtract(faces, same)).max() < 2


def test_the_base_install_is_litert_with_numpy_2_and_no_tensorflow(litert: Path) -> None:
    packages = installed(litert)
    assert packages["numpy"].startswith("2.")
    assert "ai-edge-litert" in packages
    assert not {"tensorflow", "tensorflow-cpu", "keras", "matplotlib"} & set(packages)


def test_the_tflite_runtime_extra_brings_numpy_1(tflite: Path) -> None:
    packages = installed(tflite)
    assert packages["numpy"].startswith("1.26.")
    assert packages["tflite-runtime"] == "2.14.0"
    assert "ai-edge-litert" not in packages


def test_tflite_runtime_beside_numpy_2_is_one_clear_line(chain: Chain) -> None:
    broken = environment(
        "tflite-numpy2", "python3.11", "tflite-runtime==2.14.0", "numpy>=2", "typer",
        "opencv-python-headless",
    )  # fmt: skip
    done = subprocess.run(
        [str(broken), "-m", "edge", "classify", "--model", str(chain.model_path), "x.png"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: no working TFLite runtime: ai-edge-litert is not installed; tflite-runtime does "
        "not run with the numpy installed (it needs 'numpy<2'); install one with 'pip install "
        "ai-edge-litert' (64-bit) or 'pip install tflite-runtime \"numpy<2\"' (Python 3.11 and "
        "older)"
    ]


def test_mediapipe_reads_our_labels_and_input_description(chain: Chain) -> None:
    # 0.10.21 is the last release with the displayer's compiled part. Of its packages the displayer
    # needs two alone, once those around it are not run: they would want JAX and an OpenCV.
    packages = "mediapipe==0.10.21", "flatbuffers==25.12.19", "numpy<2"
    reader = environment("mediapipe", "python3.11", "--no-deps", *packages)
    (folder,) = reader.parent.parent.glob("lib/python*/site-packages")
    program = (
        "import sys, types\n"
        "for name in ('mediapipe', 'mediapipe.tasks', 'mediapipe.tasks.python'):\n"
        "    sys.modules[name] = types.ModuleType(name)\n"
        f"    sys.modules[name].__path__ = [{str(folder)!r} + '/' + name.replace('.', '/')]\n"
        "from mediapipe.tasks.python.metadata import metadata\n"
        "d = metadata.MetadataDisplayer.with_model_file(sys.argv[1])\n"
        "print(d.get_metadata_json()); print('FILES')\n"
        "print(d.get_associated_file_buffer('labels.txt').decode())"
    )
    done = subprocess.run(
        [str(reader), "-c", program, str(chain.model_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    text, labels = done.stdout.split("FILES")
    graph = json.loads(text)["subgraph_metadata"][0]
    image, probability = graph["input_tensor_metadata"][0], graph["output_tensor_metadata"][0]
    assert image["content"]["content_properties"] == {
        "color_space": "RGB",
        "default_size": {"width": SIDE, "height": SIDE},
    }
    assert image["description"].startswith(f"The picture, stretched to {SIDE}x{SIDE} pixels, R, ")
    assert probability["associated_files"][0]["name"] == "labels.txt"
    assert labels.split() == ["happy", "sad"]
