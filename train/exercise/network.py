"""The network: three convolutions, one dense layer, one sigmoid that is P(sad)."""

import keras
from keras import layers

from edge.images.preprocess import InputSpec

LEARNING_RATE = 0.001


def build_model(spec: InputSpec = InputSpec()) -> keras.Model:
    """The exercise's network, compiled: 9,494,561 parameters at 150x150 RGB.

    Three 3x3 convolutions without padding (16, 32, 64 filters, ReLU), each followed by 2x2 max
    pooling, then 512 dense units (ReLU) and one sigmoid unit. RMSprop at a learning rate of
    0.001, binary cross-entropy.

    Args:
        spec: Size and channels of the input.

    Returns:
        A model from pixels (batch, height, width, channels), 0 to 255, to P(sad) (batch, 1).
        Scaling to 0..1 is its first layer.
    """
    model = keras.Sequential(
        [
            keras.Input((spec.height, spec.width, spec.channels), name="image"),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(1, activation="sigmoid", name="p_sad"),
        ],
        name="happy_or_sad",
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=LEARNING_RATE),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model
