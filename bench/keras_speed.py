"""One picture at a time through Keras: `python -m bench.keras_speed MODEL.keras MODEL.tflite`.

Beside it, in turns, the same weights as the device runs them; one thread each.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from edge.benchmark.spread import take_turns
from edge.classifier import Classifier

ROUNDS = 7


def measure(keras_path: Path, model_path: Path, rounds: int = ROUNDS) -> dict[str, object]:
    """Milliseconds a picture for `predict`, `model(x)` and the device's file.

    Args:
        keras_path: A trained model.
        model_path: The same, exported.
        rounds: As for `take_turns`.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = keras.models.load_model(keras_path, compile=False)
    classifier = Classifier(model_path)
    pixels = classifier.contract.golden_inputs[0]
    batch = pixels[np.newaxis]
    tensor = tf.constant(batch)
    work: dict[str, Callable[[], object]] = {
        "Keras predict": lambda: model.predict(batch, verbose=0),
        "Keras model(x)": lambda: model(tensor, training=False),
        f"edge, {classifier.contract.quantization}": lambda: classifier.network.p_happy(pixels),
    }
    return {name: asdict(time) for name, time in take_turns(work, rounds).items()}


if __name__ == "__main__":
    keras_path, model_path, *rounds = sys.argv[1:]
    print(json.dumps(measure(Path(keras_path), Path(model_path), *map(int, rounds))))
