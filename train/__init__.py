"""Training: images become weights.

Public are `image_generator`, `train_happy_sad_model` and `myCallback`; they are imported when first
used, because TensorFlow takes seconds.
"""

import importlib
import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # warnings and errors only

__all__ = ["image_generator", "myCallback", "train_happy_sad_model"]

_HOMES = {
    "image_generator": "train.generator",
    "myCallback": "train.callback",
    "train_happy_sad_model": "train.fit",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'train' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
