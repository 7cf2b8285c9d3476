"""The bundle: one archive from which a Raspberry Pi installs without any network."""

import hashlib
import io
import tarfile
from pathlib import Path

from edge.machine.output_file import replacing
from edge.machine.temporary import scratch_folder
from edge.service.unit import NAME as UNIT_NAME
from edge.service.unit import Unit, unit_text
from pi.dependencies import fetch_dependencies, fetch_pip
from pi.release import Release
from pi.wheel import DIST

INSTALLER = Path(__file__).with_name("install.sh")


def build_bundle(release: Release, wheel: Path, out: Path = DIST) -> Path:
    """Fetches what the release needs and packs it with the installer and checksums.

    Args:
        release: Of Raspberry Pi OS, 64-bit.
        wheel: As `build_wheel` makes it.
        out: The folder for the archive.

    Returns:
        The archive: NAME.tar.gz with the one folder NAME.

    Raises:
        OutputError: A package cannot be fetched, or the archive not be written.
    """
    version = wheel.name.split("-")[1]
    path = out / f"happysad-{version}-{release.name}.tar.gz"
    with scratch_folder() as wheels:
        fetch_dependencies(wheel, release, wheels)
        fetch_pip(release, wheels)
        files = {f"wheels/{file.name}": file.read_bytes() for file in wheels.glob("*.whl")}
    files[f"wheels/{wheel.name}"] = wheel.read_bytes()
    files[UNIT_NAME] = unit_text(Unit()).encode()
    files["release"] = release.text().encode()
    files[INSTALLER.name] = INSTALLER.read_bytes()
    sums = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files["SHA256SUMS"] = "".join(sums).encode()
    with replacing(path) as temporary, tarfile.open(temporary, "w:gz") as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(f"{path.name.removesuffix('.tar.gz')}/{name}")
            entry.size, entry.mode = len(files[name]), 0o755 if name.endswith(".sh") else 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return path
