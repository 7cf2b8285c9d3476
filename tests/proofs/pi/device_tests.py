"""The project's tests of the device, to be run on an emulated Pi against what is installed there.

They are those of `tests/` that need neither TensorFlow nor pip nor a network. Left out are those
that take long under emulation, and one of what the emulator does otherwise.
"""

import shutil
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from pi.dependencies import pip_download
from pi.release import Release
from tests.support.chain import ROOT
from tests.support.photographs import KEPT
from tests.support.shared import SHARED

MODULES = (
    "machine/test_board", "doctor/test_doctor", "faces/test_faces", "images/test_image_file",
    "live/test_answers", "model/test_model_store", "camera/test_pi_cameras", "camera/test_v4l2",
)  # fmt: skip
LEFT_OUT = (
    "test_no_face_is_found_in_a_cartoon_without_people",
    "test_the_one_face_is_found_in_every_frame_of_a_video",
    "test_following_gives_the_answers_of_looking_at_every_frame",
    "test_the_live_runner_falls_back_too_and_says_so_as_json_for_a_service",
    "test_a_face_that_stays_away_is_forgotten_after_the_grace",
    "test_a_face_keeps_its_number_through_a_gap_shorter_than_the_grace",
    "test_a_child_that_cannot_start_says_why",  # QEMU's vfork is a fork: the reason comes late
)
PURE = ("pytest", "pluggy", "iniconfig", "packaging")  # the same files on every machine
BINARY = "pillow"


def put_tests(folder: Path, release: Release) -> None:
    """Fills a new folder with the tests and what they use; `edge` is what `command` links there.

    Args:
        folder: To be made.
        release: Of the system that they are for.

    Raises:
        OutputError: Pillow cannot be fetched for it.
    """
    for package in ("tests", "data"):  # the second one draws faces for the first
        skipped = shutil.ignore_patterns("proofs", "__pycache__", "fer2013", "drawn")
        shutil.copytree(ROOT / package, folder / package, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for source, target in ((KEPT, KEPT.relative_to(ROOT)), (SHARED / "media", "../shared/media")):
        if source.exists():
            shutil.copytree(source, folder / target)
    for name in PURE:
        for file in distribution(name).files or []:
            if file.suffix != ".pyc" and ".." not in file.parts:
                path = folder / "packages" / file
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), path)
    pip_download([BINARY], release, folder / "wheels")
    with zipfile.ZipFile(next((folder / "wheels").glob("*.whl"))) as wheel:
        wheel.extractall(folder / "packages")


def command(python: str) -> str:
    """The shell's command that runs them, in the folder that `put_tests` filled."""
    modules = " ".join(f"tests/edge/{name}.py" for name in MODULES)
    find = "import happysad, pathlib; print(pathlib.Path(happysad.__file__).parent)"
    left_out = " or ".join(LEFT_OUT)
    return (
        f'ln -sfn "$({python} -c "{find}")" edge && '
        f"PYTHONPATH=packages {python} -m pytest -q -p no:cacheprovider {modules} "
        f"-k 'not ({left_out})'"
    )
