"""Look-alikes: frames of one sequence, and recompressed, rescaled, brightened or mirrored copies.

A random split puts one frame of a burst into training and the next into the test, and the score
flatters. Groups of look-alikes are what a split may move instead.

Thumbnails are compared by the root mean square (RMS) of their differences, after their brightness
and contrast are made equal. The search misses none: images are sorted along the direction in which
they differ most, those near each other on it are compared by a coarse sketch, whose distance is
never above the RMS, and those with near sketches by their thumbnails.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from data.scan import ScannedImage
from data.thumbnails import Thumbnails

# At a contrast (standard deviation) of 64. Measured: neighbouring frames of one animation differ
# by at most 3.1, two animations of the same cartoon face by 8.7 and more; copies saved as JPEG of
# quality 40 by 3.6 to 4.7 in the middle; any two of 4,000 drawn faces by 30; all the pairs of
# FER2013 faces up to 6, looked at one by one, were the same photograph.
LOOKALIKE_RMS = 6.0
SAME_PICTURE_RMS = 3.0  # copies saved as JPEG of quality 80 differ by 2.0 to 2.3 in the middle
BLOCK = 1024  # images compared at once: 1024 x 1024 distances are 4 MB

Wanted = Callable[[np.ndarray, np.ndarray], np.ndarray]


def count_steps(images: Sequence[ScannedImage]) -> int:
    """How often `group_lookalikes` and `clashing_pairs` each call `progress`."""
    return -(-len(images) // BLOCK)


def group_lookalikes(
    images: Sequence[ScannedImage],
    thumbnails: Thumbnails,
    progress: Callable[[], None] | None = None,
) -> np.ndarray:
    """Numbers the groups of images that look alike, directly or through others between them.

    Groups keep to one label: the first frame of a smile looks like the first frame of a frown, and
    must not tie the classes together.

    Args:
        images: From `data.scan.scan`.
        thumbnails: Thumbnails of these images.
        progress: Called `count_steps` times.

    Returns:
        int64 (n,), the group of each image, numbered from 0 in order of appearance.
    """
    label = _numbered([image.file.label for image in images])
    group = np.arange(len(images))

    def may_join(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (label[one] == label[other]) & (group[one] != group[other])

    members: dict[int, list[int]] = {}  # of the groups of more than one
    for one, others in _close_ones(thumbnails, LOOKALIKE_RMS, may_join, progress):
        numbers = set(group[others].tolist()) | {int(group[one])}
        joined = sorted((members.pop(g, [g]) for g in numbers), key=len)
        largest = joined.pop()  # keeps its number; renaming all images at each step is quadratic
        number = int(group[largest[0]])
        for added in joined:
            group[added] = number
            largest += added
        members[number] = largest
    return _numbered(group.tolist())


def clashing_pairs(
    images: Sequence[ScannedImage],
    thumbnails: Thumbnails,
    progress: Callable[[], None] | None = None,
) -> list[tuple[int, int]]:
    """Finds nearly identical images under two labels: one of the labels is probably wrong.

    Images with the same digest are left out; `data.split` treats those.

    Args:
        images: From `data.scan.scan`.
        thumbnails: Thumbnails of these images.
        progress: Called `count_steps` times.

    Returns:
        Pairs of indices into `images`, sorted, each index in one pair at most.
    """
    label = _numbered([image.file.label for image in images])
    digest = _numbered([image.digest for image in images])
    is_paired = np.zeros(len(images), bool)

    def may_clash(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        differ = (label[one] != label[other]) & (digest[one] != digest[other])
        return differ & ~is_paired[one] & ~is_paired[other]

    pairs = []
    for one, others in _close_ones(thumbnails, SAME_PICTURE_RMS, may_clash, progress):
        other = int(others.min())
        is_paired[[one, other]] = True
        pairs.append((min(one, other), max(one, other)))
    return sorted(pairs)


def _numbered(values: Sequence[object]) -> np.ndarray:
    """Int64 (n,): equal values get equal numbers, from 0 in order of appearance."""
    number = {value: index for index, value in enumerate(dict.fromkeys(values))}
    return np.array([number[value] for value in values], np.int64)


def _close_ones(
    thumbnails: Thumbnails,
    max_rms: float,
    wanted: Wanted,
    progress: Callable[[], None] | None,
) -> Iterator[tuple[int, np.ndarray]]:
    """Yields an image and those within `max_rms` of it, among the pairs still wanted by then."""
    sketches = thumbnails.sketches
    limit = max_rms * np.sqrt(sketches.shape[1])
    along = sketches @ _main_direction(sketches)
    order = np.argsort(along, kind="stable")
    along = along[order]
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        end = np.searchsorted(along, along[start + len(rows) - 1] + limit, side="right")
        for other_start in range(start, end, BLOCK):
            columns = order[other_start : other_start + BLOCK]
            # Rounding in float32 must lose no pair, hence the 1 %.
            near = _squared_distances(sketches[rows], sketches[columns]) <= 1.01 * limit**2
            if other_start == start:
                near = np.triu(near, 1)
            if near.any():
                near &= wanted(rows[:, np.newaxis], columns)
            if near.any():
                yield from _confirmed(thumbnails, max_rms, wanted, rows, columns, near)
        if progress:
            progress()


def _main_direction(sketches: np.ndarray) -> np.ndarray:
    """Float32 (k,): the direction in which the sketches, float32 (n, k), differ most."""
    mean = sketches.mean(axis=0, dtype=np.float64) if len(sketches) else 0.0
    spread = np.zeros((sketches.shape[1], sketches.shape[1]))
    for start in range(0, len(sketches), BLOCK):  # all at once would take 2 kB each
        block = sketches[start : start + BLOCK] - mean
        spread += block.T @ block
    return np.linalg.eigh(spread)[1][:, -1].astype(np.float32)


def _confirmed(
    thumbnails: Thumbnails,
    max_rms: float,
    wanted: Wanted,
    rows: np.ndarray,
    columns: np.ndarray,
    near: np.ndarray,
) -> Iterator[tuple[int, np.ndarray]]:
    """Compares the thumbnails of the pairs with near sketches, as they are and mirrored."""
    has_row, has_column = near.any(axis=1), near.any(axis=0)
    rows, columns = rows[has_row], columns[has_column]
    one, other = thumbnails.levelled(rows), thumbnails.levelled(columns)
    size = one[0].size
    flat = other.reshape(-1, size)
    straight = _squared_distances(one.reshape(-1, size), flat)
    mirrored = _squared_distances(one[:, :, ::-1].reshape(-1, size), flat)
    is_close = near[np.ix_(has_row, has_column)]
    is_close &= np.minimum(straight, mirrored) <= max_rms**2 * size
    for row, close in zip(rows, is_close, strict=True):
        others = columns[close]
        others = others[wanted(row, others)]  # what was yielded may have changed the answer
        if len(others):
            yield int(row), others


def _squared_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Float32 (n, m), between the rows of (n, k) and those of (m, k)."""
    distances = one @ other.T
    distances *= -2  # in place: a new array's memory has to be cleared first
    distances += np.square(one).sum(axis=1)[:, np.newaxis]
    distances += np.square(other).sum(axis=1)
    return distances
