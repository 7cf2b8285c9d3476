"""Votes and labels as shares of eight expressions, and these as shares of the four answers."""

import numpy as np

from data.votes import EXPRESSIONS, FOLDERS, REFUSALS, is_judged

SURE = 0.7  # how far a label is believed where nobody voted; the rest is spread evenly


def shares_of(votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """What each face shows.

    Args:
        votes: float32 (n, 10), as from `data.votes.votes_on`; zeros where nobody voted.
        labels: str (n,): names of folders, which count where nobody voted.

    Returns:
        float32 (n, 8): shares of EXPRESSIONS, each row with the sum 1; a row of zeros for a face
        that is not to be learned from, because most voters could not tell or saw no face.
    """
    named = votes[:, : len(EXPRESSIONS)]
    shares = named / np.maximum(named.sum(axis=1, keepdims=True), 1)
    shares[~is_judged(votes)] = 0
    unasked = votes.sum(axis=1) == 0
    known = (labels[unasked, np.newaxis] == np.array(FOLDERS)).astype(np.float32)
    known = np.pad(known, ((0, 0), (0, 1)))
    shares[unasked] = SURE * known + (1 - SURE) / len(EXPRESSIONS)
    return shares.astype(np.float32)


def voted(labels: np.ndarray) -> np.ndarray:
    """Labels, str (n,), as shares, as if nobody had voted: float32 (n, 8)."""
    nobody = np.zeros((len(labels), len(EXPRESSIONS) + len(REFUSALS)), np.float32)
    return shares_of(nobody, labels)


def answers_of(shares: np.ndarray) -> np.ndarray:
    """Shares of LOGITS, float (n, 4): anger, surprise, disgust, fear and contempt are other."""
    return np.column_stack([shares[:, :3], shares[:, 3:].sum(axis=1)])


def labels_at_odds(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which faces show something else to most voters than their label says: bool (n,).

    Args:
        shares: float32 (n, 8).
        labels: str (n,): names of folders.
    """
    named = np.array([*FOLDERS, "contempt"])
    return named[shares.argmax(axis=1)] != labels
