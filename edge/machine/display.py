"""Whether a window can be shown here, found out without trying: OpenCV's Qt aborts if it cannot."""

import ctypes
import os
import re
import socket
import sys
from pathlib import Path

from ..errors import one_line
from .opencv import cv2
from .quiet import quiet_stderr

ANSWER_S = 2.0  # for a display on another machine


def window_problem() -> str | None:
    """Why no window can be shown here, in a few words, with the fix where it is known."""
    framework = cv2.currentUIFramework()
    if not framework:
        return (
            "this OpenCV cannot show windows (pip uninstall opencv-python-headless, "
            "pip install opencv-python)"
        )
    if not sys.platform.startswith("linux"):
        return None
    display, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    platforms = _qt_platforms() if framework.startswith("QT") else None
    if platforms is not None:
        wish = os.environ.get("QT_QPA_PLATFORM") or "xcb"
        usable = [name for name in re.sub(":[^;]*", "", wish).split(";") if name in platforms]
        if not usable:
            return (
                f"QT_QPA_PLATFORM is {one_line(wish)}, and this OpenCV has only "
                f"{', '.join(sorted(platforms))} (unset it)"
            )
        if usable[0] != "xcb":  # such as "offscreen": the user knows what for
            return None
        if wayland and not display:
            return (
                "no X display (DISPLAY is not set), and this OpenCV cannot use Wayland "
                "(switch on XWayland)"
            )
        return (display and _library_problem(platforms["xcb"])) or _display_problem(display)
    return None if wayland else _display_problem(display)


def _qt_platforms() -> dict[str, Path] | None:
    """The platform plugins of OpenCV's own Qt; None where it uses the system's Qt."""
    folder = os.environ.get("QT_QPA_PLATFORM_PLUGIN_PATH")  # set when OpenCV's wheel is imported
    if not folder or not Path(folder).is_relative_to(Path(cv2.__file__).parent):
        return None
    return {path.stem.removeprefix("libq"): path for path in Path(folder).rglob("libq*.so")}


def _display_problem(display: str | None) -> str | None:
    """Why an X display cannot be used."""
    if not display:
        return "no display (DISPLAY and WAYLAND_DISPLAY are not set)"
    shown = one_line(display)
    match = re.fullmatch(r"(?:\w+/)?(.*):(\d+)(?:\.\d+)?", display)
    if not match:
        return f"no display (DISPLAY is {shown}, which names none)"
    host, number = match[1], int(match[2])
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        if _lets_us_in(display):
            return None
        answers = _answers(path) or _answers("\0" + path)
    else:
        # Asked first: a host that is not there would keep libxcb waiting for minutes.
        answers = _answers((host.strip("[]"), 6000 + number))
        if answers and _lets_us_in(display):
            return None
    if answers:
        return f"no display (DISPLAY {shown} refuses this user)"
    return f"no display (DISPLAY is {shown}, and nothing answers there)"


def _answers(address: str | tuple[str, int]) -> bool:
    """Whether something accepts connections at a Unix socket's path or a host's TCP port."""
    try:
        if isinstance(address, tuple):
            socket.create_connection(address, ANSWER_S).close()
        else:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_S)
                connection.connect(address)
    except (OSError, OverflowError, UnicodeError):  # the last two: no such port, no such name
        return False
    return True


def _lets_us_in(display: str) -> bool:
    """Whether an X server takes us as a client; Qt aborts if it does not.

    The connection is kept as long as this process lives: a server that loses its only client
    resets itself, as Xvfb does, and may refuse the next one meanwhile, which is Qt.
    """
    xcb = ctypes.CDLL("libxcb.so.1")  # there, because OpenCV's windows have been built on it
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    with quiet_stderr:  # "Authorization required, but no authorization protocol specified"
        connection = xcb.xcb_connect(os.fsencode(display), None)
    if xcb.xcb_connection_has_error(connection):
        xcb.xcb_disconnect(connection)
        return False
    return True


def _library_problem(plugin: Path) -> str | None:
    """Which library the plugin for X lacks."""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return f"a library for windows does not load ({one_line(error)})"
    return None
