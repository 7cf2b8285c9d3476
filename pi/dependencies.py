"""What a wheel needs on another machine: resolved and fetched by the pip of this one."""

import email
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from edge.errors import OutputError, PackageError
from edge.machine.pip import download, download_verified
from edge.machine.temporary import scratch_folder
from pi.pins import check_pinned, pins
from pi.release import Release

EXTRAS = ("web", "mqtt", "metrics")  # that a bundle carries
# It runs from its wheel and is not installed: the Pi needs no python3-venv. For Python 3.10 and up.
PIP = "pip==26.3"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
MAX_ROUNDS = 5  # of which all but the first look for what a marker hid


def fetch_dependencies(wheel: Path, release: Release, folder: Path) -> None:
    """Fetches all that a wheel needs, as wheels for the release, in the pinned versions.

    pip takes the versions that go together, but asks this machine, not the other one, whether a
    requirement such as `numpy<2; platform_machine == 'aarch64'` counts. So it is given those of
    the wheel that count there, and then those of the fetched ones that it left out.

    Args:
        wheel: A pure one.
        release: Of the machine that is to run it.
        folder: Empty; gets the dependencies, not the wheel.

    Raises:
        OutputError: A package has no build for it, cannot be fetched, or is not the pinned file.
    """
    known = pins(release)
    wanted = set(required(wheel, release))
    with scratch_folder() as place:
        constraints = place / "constraints.txt"
        constraints.write_text("".join(f"{pin.requirement}\n" for pin in known.values()))
        for _ in range(MAX_ROUNDS):
            for old in folder.iterdir():
                old.unlink()
            pip_download(sorted(wanted), release, folder, "--constraint", str(constraints))
            fetched = {canonicalize_name(path.name.split("-")[0]) for path in folder.glob("*.whl")}
            missing = {
                requirement
                for path in folder.glob("*.whl")
                for requirement in required(path, release)
                if canonicalize_name(Requirement(requirement).name) not in fetched
            }
            if not missing:
                check_pinned(folder, known)
                return
            wanted |= missing
    raise OutputError(f"the dependencies for {release.name} never come to an end: {wanted}")


def fetch_pip(release: Release, folder: Path) -> None:
    """Fetches the pip that the installer runs from its wheel.

    Raises:
        OutputError: It cannot.
    """
    try:
        with scratch_folder() as place:
            shutil.copy(download_verified(PIP, PIP_SHA256, place), folder)
    except PackageError as error:
        raise OutputError(f"cannot fetch {PIP} for {release.name}: {error}") from error


def pip_download(requirements: list[str], release: Release, folder: Path, *options: str) -> None:
    """Lets pip fetch requirements and theirs, as wheels for the release.

    Args:
        requirements: Such as "numpy<2".
        release: Of the machine that is to run them.
        folder: Where they go.
        options: More of `pip download`.

    Raises:
        OutputError: It cannot; with pip's reason.
    """
    target = ["--implementation", "cp", "--python-version", release.python]
    for platform in release.platforms:
        target += ["--platform", platform]
    try:
        download(requirements, folder, *target, *options)
    except PackageError as error:
        raise OutputError(f"cannot fetch the packages for {release.name}: {error}") from error


def required(wheel: Path, release: Release) -> Iterator[str]:
    """What a wheel requires on a machine with this release; of ours also for EXTRAS."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = email.message_from_bytes(archive.read(name))
    extras = ("", *EXTRAS) if metadata["Name"] == "happysad" else ("",)
    # What is not in the markers is taken from this machine.
    environments = [release.markers | {"extra": extra} for extra in extras]
    for text in metadata.get_all("Requires-Dist") or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(map(requirement.marker.evaluate, environments)):
            requirement.marker = None
            yield str(requirement)
