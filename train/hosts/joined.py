"""Hosts that have found each other: sums over all of them, and words of the chief."""

import os
import re
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import numpy as np
import tensorflow as tf

from edge.errors import HappySadError, one_line
from edge.machine.quiet import quiet_stderr
from edge.wording import counted
from train.hosts.given import Hosts

WAIT_S = 600.0  # for all hosts to start
TELL_S = 5.0  # after which it is said who is waited for
TICK_S = 0.2
# What TensorFlow makes of a lost connection, where it does not name the host.
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)


class HostError(HappySadError):
    """A host that does not come, or is gone; what to do then is for the command to say."""


class Joined:
    """All hosts of a training, connected; what one waits for, all have to ask for.

    Attributes:
        hosts: Who they are.
        strategy: TensorFlow's: one replica a host.
    """

    def __init__(self, hosts: Hosts, strategy: tf.distribute.Strategy) -> None:
        """Takes what `join` has made."""
        self.hosts, self.strategy = hosts, strategy

    def sums(self, values: Sequence[np.ndarray | tf.Tensor]) -> list[np.ndarray]:
        """The sum over the hosts of each of these arrays, of one dtype; the same bits on each.

        Raises:
            HostError: One is gone.
        """

        def summed(*own: tf.Tensor) -> list[tf.Tensor]:
            return tf.distribute.get_replica_context().all_reduce("SUM", list(own))

        with self.said_who_is_gone():
            given = tuple(tf.convert_to_tensor(value) for value in values)
            return [each.numpy() for each in self.strategy.run(summed, args=given)]

    def chiefs(self, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        """What the chief has of these arrays, of one dtype; the others' are of the same shapes."""
        return self.sums([v if self.hosts.is_chief else np.zeros_like(v) for v in values])

    def from_chief(self, content: bytes = b"") -> bytes:
        """What the chief gives here; the others give nothing."""
        (length,) = self.chiefs([np.array(len(content), np.int64)])
        words = np.zeros(int(length) // 4 + 1, np.int32)  # TensorFlow crashes at none
        if self.hosts.is_chief:
            words.view(np.uint8)[: len(content)] = np.frombuffer(content, np.uint8)
        return self.chiefs([words])[0].tobytes()[: int(length)]

    def part(self) -> None:
        """Lets the others know that all is done; to be called by each at its end."""
        with suppress(HostError):  # whoever is first to know it may be gone before the last
            self.from_chief()

    @contextmanager
    def said_who_is_gone(self) -> Iterator[None]:
        """Makes one line of what TensorFlow says when a host is lost."""
        try:
            yield
        except (tf.errors.OpError, RuntimeError) as error:
            tasks = {int(task) for task in re.findall(r"/task:(\d+)", str(error))}
            lost = sorted(tasks - {self.hosts.index})
            if not lost and not isinstance(error, LOST):
                raise
            who = self.hosts.named(lost[0]) if lost else "another host"
            raise HostError(f"{who} is gone") from error


def join(hosts: Hosts) -> Joined:
    """Waits until all hosts are there; nothing else of TensorFlow may have run before.

    Raises:
        HostError: One does not come, or this one cannot be reached by others.
        KeyboardInterrupt: Ctrl-C or SIGTERM meanwhile.
    """
    tf.get_logger().setLevel("ERROR")  # it warns of sums that are made once an epoch
    _wait_for_all(hosts)
    # From here on no handler of Python's runs until all have connected.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        with quiet_stderr:
            return Joined(hosts, _strategy(hosts))
    except (tf.errors.OpError, RuntimeError) as error:
        raise HostError(
            f"cannot train together as {hosts.addresses[hosts.index]} "
            f"({one_line(error)[:200]}); each host needs an --index of its own"
        ) from error
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # TensorFlow took it for itself


def _wait_for_all(hosts: Hosts) -> None:
    """Listens where TensorFlow will, until all others do, as its own waiting cannot be ended."""
    missing = [index for index in range(len(hosts.addresses)) if index != hosts.index]
    began_s, is_told = time.monotonic(), False
    with _listening(hosts.addresses[hosts.index]):
        while missing := [i for i in missing if not _is_listening(hosts.addresses[i])]:
            waited_s = time.monotonic() - began_s
            if waited_s > WAIT_S:
                raise HostError(
                    f"{', '.join(map(hosts.named, missing))} did not come within "
                    f"{counted(round(WAIT_S / 60), 'minute')}"
                )
            if not is_told and waited_s > TELL_S:
                is_told = True
                names = ", ".join(map(hosts.named, missing))
                print(f"waiting for {names}", file=sys.stderr)  # noqa: T201
            time.sleep(TICK_S)


def _listening(address: str) -> socket.socket:
    """A port of this host, opened on all of its networks, as TensorFlow does."""
    port = int(address.rpartition(":")[2])
    try:
        if socket.has_dualstack_ipv6():
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(("", port))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise HostError(f"cannot listen at port {port}: {reason}") from error


def _strategy(hosts: Hosts) -> tf.distribute.Strategy:
    cluster = tf.train.ClusterSpec({"worker": list(hosts.addresses)})
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        cluster, task_type="worker", task_id=hosts.index, rpc_layer="grpc"
    )
    return tf.distribute.MultiWorkerMirroredStrategy(resolver)


def _is_listening(address: str) -> bool:
    name, _, port = address.rpartition(":")
    try:
        with socket.create_connection((name.strip("[]"), int(port)), timeout=1):
            return True
    except OSError:
        return False
