"""The arithmetic of an exported file."""

from enum import Enum


class Format(str, Enum):
    """How weights are stored and what the runtime computes with.

    int8 is full-integer and the smallest; float16 stores half precision and computes in float32.
    """

    int8 = "int8"
    float16 = "float16"
    float32 = "float32"
