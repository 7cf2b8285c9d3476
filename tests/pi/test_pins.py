"""What a bundle takes along is what was pinned, to the last bit."""

import hashlib
from pathlib import Path

import pytest

from edge.errors import OutputError
from pi.pins import LOCK, check_pinned, pins
from pi.release import BOOKWORM, TRIXIE, Release

CONTENT = b"a wheel"
PINNED = f"""# by make lock
one==1.0 ; python_full_version < '3.12' and platform_machine == 'aarch64' \\
    --hash=sha256:{hashlib.sha256(CONTENT).hexdigest()} \\
    --hash=sha256:{"0" * 64}
    # via something
one==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:{"1" * 64}
other==3.0 ; platform_machine == 'x86_64' \\
    --hash=sha256:{"2" * 64}
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "lock.txt"
    path.write_text(PINNED)
    return path


def test_a_release_has_the_pins_of_its_python_and_processor(lock: Path) -> None:
    assert {name: pin.requirement for name, pin in pins(BOOKWORM, lock).items()} == {
        "one": "one==1.0"
    }
    assert pins(TRIXIE, lock)["one"].requirement == "one==2.0"
    assert len(pins(BOOKWORM, lock)["one"].sha256) == 2
    assert set(pins(Release("any", "3.11", 36, "x86_64"), lock)) == {"other"}


def test_a_wheel_that_is_another_file_is_refused(lock: Path, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel = wheels / "one-1.0-py3-none-any.whl"
    wheel.write_bytes(CONTENT)
    check_pinned(wheels, pins(BOOKWORM, lock))
    wheel.write_bytes(CONTENT + b"!")
    with pytest.raises(OutputError) as error:
        check_pinned(wheels, pins(BOOKWORM, lock))
    assert str(error.value) == (
        "one 1.0 is not what 'make lock' has pinned (hash): use PyPI's files, or pin it anew"
    )
    wheel.rename(wheels / "unknown-1.0-py3-none-any.whl")
    with pytest.raises(OutputError, match="^unknown 1.0 is not what"):
        check_pinned(wheels, pins(BOOKWORM, lock))


@pytest.mark.parametrize("release", [BOOKWORM, TRIXIE])
def test_the_device_is_pinned_for_every_release(release: Release) -> None:
    known = pins(release, LOCK)
    assert {"numpy", "opencv-python-headless", "ai-edge-litert", "typer"} <= set(known)
    assert all(pin.sha256 for pin in known.values())
