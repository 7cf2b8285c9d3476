"""A model by which a core's int8 rate is measured.

One convolution that suits every kernel: 3x3, 64 channels to 64, on 32x32 pixels. Of a dozen shapes
tried on an AMD EPYC with AVX-512 (1x1 and 3x3, 64 to 1024 channels, 40 KB to 1 MB) it was among the
fastest, with 485 of at most 509 billion multiply-adds a second in the median, and the smallest.
"""

import keras
import numpy as np
import tensorflow as tf

from export.convert import run_converter

SIDE, CHANNELS = 32, 64


def build_probe() -> bytes:
    """A full-integer int8 TFLite file with one layer, of random weights."""
    keras.utils.set_random_seed(0)
    image = keras.Input(batch_shape=(1, SIDE, SIDE, CHANNELS))
    layer = keras.layers.Conv2D(CHANNELS, 3, padding="same", activation="relu")
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(image, layer(image)))
    rng = np.random.default_rng(0)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [rng.random((1, SIDE, SIDE, CHANNELS), dtype=np.float32)] for _ in range(3)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return run_converter(converter)
