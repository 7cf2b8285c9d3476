"""The names of what a face shows: folders are called so, and a dataset's labels are."""

from edge.model.file import LABELS as CLASSES  # happy and sad: the sigmoid's two classes

ANSWERS = (*CLASSES, "neutral")  # what an image of a dataset can be taken for
# The others help a training to learn what is neither happy nor sad; their names are those of
# FER2013 (Goodfellow et al. 2013).
LABELS = (*ANSWERS, "angry", "disgust", "fear", "surprise")

__all__ = ["ANSWERS", "CLASSES", "LABELS"]
