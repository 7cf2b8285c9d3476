"""How long a training takes: ours and the course's script, each from the start of its process."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.child import measured
from train.settings import SIZE, STOP_AT

EPOCHS = 40  # the last one, if the accuracy is not reached before
WHO = {"ours": "bench.ours", "course script": "bench.course"}
FER2013_SIDE, FER2013_EPOCHS = 48, 4
NEVER = 1.0  # an accuracy that no epoch of FER2013 reaches so early


@dataclass(frozen=True, slots=True)
class Training:
    """The trainings of one program.

    Attributes:
        who: A key of WHO.
        data: The last two names of the folder of images.
        images: Trained on.
        side: Of the images, in pixels.
        batch_size: Images a batch.
        seconds: From the start of the process to its end, one for each seed.
        epochs: Of each training.
        accuracy: Of each one's last epoch, on the training images.
        first_epoch_s: Median of the first epochs, which build the graph too.
        epoch_s: Median of all others.
        images_per_s: Images by `epoch_s`.
    """

    who: str
    data: str
    images: int
    side: int
    batch_size: int
    seconds: list[float]
    epochs: list[int]
    accuracy: list[float]
    first_epoch_s: float
    epoch_s: float
    images_per_s: float


def measure_exercise(directory: Path, seeds: Sequence[int]) -> list[Training]:
    """Trains the exercise's network until 99.9 %, both programs in turns.

    Args:
        directory: Holds happy and sad.
        seeds: One training of each with each.
    """
    return _measure(directory, seeds, SIZE, EPOCHS, STOP_AT)


def measure_fer2013(directory: Path) -> list[Training]:
    """Four epochs of the same network on 48x48 pictures; the first one does not count.

    Args:
        directory: Holds happy and sad, of FER2013's training part.
    """
    return _measure(directory, [0], FER2013_SIDE, FER2013_EPOCHS, NEVER)


def _measure(
    directory: Path, seeds: Sequence[int], side: int, epochs: int, level: float
) -> list[Training]:
    found: dict[str, list[tuple[dict[str, list[float]], float]]] = {who: [] for who in WHO}
    images, batch_sizes = {}, {}
    for seed in seeds:
        for who, module in WHO.items():
            figures, seconds = measured(
                module, str(directory), str(seed), str(side), str(epochs), str(level)
            )
            found[who].append((figures, seconds))
            images[who], batch_sizes[who] = figures["images"], figures["batch_size"]
    done = []
    for who, runs in found.items():
        later = [s for figures, _ in runs for s in figures["epoch_s"][1:]]
        epoch_s = float(np.median(later))
        done.append(
            Training(
                who=who,
                data="/".join(directory.parts[-2:]),
                images=images[who],
                side=side,
                batch_size=batch_sizes[who],
                seconds=[seconds for _, seconds in runs],
                epochs=[len(figures["epoch_s"]) for figures, _ in runs],
                accuracy=[figures["accuracy"] for figures, _ in runs],  # type: ignore[misc]
                first_epoch_s=float(np.median([figures["epoch_s"][0] for figures, _ in runs])),
                epoch_s=epoch_s,
                images_per_s=images[who] / epoch_s,
            )
        )
    return done
