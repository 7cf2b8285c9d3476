"""A taught model as a file like any other: contract, golden outputs, and where it is from."""

import copy
import io
import json
import zipfile
from datetime import date
from typing import Any

import numpy as np

from ..classifier import Classifier
from ..machine.checksum import sha256_hex
from ..model.archive import CONTRACT_NAME, GOLDEN_NAME, LABELS_NAME, read_archive
from ..model.decision import Band, Decision
from ..model.head import Head, with_head
from ..model.network import Network
from .examples import Examples
from .fits import OLD
from .trial import Verdict

ENDING = "-taught"  # of the model's name
PART = "taught"


def taught_model(
    content: bytes, taught: Classifier, head: Head, outputs: np.ndarray, examples: Examples,
    verdict: Verdict,
) -> bytes:  # fmt: skip
    """The content of the new file."""
    contract = taught.contract
    files, _ = read_archive(content)
    flatbuffer = with_head(content, head, outputs)
    network = Network(flatbuffer)
    scores = np.array([network.scores(pixels) for pixels in contract.golden_inputs])
    details = _details(dict(contract.details), flatbuffer, examples, verdict, contract.decision)
    golden = io.BytesIO()
    np.savez_compressed(golden, inputs=contract.golden_inputs, scores=scores)
    file = io.BytesIO(flatbuffer)
    file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(LABELS_NAME, files[LABELS_NAME])
        archive.writestr(CONTRACT_NAME, json.dumps(details, indent=1))
        archive.writestr(GOLDEN_NAME, golden.getvalue())
    return file.getvalue()


def was_taught(classifier: Classifier) -> bool:
    """Whether a model was made by teaching another."""
    return PART in classifier.contract.details["data"]["images"]


def _details(
    old: dict[str, Any], flatbuffer: bytes, examples: Examples, verdict: Verdict, decision: Decision
) -> dict[str, Any]:
    details = copy.deepcopy(old)
    counts, data = examples.counts(decision.answers), details["data"]
    data["images"][PART] = {name: pictures for name, (pictures, _) in counts.items()}
    data["groups"][PART] = {name: groups for name, (_, groups) in counts.items()}
    before, after = verdict.scores[OLD], verdict.after
    figures = {
        name: {"right": round(score.right, 4), "low": round(score.low, 4),
               "high": round(score.high, 4)}
        for name, score in (("before", before), ("taught", after))
    }  # fmt: skip
    data["notes"] = [
        *data["notes"],
        f"taught on this device on {date.today()}, upon {old['name']} "
        f"({old['flatbuffer_sha256'][:8]}), {_what(verdict)}: the figures are those of "
        f"cross-validation on the {len(examples.labels)} pictures shown",
    ]
    name = old["name"].removesuffix(ENDING) + ENDING
    details |= {
        "name": name, "metrics": figures, "metrics_part": PART, "calibration": None,
        "neutral_unsure": None, "bands": None, "flatbuffer_sha256": sha256_hex(flatbuffer),
        **_edges(verdict.decision),
    }  # fmt: skip
    return details


def _what(verdict: Verdict) -> str:
    edges = "with edges chosen anew" if verdict.edges == "chosen" else "with its old edges"
    return f"its last layer alone ({verdict.best}), {edges}"


def _edges(decision: Decision) -> dict[str, Any]:
    """As a contract has them."""
    if isinstance(decision, Band):
        return {"decision_band": [decision.low, decision.high]}
    return {"thresholds": {name: getattr(decision, name) for name in decision.answers}}
