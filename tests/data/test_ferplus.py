"""FER+ in its two forms: what an import makes of it, and what is refused."""

import pytest

from data import LABELS, DatasetError, load_dataset
from data.importer.importer import import_fer2013
from data.votes import COLUMNS, read_votes
from edge.images.preprocess import InputSpec
from tests.support.command import run_module
from tests.support.fer2013 import USAGES, image_files, put, put_csv, some_rows

SPEC = InputSpec(48, 48, 1)
FERPLUS = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
NAMES = FERPLUS.split(",")


def votes_for(number):
    """Ten votes: most for one column, which differs from picture to picture."""
    counts = dict.fromkeys(NAMES, 0)
    counts[NAMES[number % 7]] += 7
    counts[NAMES[(number + 1) % 10]] += 3
    return counts


def numbers(counts):
    return ",".join(str(counts[name]) for name in NAMES)


def by_row(path, rows, change=None):
    """As fer2013new.csv; `change` may replace the votes of some rows."""
    lines = [f"Usage,Image name,{FERPLUS}"]
    for number, (usage, _, _) in enumerate(rows):
        counts = (change or {}).get(number) or votes_for(number)
        lines.append(f"{usage},fer{number:07d}.png,{numbers(counts)}")
    path.write_text("\r\n".join(lines) + "\r\n")
    return path


def by_name(path, rows, skip=()):
    lines = [f"file,copies,{FERPLUS}"]
    for number, (usage, label, _) in enumerate(rows):
        if number not in skip:
            file = f"{USAGES[usage]}/{label}/{number}.png"
            lines.append(f"{file},1,{numbers(votes_for(number))}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.mark.parametrize("form", ["rows", "names"])
def test_every_picture_gets_its_votes(tmp_path, out, form):
    rows = some_rows()
    if form == "rows":
        source = put_csv(tmp_path / "fer2013.csv", rows)
        votes = by_row(tmp_path / "fer2013new.csv", rows)
    else:
        source = put(tmp_path / "set", image_files(rows, "{part}/{label}/{number}.png"))
        votes = by_name(tmp_path / "votes.csv", rows)
    report = import_fer2013([source], out, votes=votes)
    assert (report.sources[-1].name, report.sources[-1].pictures) == (votes.name, len(rows))
    dataset = load_dataset(out, SPEC, labels=LABELS, fill_parts=False)
    expected = {pixels.tobytes(): votes_for(n) for n, (_, _, pixels) in enumerate(rows)}
    found = 0
    for part in dataset.parts:
        assert part.votes.shape == (len(part.paths), len(COLUMNS))
        for pixels, counts in zip(part.pixels, part.votes, strict=True):
            assert dict(zip(COLUMNS, counts.tolist(), strict=True)) == expected[pixels.tobytes()]
            found += 1
        narrowed = part.of("sad")
        assert narrowed.votes.tolist() == part.votes[part.labels == "sad"].tolist()
    assert found == len(rows)


def test_what_most_voters_took_for_no_face_is_left_out_and_counted(tmp_path, out):
    rows = some_rows()
    no_face = dict.fromkeys(NAMES, 0) | {"NF": 4, "unknown": 2, "happiness": 4}
    a_tie = dict.fromkeys(NAMES, 0) | {"NF": 5, "happiness": 5}
    source = put_csv(tmp_path / "fer2013.csv", rows)
    votes = by_row(tmp_path / "fer2013new.csv", rows, {0: no_face, 1: a_tie})
    report = import_fer2013([source], out, votes=votes)
    assert report.left_out["no face to most voters"] == {"train": 1, "validation": 0, "test": 0}
    assert [(d.picture, d.reason) for d in report.dropped] == [("line 2", "no face to most voters")]
    assert report.images["train"]["happy"] == 4
    assert "train/happy/line-00002.png" not in read_votes(out)
    assert "train/happy/line-00003.png" in read_votes(out)


def test_pictures_without_votes_are_counted(tmp_path, out):
    rows = some_rows()
    source = put(tmp_path / "set", image_files(rows, "{part}/{label}/{number}.png"))
    votes = by_name(tmp_path / "votes.csv", rows, skip={0, 5})
    report = import_fer2013([source], out, votes=votes)
    assert "2 of the images have no votes in votes.csv" in report.notes
    train = load_dataset(out, SPEC, fill_parts=False).train
    without = [path.name for path, votes in zip(train.paths, train.votes, strict=True)
               if not votes.any()]  # fmt: skip
    assert sorted(without) == ["0.png", "5.png"]


def test_votes_of_another_file_are_refused_with_the_row(tmp_path, out):
    rows = some_rows()
    source = put_csv(tmp_path / "fer2013.csv", rows)
    votes = tmp_path / "fer2013new.csv"
    cases = [
        (rows[:-1], f"{votes} ends before row {len(rows)} of {source}"),
        ([*rows, rows[0]], f"{votes} has {len(rows) + 1} rows and the pictures end with row"),
        ([rows[-1], *rows[1:]], f"{votes}, row 1: Usage differs from that in {source}"),
    ]
    for changed, message in cases:
        by_row(votes, changed)
        with pytest.raises(DatasetError) as error:
            import_fer2013([source], out, votes=votes)
        assert str(error.value).startswith(message)
        assert not out.exists()


def test_votes_that_cannot_belong_to_the_pictures_are_refused(tmp_path, out):
    rows = some_rows()
    images = put(tmp_path / "set", image_files(rows, "{part}/{label}/{number}.png"))
    votes = by_row(tmp_path / "fer2013new.csv", rows)
    with pytest.raises(DatasetError, match="has the votes by the rows of fer2013.csv"):
        import_fer2013([images], out, votes=votes)
    half = len(rows) // 2
    halves = [put_csv(tmp_path / "a.csv", rows[:half]), put_csv(tmp_path / "b.csv", rows[half:])]
    with pytest.raises(DatasetError, match="of one fer2013.csv: import it alone"):
        import_fer2013(halves, out, votes=votes)
    votes.write_text(votes.read_text().replace(",7,", ",seven,", 1))
    with pytest.raises(DatasetError, match=r"fer2013new.csv, line 2: expected whole numbers"):
        import_fer2013([images], out, votes=votes)
    votes.write_text("file,happy,sad\n")
    with pytest.raises(DatasetError, match="line 1 does not name the columns NF, anger, contempt"):
        import_fer2013([images], out, votes=votes)


def test_the_command_takes_votes(tmp_path, out):
    rows = some_rows()
    source = put_csv(tmp_path / "fer2013.csv", rows)
    votes = by_row(tmp_path / "fer2013new.csv", rows)
    command = ("data", "import-fer2013", source, "--out", out)
    done = run_module(*command, "--votes", votes, check=True)
    assert "left out: no face to most voters" in done.stdout
    assert len(read_votes(out)) == len(rows)
    again = run_module(*command, "--overwrite")
    assert again.returncode == 0, again.stderr
    assert read_votes(out) == {}
