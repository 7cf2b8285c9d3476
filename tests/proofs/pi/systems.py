"""The systems that the proof is made on, and several asked at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

import pytest

from tests.proofs.pi.arm_root import PI_4, PI_5

# Each release with and without Debian's numpy, each on both processors.
SYSTEMS = {"bookworm": PI_5, "trixie": PI_4, "bookworm+numpy": PI_4, "trixie+numpy": PI_5}
RELEASES = ("bookworm", "trixie")
AT_ONCE = 2  # an emulated program keeps one core busy
# A test on every system; on a plain one of each release it is essential.
essential_first = pytest.mark.parametrize(
    "system",
    [
        pytest.param(system, marks=pytest.mark.essential if system in RELEASES else ())
        for system in SYSTEMS
    ],
)

Result = TypeVar("Result")


def release_of(system: str) -> str:
    """The release of Raspberry Pi OS that a system is like."""
    return system.partition("+")[0]


class ByName(Generic[Result]):
    """What is computed for some names in other threads; who looks one up waits for it."""

    def __init__(self, pool: ThreadPoolExecutor, function: Callable[[str], Result]) -> None:
        """Computes nothing yet.

        Args:
            pool: The threads, which do what was begun first.
            function: What is to be computed for a name.
        """
        self._pool, self._function = pool, function
        self._futures: dict[str, Future[Result]] = {}

    def begin(self, names: Iterable[str]) -> "ByName[Result]":
        """Computes it for these names as well."""
        self._futures |= {name: self._pool.submit(self._function, name) for name in names}
        return self

    def __getitem__(self, name: str) -> Result:
        """What was computed; raises what that has raised, a skip too."""
        return self._futures[name].result()

    def wait_for(self, name: str) -> None:
        """Waits until it has been computed, or has failed."""
        wait([self._futures[name]])

    def there(self) -> list[Result]:
        """What has been computed so far."""
        done = [future for future in self._futures.values() if future.done()]
        return [
            future.result() for future in done if not future.cancelled() and not future.exception()
        ]
