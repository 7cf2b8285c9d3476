"""What model hubs read: the YAML at the head of a card, in the form of Hugging Face's.

Its fields: https://github.com/huggingface/hub-docs/blob/main/modelcard.md.
"""

from collections.abc import Mapping
from typing import Any

# Of a model file's figures: the hub's name for the metric, and what it is the metric of.
METRICS = {
    "auc": ("roc_auc", "happy from sad, AUC"),
    "auc_sad_neutral": ("roc_auc", "sad from neutral, AUC"),
    "happy_found": ("recall", "happy faces answered happy"),
    "sad_found": ("recall", "sad faces answered sad"),
    "neutral_found": ("recall", "neutral faces answered neutral"),
    "right": ("accuracy", "answers that are right, unsure ones left out"),
}
HEAD = """\
---
license: mit
library_name: litert
pipeline_tag: image-classification
tags:
  - tflite
  - int8
  - raspberry-pi
  - facial-expression-recognition
datasets:
  - fer2013
metrics:
{names}
model-index:
  - name: {name}
    results:
      - task:
          type: image-classification
          name: Facial expressions (happy, sad, neutral)
        dataset:
          type: fer2013
          name: FER2013
          split: {part}
        metrics:
{values}
---
"""


def hub_metadata(details: Mapping[str, Any]) -> str:
    """The YAML between its two lines of dashes, which go at the very beginning of a card.

    Args:
        details: The contract.json of a model with three answers, whose int8 figures it carries.
    """
    figures = details["metrics"]["int8"]
    shown = {name: kind for name, kind in METRICS.items() if name in figures}
    values = [
        f"          - type: {kind}\n            name: {title}\n            value: {figures[name]}"
        for name, (kind, title) in shown.items()
    ]
    return HEAD.format(
        name=details["name"],
        part=details["metrics_part"],
        names="\n".join(
            f"  - {kind}" for kind in dict.fromkeys(kind for kind, _ in shown.values())
        ),
        values="\n".join(values),
    )
