"""The compact network: a small residual one for 48x48 gray faces, made for int8 on a Pi."""

import keras
from keras import layers

from edge.images.preprocess import InputSpec

INPUT = InputSpec(48, 48, 1, stretched=True)
CHANNELS = (16, 24, 64, 96)
BLOCKS = (1, 1, 1)


def build_compact(
    outputs: dict[str, tuple[int, str]],
    *,
    channels: tuple[int, ...] = CHANNELS,
    blocks: tuple[int, ...] = BLOCKS,
    dropout: float = 0.2,
) -> keras.Model:
    """A residual network (He et al. 2016) that ends in global average pooling; not compiled.

    One convolution sees the image at full size. Then come stages of residual blocks, each block two
    convolutions; a convolution of stride 2 leads into every stage. All are 3x3, and followed by
    batch normalization, which the converter folds into them, and ReLU.

    Args:
        outputs: Units and activation of each output by its name; all are dense layers on the
            pooled features.
        channels: Filters of the first convolution, then of each stage.
        blocks: Residual blocks of each stage.
        dropout: Share of the pooled features that training hides.

    Returns:
        A model from pixels (batch, height, width, 1), 0 to 255, to a dictionary of the outputs.
        Scaling to 0..1 is its first layer.
    """
    image = keras.Input((INPUT.height, INPUT.width, INPUT.channels), name="image")
    x = layers.Rescaling(1 / 255)(image)
    x = layers.ReLU()(_convolve(x, channels[0]))
    for filters, count in zip(channels[1:], blocks, strict=True):
        x = layers.ReLU()(_convolve(x, filters, strides=2))
        for _ in range(count):
            y = layers.ReLU()(_convolve(x, filters))
            x = layers.ReLU()(layers.Add()([x, _convolve(y, filters)]))
    features = layers.Dropout(dropout)(layers.GlobalAveragePooling2D(name="features")(x))
    heads = {
        name: layers.Dense(units, activation=activation, name=name)(features)
        for name, (units, activation) in outputs.items()
    }
    return keras.Model(image, heads, name="compact")


def channels_of(model: keras.Model) -> tuple[int, ...]:
    """The `channels` that a compact network was built with."""
    first, *others = (x for x in model.layers if isinstance(x, layers.Conv2D))
    return first.filters, *(x.filters for x in others if x.strides == (2, 2))


def _convolve(x: keras.KerasTensor, filters: int, *, strides: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)
