"""What a program has drawn on a terminal."""

import os


def drawn_on(controller: int) -> str:
    """All that was written to the terminal, whose last writer has closed it; closes the controller.

    Args:
        controller: The descriptor of its other end, from `os.openpty`.
    """
    shown = b""
    try:
        while chunk := os.read(controller, 65536):
            shown += chunk
    except OSError:  # how a terminal ends
        pass
    os.close(controller)
    return shown.decode()
