"""What a run does with every picture: the same for each worker."""

from dataclasses import dataclass, field
from pathlib import Path

from batch.address import is_local
from edge.faces.files import Crop, Range
from edge.library import Faces, load
from edge.model.choice import candidates
from edge.model.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Job:
    """How pictures are found and answered; sent to workers with each task.

    Attributes:
        model: As the user named it; None for the one in use, as of `happysad classify`.
        crop: As of `happysad.load`.
        detector: As of `happysad.load`.
        threads: As of `happysad.load`.
        runtime: As of `happysad.load`.
        directory: Relative paths begin there.
        root: What holds the pictures, which a worker must see; None where each has its own address.
            It may hold a login, so nothing shows it.
        is_archive: Whether `root` is a tar or zip.
    """

    model: str | None
    crop: Crop | None
    detector: Range
    threads: int
    runtime: Runtime
    directory: str
    root: str | None = field(repr=False)
    is_archive: bool

    def place(self, address: str) -> str:
        """An address as it is opened: a local path absolute."""
        return str(Path(self.directory, address)) if is_local(address) else address

    def load(self) -> tuple[Faces, bytes]:
        """The model ready to answer, and the content of its file.

        Raises:
            HappySadError: It cannot be used here.
        """
        path = candidates(Path(self.model) if self.model else None)[0]
        options = {"threads": self.threads, "runtime": self.runtime}
        faces = load(path, detector=self.detector, crop=self.crop, **options)  # type: ignore
        return faces, path.read_bytes()
