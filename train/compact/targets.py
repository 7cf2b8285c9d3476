"""What the compact network is asked to answer for each training image."""

import numpy as np

from data import ANSWERS, LABELS

EXPRESSIONS = tuple(sorted(LABELS))
# What neutral counts for beside happy and sad. Read off a teacher's shares on the validation part:
# 0 gave AUC 0.9763 and neutral faces at 0.82 in the median, 0.1 gave 0.9760 and 0.66, 0.3 gave
# 0.9747 and 0.59, 1 gave 0.9724 and 0.54.
NEUTRAL_COUNTS = 0.1
HAPPY, SAD, NEUTRAL = (EXPRESSIONS.index(label) for label in ANSWERS)


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Labels, str (n,), as shares: float32 (n, 7), one 1 a row."""
    return (labels[:, np.newaxis] == np.array(EXPRESSIONS)).astype(np.float32)


def p_sad(shares: np.ndarray) -> np.ndarray:
    """What the sigmoid should say of faces with these shares of expressions.

    Sad among happy and sad, and half of what is neutral, so that a neutral face lands in the
    middle; anger, fear, disgust and surprise say nothing of it. Neutral counts for less than the
    two, because a face that is a little sad and mostly neutral should still lean towards sad.

    Args:
        shares: float (n, 7), of EXPRESSIONS, each row with the sum 1.

    Returns:
        float32 (n, 1), 0 to 1; 0.5 where none of the three has a share.
    """
    happy, sad, neutral = shares[:, HAPPY], shares[:, SAD], NEUTRAL_COUNTS * shares[:, NEUTRAL]
    known = happy + sad + neutral
    answers = (sad + neutral / 2 + 1e-6) / (known + 2e-6)
    return answers.astype(np.float32)[:, np.newaxis]


def p_sad_weights(shares: np.ndarray) -> np.ndarray:
    """What each face counts for in the sigmoid's loss: float32 (n,), happy and sad balanced.

    A face counts by its share of happy, sad and neutral; sad faces, fewer in FER2013 than happy
    ones, count for as much as those in all, so that 0.5 is as fair to the one as to the other.
    """
    happy, sad = float(shares[:, HAPPY].sum()), float(shares[:, SAD].sum())
    balance = np.ones(len(EXPRESSIONS))
    balance[HAPPY], balance[SAD] = (happy + sad) / 2 / happy, (happy + sad) / 2 / sad
    balance[NEUTRAL] = NEUTRAL_COUNTS
    counted = [HAPPY, SAD, NEUTRAL]
    return (shares[:, counted] @ balance[counted]).astype(np.float32)
