"""The names of what a face shows: folders are called so, and a dataset's labels are."""

from edge.labels import ANSWERS, CLASSES

# Those beyond the answers help a training to learn what is none of them; their names are those of
# FER2013 (Goodfellow et al. 2013).
LABELS = (*ANSWERS, "angry", "disgust", "fear", "surprise")

__all__ = ["ANSWERS", "CLASSES", "LABELS"]
