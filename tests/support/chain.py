"""The real chain, built once a test session: drawn faces, a trained run, an exported model."""

from dataclasses import dataclass
from pathlib import Path

from data import LabelledFile

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Chain:
    """What `make demo` made, in a copy of the checkout: of 160 drawn faces a class, seed 0.

    Attributes:
        images: The folder with happy/ and sad/.
        run: The run folder.
        test_files: Images that were not trained on.
        said: What it printed to stdout.
    """

    images: Path
    run: Path
    test_files: tuple[LabelledFile, ...]
    said: str

    @property
    def model_path(self) -> Path:
        """The exported int8 model."""
        return self.run / "model.tflite"
