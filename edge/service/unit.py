"""The unit file of the service: unprivileged, walled in, and watched."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

NAME = "happysad.service"
USER = "happysad"
MADE_BY = "# Made by 'happysad service install'; changes belong into 'systemctl edit happysad'."
WORK = Path("/var/lib/happysad/service")
SOURCE = "/var/lib/happysad/source"
WATCHDOG_S = 30
RESTART_S = 5

TEMPLATE = """\
{made_by}
[Unit]
Description=Tells happy faces from sad ones, live (happysad)
After=local-fs.target{after_network}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}{files}
Restart=always
RestartSec={restart_s}
# Wrong usage: the same words would be wrong again.
RestartPreventExitStatus=2
TimeoutStartSec=180
TimeoutStopSec=20
WatchdogSec={watchdog_s}
LimitCORE=0

# Who it is, and what it may write: /var/lib/happysad/service, and what it was told to.
User={user}
Group={user}
SupplementaryGroups=video
StateDirectory=happysad/service
WorkingDirectory=/var/lib/happysad/service
{folders}UMask=0027

# What it may see: cameras, and no other device; of the network what a camera or a page needs.
DevicePolicy=closed
DeviceAllow=char-video4linux rw
DeviceAllow=char-media rw
DeviceAllow=char-dma_heap rw
{network}
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome={protect_home}
PrivateTmp=yes
PrivateMounts=yes
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""
# libcamera looks for its cameras with udev, which is a kind of netlink socket.
NO_NETWORK = "PrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX AF_NETLINK\nIPAddressDeny=any"
WITH_NETWORK = "RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6"
# What a page needs: this machine, and with it the networks that nobody routes (RFC 1918, 4193,
# 3927, 4291), where the phones are that look at it.
THIS_MACHINE = f"{WITH_NETWORK}\nIPAddressDeny=any\nIPAddressAllow=localhost"
NEIGHBOURS = f"{THIS_MACHINE} link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"
NETWORKS = {
    "none": NO_NETWORK, "this machine": THIS_MACHINE, "neighbours": NEIGHBOURS, "any": WITH_NETWORK
}  # fmt: skip
Network = Literal["none", "this machine", "neighbours", "any"]

AFTER_NETWORK = " network-online.target\nWants=network-online.target"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is particular to one machine.

    Attributes:
        command: The program, by its absolute path.
        arguments: What follows `webcam --service`: its options, without the source.
        has_source: Whether the source is in SOURCE, which only root can read. Without, it is the
            first camera.
        network: What of the network it may use; "neighbours" are the local networks.
        is_in_home: Whether the program lies in somebody's home folder.
        folders: Where else it may write, by their full names.
        secrets: Options whose files it cannot read itself, each with the file's full name.
    """

    command: str = "/usr/local/bin/happysad"
    arguments: tuple[str, ...] = ()
    has_source: bool = False
    network: Network = "none"
    is_in_home: bool = False
    folders: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()


def unit_text(unit: Unit) -> str:
    """The unit file."""
    return TEMPLATE.format(
        made_by=MADE_BY,
        after_network="" if unit.network in ("none", "this machine") else AFTER_NETWORK,
        command=command_line([unit.command, "webcam", "--service", *unit.arguments]),
        files=_files_text(unit),
        restart_s=RESTART_S,
        watchdog_s=WATCHDOG_S,
        user=USER,
        network=NETWORKS[unit.network],
        # With "-" one that has vanished does not keep the program from saying so.
        folders="".join(f"ReadWritePaths={_in_quotes(f'-{name}')}\n" for name in unit.folders),
        protect_home="read-only" if unit.is_in_home else "yes",
    )


def _files_text(unit: Unit) -> str:
    """The end of the command line, and the lines after it that say where its files are.

    A unit can be read by everybody, and a program's arguments too. systemd reads the files as root
    and hands them to the service as credentials (systemd.exec(5)).
    """
    files = [("--source-file", "source", SOURCE)] if unit.has_source else []
    files += [(option, option.lstrip("-"), path) for option, path in unit.secrets]
    lines = [
        "".join(f" {option} %d/{name}" for option, name, _ in files),
        *(f"LoadCredential={name}:{path.replace('%', '%%')}" for _, name, path in files),
    ]
    return "\n".join(lines)


def is_writable(path: Path) -> bool:
    """Whether the service may write a file: below its own folder, where it runs, alone."""
    return WORK in Path(os.path.normpath(WORK / path)).parents


def command_line(words: Sequence[str]) -> str:
    """Words without line breaks as ExecStart takes them (systemd.service(5), "Command lines")."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    word = word.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[\w%$@./:=+,-]+", word, re.ASCII):
        return word
    return _in_quotes(word, percent="%")


def _in_quotes(word: str, percent: str = "%%") -> str:
    """A word in double quotes (systemd.syntax(7)); a % begins a specifier."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", percent)
    return f'"{escaped}"'
