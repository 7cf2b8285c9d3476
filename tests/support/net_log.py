"""What a Chromium has asked the network for, by its own log."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        time_ms: When it began, in milliseconds since 1970.
        url: Where it went.
        initiator: The origin of the page whose request it was; None of the browser's own.
    """

    time_ms: float
    url: str
    initiator: str | None


def read_net_log(path: Path) -> list[Request]:
    """All requests of a browser that has ended, which was started with `--log-net-log=PATH`."""
    log = json.loads(path.read_text())
    start = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    offset_ms = float(log["constants"]["timeTickOffset"])
    return [
        Request(offset_ms + float(event["time"]), event["params"]["url"], _initiator(event))
        for event in log["events"]
        if event["type"] == start and "url" in event.get("params", {})
    ]


def _initiator(event: dict) -> str | None:
    initiator = event["params"].get("initiator")
    return None if initiator in (None, "not an origin") else initiator
