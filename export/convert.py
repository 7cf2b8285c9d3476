"""Keras model -> TFLite FlatBuffer: full-integer int8, or float16 or float32."""

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from edge.machine.temporary import scratch_folder
from edge.model.contract import Quantization

CALIBRATED = 50  # images of each class, at most, that int8 ranges are measured on


def convert(model: keras.Model, quantization: Quantization, calibration: np.ndarray) -> bytes:
    """The model as a TFLite FlatBuffer with a static batch of 1.

    int8 is full-integer: weights and activations int8, builtin int8 operators only, uint8 in
    and out, the input with scale 1.0 and zero point 0. float16 stores weights in half precision
    and computes in float32; float16 and float32 take and give float32.

    Args:
        model: From pixels (batch, height, width, channels), 0 to 255, to P(sad) (batch, 1), or to
            four logits (batch, 4).
        quantization: How weights are stored and computed with.
        calibration: uint8 (n, height, width, channels): what int8 ranges are measured on, see
            `calibration_images`.
    """
    # A dynamic batch makes Flatten export shape operators, which keep tflite-runtime's
    # accelerator away from the dense layer.
    static = keras.models.clone_model(
        model, input_tensors=keras.Input(batch_shape=(1, *model.input_shape[1:]), name="image")
    )
    static.set_weights(model.get_weights())
    converter = tf.lite.TFLiteConverter.from_keras_model(static)
    if quantization != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantization == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if quantization == "int8":
        converter.representative_dataset = lambda: (
            [pixels[np.newaxis].astype(np.float32)] for pixels in calibration
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.uint8
    return run_converter(converter)


def run_converter(converter: tf.lite.TFLiteConverter) -> bytes:
    """The converter's FlatBuffer; what it prints is shown only when it fails."""
    # TensorFlow keeps all the weights there; a killed export would leave them for good.
    with quiet_output(), warnings.catch_warnings(), _temporary_files():
        # A warning of every full-integer conversion; the representative dataset has them.
        warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected")
        return bytes(converter.convert())


def calibration_images(classes: Sequence[np.ndarray], seed: int) -> np.ndarray:
    """Training images to measure int8 ranges on: balanced, seeded, shuffled, plus one ramp.

    Args:
        classes: uint8 (n, height, width, channels) for each class, training images.
        seed: Chooses the images and their order.

    Returns:
        uint8 (m, height, width, channels). The ramp holds every value from 0 to 255, so that
        the input's range is the whole range and its scale 1.0.
    """
    rng = np.random.default_rng(seed)
    count = min(CALIBRATED, *map(len, classes))
    chosen = [rng.choice(images, count, replace=False) for images in classes]
    shape = classes[0].shape[1:]
    ramp = np.linspace(0, 255, int(np.prod(shape))).round().astype(np.uint8).reshape(1, *shape)
    return np.concatenate([rng.permutation(np.concatenate(chosen)), ramp])


@contextlib.contextmanager
def _temporary_files() -> Iterator[None]:
    """Lets `tempfile` use a folder that is swept."""
    before = tempfile.gettempdir()
    with scratch_folder() as folder:
        tempfile.tempdir = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before


@contextlib.contextmanager
def quiet_output() -> Iterator[None]:
    """Shows what the converter prints from C++ only when it fails."""
    with tempfile.TemporaryFile() as log:
        saved = os.dup(1), os.dup(2)
        sys.stdout.flush(), sys.stderr.flush()
        os.dup2(log.fileno(), 1), os.dup2(log.fileno(), 2)
        try:
            yield
        except BaseException:
            log.seek(0)
            os.write(saved[1], log.read())
            raise
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            for descriptor, copy in enumerate(saved, start=1):
                os.dup2(copy, descriptor)
                os.close(copy)
