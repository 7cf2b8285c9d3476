"""A bundle for this very machine, and its installer run as a user runs it."""

import os
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from edge.errors import OutputError
from pi.bundle import build_bundle
from pi.release import Release

HERE = Release(
    "here", ".".join(platform.python_version_tuple()[:2]),
    int(platform.libc_ver()[1].split(".")[1]), platform.machine(),
)  # fmt: skip


def unpacked(wheel: Path, folder: Path) -> Path:
    """A bundle of a wheel for this machine, unpacked; the test is skipped without an index."""
    try:
        archive = build_bundle(HERE, wheel, folder)
    except OutputError as error:
        pytest.skip(f"no package index: {error}")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def install(
    folder: Path, home: Path, *options: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs an installer of the bundle as one would, into a home of its own."""
    places = ["--prefix", str(home / "app"), "--bin", str(home / "bin")]
    # Of pytest's own environment nothing may get in.
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    environment |= variables
    return subprocess.run(
        ["sh", str(folder / "install.sh"), *places, *options],
        cwd="/", env=environment, capture_output=True, text=True,
    )  # fmt: skip


def resummed(folder: Path) -> None:
    """Makes its checksums right again."""
    command = "rm SHA256SUMS; sha256sum $(find * -type f) > .sums; mv .sums SHA256SUMS"
    subprocess.run(command, shell=True, cwd=folder, check=True)


def restamped(bundle: Path, copy: Path) -> Path:
    """The bundle as a later version of itself: with one more file, which is another checksum."""
    shutil.copytree(bundle, copy)
    (copy / "news.txt").write_text("later")
    sums = subprocess.run("sha256sum news.txt >> SHA256SUMS", shell=True, cwd=copy, check=True)
    assert sums.returncode == 0
    return copy


def current(home: Path) -> str:
    return (home / "app" / "current").readlink().name
