"""The real chain, built once a test session: drawn faces, a trained run, an exported model."""

from dataclasses import dataclass
from pathlib import Path

from data import LabelledFile

ROOT = Path(__file__).resolve().parent.parent.parent
SIDE = 64  # of its images, in pixels; with the usual 150 the training takes eight times as long


@dataclass(frozen=True, slots=True)
class Chain:
    """What `make train` and `make export` made, in a copy of the checkout.

    Of 160 drawn faces a class, seed 0, the exercise's network for SIDE pixels.

    Attributes:
        images: The folder with happy/ and sad/.
        run: The run folder.
        test_files: Images that were not trained on.
    """

    images: Path
    run: Path
    test_files: tuple[LabelledFile, ...]

    @property
    def model_path(self) -> Path:
        """The exported int8 model."""
        return self.run / "model.tflite"
