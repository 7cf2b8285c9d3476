"""The bundles that are put to the proof, unpacked, and others made of them."""

import hashlib
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.proofs.budget import run
from tests.support.chain import ROOT


def make_bundle(release: str, out: Path) -> Path:
    """What `make bundle` makes, with the shipped model; skipped where the packages are not got.

    Args:
        release: "bookworm" or "trixie".
        out: The folder for the archive.
    """
    words = ("bundle", release, "--model", "faces", "--out", out)
    done = run(sys.executable, "-m", "pi", *words, cwd=ROOT)
    if "cannot fetch" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def unpacked(archive: Path, folder: Path) -> Path:
    """The bundle's folder, in another one."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def reseal(bundle: Path) -> None:
    """Makes the checksums right again after a change: it is another version then."""
    sums = bundle / "SHA256SUMS"
    names = [line.split("  ")[1] for line in sums.read_text().splitlines()]
    hashes = [hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in names]
    sums.write_text("".join(f"{sha}  {name}\n" for sha, name in zip(hashes, names, strict=True)))


def our_wheel(bundle: Path) -> Path:
    """The wheel of this project in a bundle."""
    (wheel,) = (bundle / "wheels").glob("happysad-*.whl")
    return wheel


def with_damaged_model(wheel: Path) -> None:
    """Takes the last byte off the wheel's model."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content[:-1] if name.endswith("/faces.tflite") else content)


def pins(bundle: Path) -> list[str]:
    """The packages in a bundle that are not ours, as requirements: "numpy==1.26.4"."""
    names = [path.name.split("-")[:2] for path in sorted((bundle / "wheels").glob("*.whl"))]
    return [f"{name}=={version}" for name, version in names if name not in ("happysad", "pip")]
