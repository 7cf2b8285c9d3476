"""Faces of FER2013 and photographs on two local workers, of which one is killed; in files, on S3.

`ARCHIVE_FACES=20000 make test-hosts` takes so many faces, and 500 photographs; usual is a tenth.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.proofs.budget import BUDGET, NoTime
from tests.support.archives import answers_of, rows_of
from tests.support.command import run_module, start_module
from tests.support.object_store import bucket
from tests.support.patience import until
from tests.support.photographs import frames, media
from tests.support.shared import shared

Row = dict[str, Any]
FACES = int(os.environ.get("ARCHIVE_FACES", "2000"))
PHOTOGRAPHS = FACES // 40
SHARDS = 20
VALIDATION = 3000  # faces that the validation part surely has, which is sooner imported
A_PICTURE_S = 0.05  # with two others beside it; photographs take longer than faces


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`faces/`, as the importer writes them, and `photographs/`."""
    part = "train" if FACES > VALIDATION else "validation"
    published = shared(f"datasets/fer2013-{part}.tar.gz")
    if BUDGET.left_s < 3 * FACES * A_PICTURE_S:
        raise NoTime(f"{FACES} faces, three times")
    folder = tmp_path_factory.mktemp("archive")
    done = run_module("data", "import-fer2013", published, "--out", folder / "fer2013")
    assert done.returncode == 0, done.stderr
    found = sorted(each for each in (folder / "fer2013" / part).rglob("*.*") if each.is_file())
    assert len(found) >= FACES
    for path in found[:: len(found) // FACES][:FACES]:
        target = folder / "all" / "faces" / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    (folder / "all" / "photographs").mkdir()
    for number, image in zip(range(PHOTOGRAPHS), photographs(), strict=False):
        path = folder / "all" / "photographs" / f"{number:04}.jpg"
        assert cv2.imwrite(str(path), image)
    return folder / "all"


def photographs() -> Iterator[Any]:
    """Pictures with one person, five or none, each of its own size."""
    stills = [read_image(media(name)) for name in ("single_face.jpg", "multi_face.jpg")]
    moving = [*frames(media("single_face.mp4")), *list(frames(media("no_face.mp4")))[::10]]
    for number in range(PHOTOGRAPHS):
        image = (stills + moving)[number % (len(stills) + len(moving))]
        scale = (400 + 7 * (number % 61)) / max(image.shape[:2])
        yield cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def expected(archive: Path) -> list[Row]:
    """What one process answers, one picture after the other."""
    return answers_of(sorted(archive.rglob("*.*")))


def classify(source: object, out: object, done: Any) -> str:
    """Runs the command with two workers, and kills one when a third of the shards is done.

    Args:
        source: Of the pictures.
        out: For the results.
        done: How many shards are.
    """
    shard = -(-(FACES + PHOTOGRAPHS) // SHARDS)
    words = ("--out", out, "--workers", 2, "--shard", shard, "-m", "faces")
    with start_module("batch", "classify", source, *words, stdout=subprocess.DEVNULL) as client:
        until(lambda: done() >= SHARDS // 3 or client.poll() is not None, "a third", seconds=1800)
        assert client.poll() is None, client.communicate()[1]
        children = psutil.Process(client.pid).children(recursive=True)
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        assert len(workers) == 2
        workers[0].kill()
        before = done()
        said = client.communicate()[1]
        assert client.returncode == 0, said
    assert before < SHARDS
    assert done() == SHARDS
    return said


def parts(out: Path) -> int:
    return len(list(out.glob("[0-9]*.parquet")))


def test_two_workers_one_of_which_is_killed_answer_as_one_machine(
    archive: Path, expected: list[Row], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = classify(archive, out, lambda: parts(out))
    rows = rows_of(out)
    assert len({row["path"] for row in rows}) == FACES + PHOTOGRAPHS
    assert rows == expected
    print(f"\n{len(rows)} rows; {said.splitlines()[-1]}")  # noqa: T201


def test_the_same_with_pictures_and_results_on_s3(archive: Path, expected: list[Row]) -> None:
    with bucket("archive") as files:
        files.put(str(archive), "archive/pictures", recursive=True)

        def parts_there() -> int:
            files.invalidate_cache()
            return len(files.glob("archive/out/[0-9]*.parquet"))

        said = classify("s3://archive/pictures", "s3://archive/out", parts_there)
        rows = rows_of("s3://archive/out")
    for row in rows:
        row["path"] = row["path"].replace("s3://archive/pictures", str(archive))
    assert rows == expected
    print(f"\n{len(rows)} rows; {said.splitlines()[-1]}")  # noqa: T201
