"""The one way from an image to a model's input; training, calibration and the device all use it."""

from dataclasses import dataclass

import numpy as np

from ..machine.opencv import cv2


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a model takes: one picture of fixed size, uint8, 0 to 255.

    Scaling to 0..1 is no part of it: that is the model's first layer.

    Attributes:
        width: In pixels.
        height: In pixels.
        channels: 3 for R, G, B; 1 for gray (luma, ITU-R BT.601 as in OpenCV).
    """

    width: int = 150
    height: int = 150
    channels: int = 3


def prepare(image: np.ndarray, spec: InputSpec) -> np.ndarray:
    """Turns a picture into what the model takes.

    The whole picture is stretched to the model's size: nothing is cut off, and the aspect ratio
    is not kept, as in Keras's `flow_from_directory` and `image_dataset_from_directory`.

    Args:
        image: uint8 (height, width, 3), BGR, as OpenCV and `read_image` give it.
        spec: The model's input.

    Returns:
        uint8 (spec.height, spec.width, spec.channels), 0 to 255; RGB or gray.
    """
    size_wh = (spec.width, spec.height)
    if image.shape[1::-1] != size_wh:
        # INTER_AREA averages every pixel that it drops; bilinear would skip most of them, and a
        # thin mouth line with them. It has no meaning for enlarging.
        shrinks = image.shape[0] >= spec.height and image.shape[1] >= spec.width
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        image = cv2.resize(image, size_wh, interpolation=method)
    if spec.channels == 1:
        return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[:, :, np.newaxis]
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
