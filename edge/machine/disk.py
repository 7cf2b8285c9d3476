"""How much room a disk has left."""

import shutil
from pathlib import Path

SPARE_BYTES = 200_000_000  # that stay free, or a twentieth of a disk where that is less


def is_nearly_full(folder: Path) -> bool:
    """Whether nothing large should be written any more.

    Raises:
        OSError: Nobody knows.
    """
    usage = shutil.disk_usage(folder)
    return usage.free < min(SPARE_BYTES, usage.total // 20)
