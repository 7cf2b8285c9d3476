"""OpenCV, imported in this one place: capped and silent, with a clear error where it is missing.

`from ..machine.opencv import cv2` or the like stands for `import cv2` in every module.
"""

import os
from pathlib import Path

from ..errors import RuntimeMissingError

__all__ = ["MAX_PIXELS", "children_environment", "cv2"]

MAX_PIXELS = 100_000_000  # 300 MB decoded; the smaller Pis have 512 MB

# OpenCV reads these once, when it is first imported; what the user has set wins.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
# Seconds; with the default of 10 a camera without frames holds its thread for so long.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET in libavutil/log.h

try:
    import cv2
except ImportError as error:  # not installed, or a library of its own (libGL.so.1) is missing
    raise RuntimeMissingError(
        f"OpenCV does not import ({error}): install opencv-python-headless (or python3-opencv "
        "with apt)"
    ) from error


def children_environment() -> dict[str, str]:
    """The environment for a child process: without the paths that OpenCV's wheel adds to it.

    With them a command that uses Qt ends in an abort, and others may load the wrong libraries.
    """
    folder, variables = Path(cv2.__file__).parent, dict(os.environ)
    folders = (str(folder), str(folder.resolve()))  # it adds the latter
    for name in ("LD_LIBRARY_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        parts = filter(None, variables.pop(name, "").split(os.pathsep))
        if kept := [part for part in parts if not part.startswith(folders)]:
            variables[name] = os.pathsep.join(kept)
    return variables
