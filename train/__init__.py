"""Training: images become weights.

Public are `image_generator`, `train_happy_sad_model` and `myCallback`; they are imported when first
used, because TensorFlow takes seconds.
"""

import importlib
import os
from typing import Any

from edge.machine.quiet import quiet_stderr
from train.quick_keras import import_keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # warnings and errors only
# TensorFlow takes oneDNN by itself on CPUs with AVX-512 only; with AVX2 an epoch takes less than
# half the time with it (320 images, AMD EPYC, 2 cores: 2.6 s instead of 6.0 s).
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__all__ = ["image_generator", "myCallback", "train_happy_sad_model"]

_HOMES = {
    "image_generator": "train.exercise.generator",
    "myCallback": "train.exercise.callback",
    "train_happy_sad_model": "train.exercise.fit",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'train' has no attribute {name!r}")
    with quiet_stderr:  # TensorFlow prints about itself when it is imported
        import_keras()
        return getattr(importlib.import_module(_HOMES[name]), name)
