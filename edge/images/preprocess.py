"""The one way from an image to a model's input; training, calibration and the device all use it."""

from dataclasses import dataclass

import numpy as np

from ..machine.opencv import cv2

# Of a face's grays the 1st percentile becomes 10 and the 99th 245. On FER2013's validation faces at
# a quarter of their contrast the AUC of sad from neutral is 0.967 instead of 0.954, in an eighth of
# the light 0.967 instead of 0.934: as on faces as they are. Equalising the histogram costs 0.004 to
# 0.011 on all but pale ones.
LOW, HIGH = 0.01, 0.99
DARK, BRIGHT = 10, 245
# Fewer grays than these are stretched no further: what little is in them is a camera's noise.
FEWEST_GRAYS = 8


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a model takes: one picture of fixed size, uint8, 0 to 255.

    Scaling to 0..1 is no part of it: that is the model's first layer.

    Attributes:
        width: In pixels.
        height: In pixels.
        channels: 3 for R, G, B; 1 for gray (luma, ITU-R BT.601 as in OpenCV).
        stretched: Whether the grays are stretched to full contrast, see `stretch`; of gray alone.
    """

    width: int = 150
    height: int = 150
    channels: int = 3
    stretched: bool = False


def prepare(image: np.ndarray, spec: InputSpec) -> np.ndarray:
    """Turns a picture into what the model takes.

    The whole picture is stretched to the model's size: nothing is cut off, and the aspect ratio
    is not kept, as in Keras's `flow_from_directory` and `image_dataset_from_directory`. Its grays
    are stretched, too, where the model is for such.

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
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        return (stretch(gray) if spec.stretched else gray)[:, :, np.newaxis]
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def stretch(gray: np.ndarray) -> np.ndarray:
    """A picture at full contrast, whatever the light and the camera.

    Its grays at the percentiles LOW and HIGH become DARK and BRIGHT, and a line through both maps
    the others; what lies beyond is cut off at 0 and 255. It takes 0.02 ms
    for 48x48 pixels on one thread of an AMD EPYC, and is a matter of whole numbers up to the one
    multiplication: the same on every machine.

    Args:
        gray: uint8 (height, width).

    Returns:
        uint8 (height, width).
    """
    counts = np.cumsum(np.bincount(gray.ravel(), minlength=256))
    # Percentiles as grays of pixels: of all in their order those at these places.
    ranks = [int(share * (gray.size - 1)) for share in (LOW, HIGH)]
    low, high = np.searchsorted(counts, ranks, side="right").tolist()
    gain = (BRIGHT - DARK) / max(high - low, FEWEST_GRAYS)
    table = (np.arange(256) - (low + high) / 2) * gain + (DARK + BRIGHT) / 2
    return cv2.LUT(gray, np.clip(np.rint(table), 0, 255).astype(np.uint8))
