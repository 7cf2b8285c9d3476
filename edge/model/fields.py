"""The fields that a contract must have, so that what reads them later finds what it expects."""

from dataclasses import dataclass
from typing import Any

from ..errors import one_line

MAX_TEXT = 4000  # characters
MAX_NUMBER = 1e15  # a float without loss, and short enough to be shown


@dataclass(frozen=True, slots=True)
class Each:
    """An object whose fields, whatever their names, or a list whose items are all of a form."""

    kind: type
    form: Any


@dataclass(frozen=True, slots=True)
class Maybe:
    """A field that may be missing, or null."""

    form: Any


COUNTS = Each(dict, Each(dict, int))
# `str` is text for one line, `float` any number, a dictionary an object with these fields.
FORM = {
    "schema": int,
    "name": str,
    "quantization": str,
    "input": {"width": int, "height": int, "channels": int},
    "crop": str,
    "face": Maybe({"margin": float, "shift": float}),
    "operators": Each(list, str),
    "oldest_runtime": str,
    "multiply_adds": Maybe(float),
    "metrics": Each(dict, Each(dict, float)),
    "metrics_part": Maybe(str),
    "neutral_unsure": Maybe(float),
    "bands": Maybe(
        Each(list, {"low": float, "high": float, "answered": float, "right": Maybe(float)})
    ),
    "calibration": Maybe({"method": str, "error_before": float, "error_after": float}),
    "data": {"fingerprint": str, "images": COUNTS, "groups": COUNTS, "notes": Each(list, str)},
    "versions": Each(dict, str),
    "flatbuffer_sha256": str,
}


def check_fields(details: Any) -> None:
    """Looks at every field of a contract that is shown or used.

    Raises:
        ValueError: A field is missing or of another form, or holds control characters, which could
            write over what a terminal shows.
    """
    _check(details, FORM, "it")
    if details["data"]["images"].keys() != details["data"]["groups"].keys():
        raise ValueError("data.groups are of other parts than data.images")


def _check(value: Any, form: Any, name: str) -> None:
    if isinstance(form, Maybe):
        if value is not None:
            _check(value, form.form, name)
        return
    if isinstance(form, dict):
        fits = isinstance(value, dict)
    elif isinstance(form, Each):
        fits = isinstance(value, form.kind)
    elif form is str:
        fits = isinstance(value, str) and len(value) <= MAX_TEXT and one_line(value) == value
    else:
        fits = type(value) in (int, form) and abs(value) < MAX_NUMBER
    if not fits:
        is_there = "is missing" if value is None else f"is {str(value)[:40]!r}"
        raise ValueError(f"{name} {is_there}")
    if isinstance(form, dict):
        for key, one in form.items():
            _check(value.get(key), one, key if name == "it" else f"{name}.{key}")
    elif isinstance(form, Each):
        for key, one in value.items() if form.kind is dict else enumerate(value):
            _check(key, str if form.kind is dict else int, f"a name in {name}")
            _check(one, form.form, f"{name}.{key}")
