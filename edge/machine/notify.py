"""The service manager that started this process: it is told the state of the process."""

import os
import socket
from collections.abc import Mapping


class ServiceManager:
    """Reports that the service is ready, alive, or ending; does nothing without a manager.

    The protocol is that of sd_notify(3): datagrams with lines of NAME=value to a local socket.

    Attributes:
        watchdog_s: A service that is silent for so long is ended; None without a watchdog.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Looks for the manager in NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID."""
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading @ stands for the NUL byte of Linux's abstract socket names.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        microseconds = environment.get("WATCHDOG_USEC", "")
        is_ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(microseconds) / 1e6 if microseconds.isdigit() and is_ours else None

    def tell(self, *assignments: str) -> None:
        """Sends lines such as "READY=1"; a manager that cannot be reached is ignored."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
                link.setblocking(False)  # a full queue must not hold up an answer
                link.sendto("\n".join(assignments).encode(), self._address)
        except OSError:
            return
