"""Votes on faces: read from beside the folders, and refused where they are damaged."""

from pathlib import Path

import numpy as np
import pytest

from data import CLASSES, load_dataset, load_listing, write_listing
from data.drawing import draw_set
from data.errors import DatasetError
from data.votes import COLUMNS, VOTES, agreed_labels, is_judged, read_votes, votes_on
from edge.images.preprocess import InputSpec

# As FER+ circulates by file name: columns in another order than ours, and one more.
HEAD = "file,copies,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def write(directory: Path, *rows: str, head: str = HEAD) -> None:
    (directory / VOTES).write_text("\n".join([head, *rows]) + "\n")


def test_votes_are_found_by_the_name_of_the_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        "train/happy/1.png,1,2,8,0,0,0,0,0,0,0,0",
        "train/sad/a b.png,1,0,0,0,9,0,0,0,0,1,0",
    )
    votes = read_votes(tmp_path)
    paths = [tmp_path / "train/sad/a b.png", tmp_path / "train/sad/2.png"]
    on_them = votes_on(paths, tmp_path, votes)
    assert on_them.shape == (2, len(COLUMNS))
    assert dict(zip(COLUMNS, on_them[0], strict=True)) == {
        **dict.fromkeys(COLUMNS, 0), "sadness": 9, "unknown": 1,
    }  # fmt: skip
    assert not on_them[1].any()
    assert votes["train/happy/1.png"].tolist() == [8, 0, 2, 0, 0, 0, 0, 0, 0, 0]


def test_a_dataset_without_votes_has_none(tmp_path: Path) -> None:
    assert read_votes(tmp_path) == {}
    assert votes_on([], tmp_path, {}).shape == (0, 10)


def test_faces_that_most_could_not_tell_are_not_judged() -> None:
    seen = np.zeros((4, 10), np.float32)
    seen[0, COLUMNS.index("sadness")] = 4
    seen[0, COLUMNS.index("unknown")] = 3
    seen[1, COLUMNS.index("sadness")] = seen[1, COLUMNS.index("unknown")] = 5
    seen[2, COLUMNS.index("NF")] = 10
    assert is_judged(seen).tolist() == [True, False, False, False]


def test_six_of_ten_agree_on_a_clear_face() -> None:
    seen = np.zeros((5, 10), np.float32)
    seen[0, [COLUMNS.index("sadness"), COLUMNS.index("neutral")]] = 6, 4
    seen[1, [COLUMNS.index("sadness"), COLUMNS.index("neutral")]] = 5, 5
    seen[2, COLUMNS.index("contempt")] = 10
    seen[3, COLUMNS.index("NF")] = 10
    assert agreed_labels(seen).tolist() == ["sad", "", "", "", ""]


def test_a_run_finds_the_votes_again_and_goes_by_what_people_see(tmp_path: Path) -> None:
    draw_set(tmp_path / "set" / "train", per_class=3)
    draw_set(tmp_path / "set" / "validation", per_class=2, seed=1)
    happy, sad = (sorted((tmp_path / "set" / "validation" / each).iterdir()) for each in CLASSES)
    write(
        tmp_path / "set",
        f"validation/happy/{happy[0].name},1,8,2,0,0,0,0,0,0,0,0",
        f"validation/sad/{sad[0].name},1,0,0,0,10,0,0,0,0,0,0",
        f"validation/sad/{sad[1].name},1,5,0,0,5,0,0,0,0,0,0",
    )
    spec = InputSpec(16, 16, 1)
    dataset = load_dataset(tmp_path / "set", spec, fill_parts=False)
    write_listing(tmp_path / "images.csv", dataset)
    again = load_listing(
        tmp_path / "images.csv", spec, dataset.fingerprint, directory=tmp_path / "set"
    )
    assert (again[1].votes == dataset.validation.votes).all()
    clear = again[1].clear()
    assert [path.name for path in clear.paths] == [happy[0].name, sad[0].name]
    assert clear.labels.tolist() == ["neutral", "sad"]
    train = again[0].clear()  # nobody voted on these
    (tmp_path / "set" / VOTES).unlink()
    with pytest.raises(DatasetError, match="or the votes on them, have changed since"):
        load_listing(tmp_path / "images.csv", spec, dataset.fingerprint, directory=tmp_path / "set")
    assert train.labels.tolist() == ["happy"] * 3 + ["sad"] * 3


def test_files_outside_the_dataset_have_no_votes(tmp_path: Path) -> None:
    seen = {"train/sad/1.png": np.ones(10, np.float32)}
    assert not votes_on([tmp_path / "1.png"], tmp_path / "set", seen).any()


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["train/sad/1.png,1,2,8,0,0,0,0,0,0,0,0", "train/sad/2.png,1,2,8"], "line 3: votes are"),
        (["train/sad/1.png,1,2,eight,0,0,0,0,0,0,0,0"], "line 2: votes are whole numbers"),
        (["train/sad/1.png,1,0,0,0,0,0,0,0,0,0,0"], "line 2: no votes"),
        (["train/sad/1.png,1,-2,8,0,0,0,0,0,0,0,0"], "line 2: no votes, or fewer than none"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(
    rows: list[str], complaint: str, tmp_path: Path
) -> None:
    write(tmp_path, *rows)
    with pytest.raises(DatasetError, match=complaint):
        read_votes(tmp_path)


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    write(tmp_path, head=HEAD.replace(",contempt", ""))
    with pytest.raises(DatasetError, match="line 1: no column contempt"):
        read_votes(tmp_path)
