"""The systems that the proof is made on, and several asked at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.proofs.pi.arm_root import PI_4, PI_5

# Each release with and without Debian's numpy, each on both processors.
SYSTEMS = {"bookworm": PI_5, "bookworm+numpy": PI_4, "trixie": PI_4, "trixie+numpy": PI_5}
RELEASES = ("bookworm", "trixie")
AT_ONCE = 2  # an emulated program keeps one core busy

Result = TypeVar("Result")


def release_of(system: str) -> str:
    """The release of Raspberry Pi OS that a system is like."""
    return system.partition("+")[0]


def for_each(names: Iterable[str], function: Callable[[str], Result]) -> dict[str, Result]:
    """The function's results by name, a few computed at a time."""
    names = list(names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(names, pool.map(function, names), strict=True))
