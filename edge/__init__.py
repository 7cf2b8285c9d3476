"""Tells happy faces from sad ones, in pictures and before cameras.

    import happysad

    faces = happysad.load()
    for answer in faces("photo.jpg"):
        print(answer.label, answer.p_happy, answer.box)

    for moment in happysad.watch(0):
        print(moment.time_s, moment.answers, moment.changes)

Importing it loads neither OpenCV nor numpy; the first call does.
"""

from typing import TYPE_CHECKING, Any

from .errors import HappySadError
from .prediction import Prediction

if TYPE_CHECKING:
    from .library import Faces, load, watch
    from .live.moment import Change, Moment
    from .why.explanation import Explanation

__version__ = "0.1.0"
__all__ = [
    "Change",
    "Explanation",
    "Faces",
    "HappySadError",
    "Moment",
    "Prediction",
    "load",
    "watch",
]

_LAZY = {
    "Change": "live.moment",
    "Explanation": "why.explanation",
    "Faces": "library",
    "Moment": "live.moment",
    "load": "library",
    "watch": "library",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LAZY[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
