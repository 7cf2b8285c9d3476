"""Batches of varied faces with soft labels, for the compact networks."""

from collections.abc import Mapping

import keras
import numpy as np

from train.compact.variation import vary
from train.compact.views import view

MIXUP = 0.2  # alpha of Zhang et al. 2018, mixup: Beyond Empirical Risk Minimization
MIXED = 0.5  # share of the faces that are blended at all


class ExpressionBatches(keras.utils.PyDataset):
    """Batches of (pixels, targets, weights), varied and mixed anew in every epoch.

    Mixup: an image is blended with another of the batch, and so are their targets; most pairs
    are blended a little only. It keeps the network from learning wrong labels by heart.
    """

    def __init__(
        self,
        pixels: np.ndarray,
        targets: Mapping[str, np.ndarray],
        weights: Mapping[str, np.ndarray],
        *,
        batch_size: int,
        seed: int,
        epoch: int = 0,
    ) -> None:
        """Takes decoded faces.

        Args:
            pixels: uint8 (n, height, width, 1), gray.
            targets: What each output should be, float32 (n, units), by its name; or (views, n,
                units), where each of several views of a face has its own. Then these views are
                shown in turn, mirrored or not, instead of a new variation every time.
            weights: What each image counts for in each output, float32 (n,), by its name.
            batch_size: Images a batch; what is left over at the end of an epoch is not shown.
            seed: Seed of order, variation and mixing.
            epoch: The first one to give, when a training is resumed.
        """
        super().__init__()
        self._pixels = pixels
        self._targets = dict(targets)
        self._views = max(len(each) if each.ndim == 3 else 0 for each in targets.values())
        self._weights = dict(weights)
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = epoch - 1
        self.on_epoch_end()

    def __len__(self) -> int:
        """Batches in an epoch."""
        return len(self._pixels) // self._batch_size

    def __getitem__(
        self, number: int
    ) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]:
        """One batch: float32 (n, height, width, 1), 0 to 255; targets; weights."""
        rng = np.random.default_rng([self._seed, self._epoch, number])
        chosen = self._order[number * self._batch_size : (number + 1) * self._batch_size]
        numbers = (chosen + self._epoch) % max(self._views, 1)
        faces = np.stack(
            [self._seen(i, number, rng) for i, number in zip(chosen, numbers, strict=True)]
        )
        faces = faces[..., np.newaxis].astype(np.float32)
        other = rng.permutation(len(chosen))
        share = rng.beta(MIXUP, MIXUP, len(chosen)).astype(np.float32)
        share = np.where(rng.random(len(chosen)) < MIXED, np.maximum(share, 1 - share), 1)
        share = share.astype(np.float32)

        def mix(values: np.ndarray) -> np.ndarray:
            mine = share.reshape(-1, *[1] * (values.ndim - 1))
            return mine * values + (1 - mine) * values[other]

        targets, weights = {}, {}
        for name, values in self._targets.items():
            weight = self._weights[name][chosen]
            weights[name] = mix(weight)
            # A blend's target counts each image for what it weighs.
            total = np.maximum(weights[name], 1e-6)[:, np.newaxis]
            asked = values[numbers, chosen] if values.ndim == 3 else values[chosen]
            targets[name] = mix(asked * weight[:, np.newaxis]) / total
        return mix(faces), targets, weights

    def _seen(self, index: int, number: int, rng: np.random.Generator) -> np.ndarray:
        face = self._pixels[index, :, :, 0]
        if not self._views:
            return vary(face, rng)
        return view(face, index, number)[:, :: rng.choice([1, -1])]

    def on_epoch_end(self) -> None:
        """Chooses the order of the next epoch; Keras calls it."""
        self._epoch += 1
        self._order = np.random.default_rng([self._seed, self._epoch]).permutation(
            len(self._pixels)
        )
