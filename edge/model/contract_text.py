"""A model's contract as text for a person."""

import math
from collections.abc import Iterable, Mapping

from ..wording import counted
from .chance import doubt
from .contract import Contract
from .decision import Band, Decision

# Which runtime each quantization is for. Measured by `make bench` on an AMD EPYC (AVX-512), one
# thread: with ai-edge-litert 2.1 int8 takes 0.27 of float16's time (150x150) and 0.29 (48x48); with
# tflite-runtime 2.14, which has no fast int8 for x86-64, 1.4 and 2.0 times as long as float16 does.
# float32 is as fast as float16 everywhere, and twice the size. On ARM nobody has measured it yet.
SUITS = {
    "int8": "ai-edge-litert; tflite-runtime is faster with float16 on x86-64",
    "float16": "tflite-runtime on x86-64; ai-edge-litert is faster with int8",
    "float32": "comparisons; float16 is as fast and half the size",
}

AREAS = {"auc": "AUC of happy and sad", "auc_sad_neutral": "AUC of sad and neutral"}
SHARES = {  # of metrics: what they are called
    # Of two answers these are of the likelier one, whatever the band in which nothing is claimed.
    "accuracy": "right (none left unsure)",
    "balanced_accuracy": "mean of happy and sad found (none left unsure)",
    "recall_happy": "happy found (none left unsure)",
    "recall_sad": "sad found (none left unsure)",
    "happy_found": "happy found",
    "sad_found": "sad found",
    "neutral_found": "neutral found",
    "neutral_called_happy": "neutral called happy",
    "neutral_called_sad": "neutral called sad",
    "right": "right when answered",
    "accuracy_decided": "right when answered",
    "unsure": "unsure",
    "others_unsure": "other expressions unsure",
}
TAUGHT = "taught"  # the part of a model that was taught on a device


def contract_text(contract: Contract) -> str:
    """What it sees, how well it does and what it runs on, one line each."""
    spec, details = contract.input, contract.details
    colours = "RGB" if spec.channels == 3 else "gray"
    if spec.stretched:
        colours += ", stretched to full contrast"
    crop = contract.crop
    if contract.face_crop and crop == "face":
        crop += " ({:g} times the face's box, shifted by {:+g})".format(*contract.face_crop)
    both_sides = "of both sides: the mean over a picture and its mirror image"
    rows = [
        ("name", contract.name),
        ("answers", f"{', '.join(contract.decision.answers)}; {_unsure(contract.decision)}"),
        ("input", f"{spec.width}x{spec.height} {colours}, crop: {crop}"),
        *([("asked", both_sides)] if contract.decision.mirrored else []),
        ("quantization", contract.quantization),
        ("suits", SUITS.get(contract.quantization, "unknown")),
        ("operators", operators_text(contract.operators)),
        ("runs on", f"{details['oldest_runtime']} and later"),
    ]
    if details.get("multiply_adds"):
        rows.append(("work", f"{details['multiply_adds'] / 1e6:.1f} million multiply-adds"))
    part = details.get("metrics_part") or "test"
    images = details["metrics"].get(contract.quantization, {}).get("images", 0)
    unseen = "cross-validation" if part == TAUGHT else f"{part}, not trained on"
    for name, figures in details["metrics"].items():
        rows.append((name, f"{_figures(figures)} ({unseen})"))
    if details["metrics"] and (said := contract_doubt(contract)):
        rows.append(("doubt", said))
    rows += [
        (f"--band {cost['low']:g} {cost['high']:g}", f"{_cost(cost, images)} ({part})")
        for cost in details.get("bands") or []
    ]
    if details.get("neutral_unsure") is not None:
        rows.append(("neutral", f"{details['neutral_unsure']:.1%} answered unsure ({part})"))
    if calibration := details.get("calibration"):
        before, after = calibration["error_before"], calibration["error_after"]
        error = f"expected calibration error {before:.3f} before, {after:.3f} after"
        rows.append(("calibrated", f"{calibration['method']}; {error}"))
    if not details["metrics"]:
        rows.append(("metrics", "unknown: no images were held out for a test"))
    for name, counts in details["data"]["images"].items():
        if not any(counts.values()):
            continue
        groups = sum(details["data"]["groups"][name].values())
        shown = ", ".join(f"{count} {label}" for label, count in counts.items())
        known = sum(counts.get(answer, 0) for answer in contract.decision.answers)
        if name == part and images and images != known:
            shown += f" by their files' labels (the figures: {images:g} by what people voted for)"
        title = "taught with" if name == TAUGHT else name
        rows.append((title, f"{shown}; {counted(groups, 'group')} of look-alikes"))
    rows += [("note", note) for note in details["data"]["notes"]]
    rows.append(("data", details["data"]["fingerprint"]))
    versions = ", ".join(f"{name} {version}" for name, version in details["versions"].items())
    rows.append(("made with", versions))
    width = max(12, *(len(name) for name, _ in rows))
    return "\n".join(f"{name:{width}}  {value}" for name, value in rows)


def contract_doubt(contract: Contract) -> str:
    """As `doubt`, of the figures that a model file carries; what to say where it has none."""
    details = contract.details
    if not details["metrics"]:
        return "how good it is, is unknown: not every answer has images that were held out"
    part = details.get("metrics_part") or "test"
    figures = details["metrics"].get(contract.quantization, {})
    return doubt(figures, details["data"]["images"].get(part, {}), part)


def operators_text(operators: Iterable[str]) -> str:
    """Operators with their versions, such as "CONV_2D 3", in words: the number is no count."""
    named = (operator.rpartition(" ") for operator in operators)
    return ", ".join(f"{name} (version {version})" for name, _, version in named)


def _figures(figures: Mapping[str, float]) -> str:
    """The figures of a row in words, shares in per cent."""
    if {"right", "low", "high"} <= figures.keys():  # of teaching, where "unsure" counts as wrong
        return "{right:.1%} right ({low:.1%} to {high:.1%})".format_map(figures)
    texts = []
    for key, value in figures.items():
        if key in SHARES:
            texts.append(f"{SHARES[key]} {value:.1%}")
        elif key == "images":
            texts.append(counted(int(value), "image"))
        else:
            texts.append(f"{AREAS.get(key, key)} {value:.3f}")
    return ", ".join(texts)


def _cost(cost: Mapping[str, float], images: float) -> str:
    """What one band costs: "12.5% answered (1 of 8), 100.0% of them right (1 of 1)"."""
    right, answers = cost.get("right"), round(cost["answered"] * images)
    text = f"{cost['answered']:.1%} answered"
    text += f" ({answers} of {images:g})" if images else ""
    if right is None:
        return text
    text += f", {right:.1%} of them right"
    return text + (f" ({round(right * answers)} of {answers})" if images else "")


def _unsure(decision: Decision) -> str:
    """When the answer is "unsure"."""
    if isinstance(decision, Band):
        return f"unsure for p_happy between {decision.low:.2f} and {decision.high:.2f}"
    edges = decision.happy, decision.sad, decision.neutral
    text = "unsure below p_happy {:.2f}, p_sad {:.2f} and p_neutral {:.2f}".format(*edges)
    if decision.lead:
        factor = math.exp(decision.lead)
        text += (
            ", or where, each divided by its limit, the two largest differ by less than a factor "
            f"of {factor:.2f}"
        )
    return text
