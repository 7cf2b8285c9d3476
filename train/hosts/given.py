"""The hosts of a training, as they are named on the command line or by whoever starts them."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TF_CONFIG = "TF_CONFIG"  # how Kubernetes' training operator names them, and many a Slurm script


class HostsError(ValueError):
    """They are named in a way that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Who trains together, and who of them this process is.

    Attributes:
        addresses: "name:port" of each; the first one is the chief's, who writes the run.
        index: Of this process among them.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def is_chief(self) -> bool:
        """Whether this one writes the run."""
        return self.index == 0

    def named(self, index: int) -> str:
        """A host, for people."""
        return f"host {index} ({self.addresses[index]})"


def given_hosts(
    named: str | None, index: int | None, environment: Mapping[str, str] = os.environ
) -> Hosts | None:
    """The hosts, if there are several.

    Args:
        named: Their addresses with commas between, as --hosts has them; None for those of
            TF_CONFIG, if that is set.
        index: Of this process among them, from 0.
        environment: Where TF_CONFIG may be.

    Raises:
        HostsError: They cannot be meant so.
    """
    if named is None:
        if index is not None:
            raise HostsError("--index goes with --hosts")
        return _of_tf_config(environment[TF_CONFIG]) if environment.get(TF_CONFIG) else None
    if index is None:
        raise HostsError("--hosts needs --index, the number of this host among them, from 0")
    return _checked([address.strip() for address in named.split(",")], index, "--hosts")


def _of_tf_config(text: str) -> Hosts | None:
    try:
        config = json.loads(text)
        cluster, task = config.get("cluster", {}), config.get("task", {})
        addresses = [*cluster.get("chief", []), *cluster.get("worker", [])]
        if len(addresses) < 2:
            return None
        first = len(cluster.get("chief", [])) if task["type"] == "worker" else 0
        if task["type"] not in ("chief", "worker") or cluster.get("ps"):
            raise HostsError(f"{TF_CONFIG}: only tasks called chief and worker train together")
        return _checked(addresses, first + int(task["index"]), TF_CONFIG)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, HostsError):
            raise
        raise HostsError(f"{TF_CONFIG} is not as TensorFlow defines it") from error


def _checked(addresses: Sequence[str], index: int, source: str) -> Hosts:
    for address in addresses:
        name, _, port = address.rpartition(":")
        if not name or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise HostsError(f"{source}: {address!r} is no address: name:port")
    if len(set(addresses)) < max(len(addresses), 2):
        raise HostsError(f"{source}: two or more different addresses are needed")
    if not 0 <= index < len(addresses):
        raise HostsError(f"{source}: there is no host {index} among {len(addresses)}, from 0")
    return Hosts(tuple(addresses), index)
