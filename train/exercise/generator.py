"""Batches of labelled images for Keras."""

from pathlib import Path

import keras
import numpy as np

from data import CLASSES, PARTS, Part, default_directory, load_dataset
from edge.images.preprocess import InputSpec
from edge.machine.opencv import cv2
from train.settings import BATCH_SIZE, SIZE


class ImageBatches(keras.utils.PyDataset):
    """Batches of (pixels, labels), shuffled anew in every epoch; the images stay in memory.

    Attributes:
        samples: Number of images.
        class_indices: {"happy": 0, "sad": 1}, as `flow_from_directory` gives it.
        filenames: The files, in the order of `labels`.
        labels: float32 (samples,), 1 for sad.
        image_shape: (height, width, channels), as `flow_from_directory` gives it.
        pixels: uint8 (samples, height, width, channels).
        batch_size: Images a batch; the last one may hold fewer.
        shuffles: Whether every epoch has its own order.
        augments: Whether every image is varied each time that it is shown.
        seed: Seed of order and variation.
    """

    def __init__(
        self,
        part: Part,
        *,
        batch_size: int = BATCH_SIZE,
        shuffle: bool = True,
        augment: bool = False,
        seed: int = 0,
    ) -> None:
        """Takes decoded images.

        Args:
            part: The images of one part of a dataset.
            batch_size: Images a batch; the last one may hold fewer.
            shuffle: A new order in every epoch; the same orders for the same seed.
            augment: Show every image a little changed, and differently in every epoch: mirrored,
                turned by up to 10 degrees, moved and scaled by up to 10 %, brighter or darker.
            seed: Seed of the order and the changes.
        """
        super().__init__()
        part = part.of(*CLASSES)
        self.samples = len(part.pixels)
        self.class_indices = {label: index for index, label in enumerate(CLASSES)}
        self.filenames = [str(path) for path in part.paths]
        self.labels = part.is_sad.astype(np.float32)
        self.image_shape = part.pixels.shape[1:]
        self.batch_size = batch_size
        self.pixels = part.pixels
        self.shuffles = shuffle
        self.augments = augment
        self.seed = seed
        self._rng = np.random.default_rng(seed)
        self._order = np.arange(self.samples)
        self.on_epoch_end()

    def __len__(self) -> int:
        """Batches in an epoch."""
        return -(-self.samples // self.batch_size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """One batch: pixels uint8 (n, height, width, channels), labels float32 (n,)."""
        chosen = self._order[number * self.batch_size : (number + 1) * self.batch_size]
        pixels = self.pixels[chosen]
        if self.augments:
            pixels = np.stack([_vary(image, self._rng) for image in pixels])
        return pixels, self.labels[chosen]

    def on_epoch_end(self) -> None:
        """Chooses the order of the next epoch; Keras calls it."""
        if self.shuffles:
            self._order = self._rng.permutation(self.samples)


def image_generator(
    directory: str | Path | None = None,
    *,
    part: str = "train",
    size: int = SIZE,
    batch_size: int = BATCH_SIZE,
    shuffle: bool = True,
    augment: bool = False,
    seed: int = 0,
) -> ImageBatches:
    """Batches of labelled images, decoded once.

    It stands where the course's exercise has Keras's `ImageDataGenerator`, which is deprecated:

        ImageDataGenerator(                     image_generator(
            rescale=1 / 255,                        # the model's first layer does it
            horizontal_flip=True, ...               augment=True,
        ).flow_from_directory(
            "data",                                 "data",
            target_size=(150, 150),                 size=150,
            batch_size=10,                          batch_size=10,
            class_mode="binary",                    # always: happy is 0, sad is 1
        )                                       )

    Every image is decoded once, not once an epoch; files that cannot be decoded are left out.

    Args:
        directory: Holds `happy` and `sad`, or `train`, `validation` and `test` with these inside;
            if left out, the project's `data` folder, or drawn faces if that holds no images.
        part: "train", "validation" or "test", see `data.split`. Images that look alike are in
            the same part, so that a test is one.
        size: Width and height that the images are stretched to.
        batch_size: Images a batch.
        shuffle: Whether every epoch has its own order.
        augment: Whether images are varied, see `ImageBatches`.
        seed: Seed of order and variation.

    Returns:
        Batches of pixels (uint8, RGB, 0 to 255) and labels (float32, 0 happy, 1 sad).

    Raises:
        DatasetError: The folder is missing, or a class holds no image that can be decoded.
        ValueError: There is no such part.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {PARTS}, received {part!r}")
    dataset = load_dataset(Path(directory or default_directory()), InputSpec(size, size, 3))
    return ImageBatches(
        dataset.parts[PARTS.index(part)],
        batch_size=batch_size,
        shuffle=shuffle,
        augment=augment,
        seed=seed,
    )


def _vary(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The image mirrored, turned, moved, scaled and lit differently, within the limits above."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D(
        (width / 2, height / 2), rng.uniform(-10, 10), rng.uniform(0.9, 1.1)
    )
    turn[:, 2] += rng.uniform(-0.1, 0.1, 2) * np.array([width, height])
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    varied = cv2.warpAffine(
        np.ascontiguousarray(pixels), turn, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    # addWeighted cuts off at 0 and 255; convertScaleAbs would turn what falls below 0 light again.
    light = cv2.addWeighted(varied, rng.uniform(0.8, 1.2), varied, 0, rng.uniform(-20, 20))
    return light.reshape(pixels.shape)
