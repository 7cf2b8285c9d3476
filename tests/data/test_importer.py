"""Importing FER2013: every form in which it circulates, what is left out, and what is refused."""

import hashlib
import json
import re
import resource
import signal
import stat
import subprocess
import tarfile
import time
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from data import ANSWERS, DatasetError, load_dataset
from data.check import check
from data.importer.csv_rows import CSV_EXPRESSIONS
from data.importer.importer import import_fer2013
from data.importer.report import import_text
from data.split import CONTRADICTORY, HELD_OUT_TOO
from edge.images.image_file import read_image
from edge.images.preprocess import InputSpec
from edge.machine.opencv import cv2
from tests.support.command import run_module, start_module
from tests.support.fer2013 import (
    COUNTS,
    USAGES,
    csv_text,
    face,
    image_files,
    png,
    put,
    put_csv,
    put_tar,
    put_zip,
    some_rows,
)

FORMS = {
    "CSV": lambda p, rows: put_csv(p / "fer2013.csv", rows),
    "CSV in the other spelling": lambda p, rows: put_csv(
        p / "icml_face_data.csv", rows, header="emotion, Usage, pixels"
    ),
    "CSV as Windows has it": lambda p, rows: (
        put(p, {"f.csv": b"\xef\xbb\xbf" + csv_text(rows).replace("\n", "\r\n").encode()}) / "f.csv"
    ),
    "CSV without a last newline": lambda p, rows: (
        put(p, {"f.csv": csv_text(rows).rstrip().encode()}) / "f.csv"
    ),
    "folders": lambda p, rows: put(p, image_files(rows, "{part}/{label}/{number}.png")),
    "folders of the set's own names": lambda p, rows: put(
        p,
        image_files(
            rows,
            "a/b/{part}/{label}/{number}.PNG",
            parts={
                "Training": "Training",
                "PublicTest": "PublicTest",
                "PrivateTest": "PRIVATETEST",
            },
            labels={"happy": "Happy", "fear": "fearful", "disgust": "Disgusted", "angry": "Anger"},
        ),
    ),
    "folder with val": lambda p, rows: put(
        p,
        image_files(rows, parts={**USAGES, "PublicTest": "val"}, labels={"surprise": "surprised"}),
    ),
    "folder with a CSV": lambda p, rows: put(p, {"fer/fer2013.csv": csv_text(rows).encode()}),
    "tar.gz of images": lambda p, rows: put_tar(p / "f.tar.gz", image_files(rows)),
    "tar of images": lambda p, rows: put_tar(p / "f.tar", image_files(rows), "w"),
    "zip of images": lambda p, rows: put_zip(p / "f.zip", image_files(rows)),
    "tgz of a CSV": lambda p, rows: put_tar(
        p / "f.tgz", {"fer2013/README": b"about", "fer2013/fer2013.csv": csv_text(rows).encode()}
    ),
    "zip of a CSV beside others": lambda p, rows: put_zip(
        p / "f.zip",
        {"train.csv": b"emotion,pixels\n0,1 2 3\n", "icml.csv": csv_text(rows).encode()},
    ),
}


def expected(rows, expressions=CSV_EXPRESSIONS):
    """Pixels by part and label, sorted."""
    images = {}
    for usage, label, pixels in rows:
        if label in expressions:
            images.setdefault((USAGES[usage], label), []).append(pixels.tobytes())
    return {place: sorted(pixels) for place, pixels in images.items()}


def written(out):
    images = {}
    for path in out.rglob("*.*"):
        if path.name != "import.json":
            part, label, _ = path.relative_to(out).parts
            images.setdefault((part, label), []).append(read_image(path)[..., 0].tobytes())
    return {place: sorted(pixels) for place, pixels in images.items()}


def refuses(message):
    return pytest.raises(DatasetError, match=f"^{re.escape(message)}$")


def run(*arguments, **options):
    return run_module("data", "import-fer2013", *arguments, **options)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


@pytest.fixture
def out(tmp_path):
    """The folder to make; afterwards there is nothing beside it that was not there before."""
    yield tmp_path / "results" / "out"
    assert not list(tmp_path.glob("results/.*"))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_set_gives_the_same_images(home, out, form):
    rows = some_rows()
    steps = []
    report = import_fer2013([FORMS[form](home, rows)], out, progress=lambda: steps.append(1))
    assert written(out) == expected(rows)
    assert report.read == {"train": 16, "validation": 6, "test": 5}
    assert report.unreadable == report.dropped == []
    assert len(steps) == 100


def test_training_gets_the_parts_as_they_are(home, out):
    rows = some_rows()
    import_fer2013([put_csv(home / "fer2013.csv", rows)], out)
    dataset = load_dataset(out, InputSpec(48, 48, 1))
    for usage, part in zip(COUNTS, dataset.parts, strict=True):
        mine = [(label, pixels) for u, label, pixels in rows if u == usage]
        faces = {pixels.tobytes(): label for label, pixels in mine if label in ANSWERS}
        held = [pixels.tobytes() for pixels in part.pixels]
        assert dict(zip(held, part.labels.tolist(), strict=True)) == faces
    assert (dataset.left_out, dataset.unreadable) == ({}, [])


def test_rows_are_named_by_their_line_and_are_gray(home, out):
    import_fer2013([put_csv(home / "fer2013.csv", some_rows())], out)
    path = out / "train" / "happy" / "line-00002.png"
    np.testing.assert_array_equal(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), face(0))


def test_image_files_keep_their_bytes_and_their_names_unless_these_clash(home, out):
    jpeg = cv2.imencode(".jpg", face(0))[1].tobytes()
    files = {
        "x/train/happy/a.jpg": jpeg,
        "y/train/happy/A.JPG": png(face(1)),  # the content decides, not the suffix
        "z/train/happiness/a.jpg": png(face(2)),
        "x/train/happy/a-2.jpg": png(face(3)),
        "x/train/sad/a.jpg": png(face(4)),
        "x/train/sad/two\nlines.png": png(face(5)),
        f"x/train/sad/{'long' * 60}.png": png(face(6)),
    }
    import_fer2013([put_tar(home / "f.tar.gz", files)], out)
    assert sorted(path.name for path in out.rglob("train/happy/*")) == [
        "A-3.JPG",
        "a-2.jpg",
        "a-4.jpg",
        "a.jpg",
    ]
    assert (out / "train" / "happy" / "a.jpg").read_bytes() == jpeg
    names = sorted(path.name for path in out.rglob("train/sad/*"))
    assert names == ["a.jpg", "image-2.png", "image.png"]


def test_several_sources_make_one_set(home, out):
    rows = some_rows()
    train = put_tar(home / "t.tar.gz", image_files([r for r in rows if r[0] == "Training"]))
    rest = put(home / "rest", image_files([r for r in rows if r[0] != "Training"]))
    report = import_fer2013([train, rest], out)
    assert written(out) == expected(rows)
    assert [(s.name, s.pictures) for s in report.sources] == [("t.tar.gz", 16), ("rest", 11)]
    assert report.sources[0].sha256 == hashlib.sha256(train.read_bytes()).hexdigest()
    printed = subprocess.run(
        "find . -type f | LC_ALL=C sort | sed 's,^./,,' | xargs sha256sum",
        shell=True, cwd=rest, capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert report.sources[1].sha256 == hashlib.sha256(printed).hexdigest()


def test_a_folder_may_be_the_part_itself(home, out):
    rows = some_rows()
    put(home, image_files(rows, "{part}/{label}/{number}.png"))
    import_fer2013([home / part for part in USAGES.values()], out)
    assert written(out) == expected(rows)


def test_the_part_in_a_files_name_comes_before_the_folder(home, out):
    """A copy with two folders has the images of PublicTest and PrivateTest in test."""
    rows = some_rows()
    one_test = {**USAGES, "PublicTest": "test"}
    files = {
        f"{one_test[usage]}/{label}/{usage}_{number}.png": png(pixels)
        for number, (usage, label, pixels) in enumerate(rows)
    }
    report = import_fer2013([put_zip(home / "f.zip", files)], out)
    assert written(out) == expected(rows)
    note = "6 pictures of test moved to validation, as the names say"
    assert note in report.notes


def test_images_of_a_later_part_leave_the_earlier_ones(home, out):
    rows = some_rows()
    extra = [
        ("Training", "happy", face(100)),
        ("PublicTest", "happy", face(100)),
        ("PublicTest", "sad", face(101)),
        ("PrivateTest", "sad", face(101)),
        ("Training", "neutral", face(102)),
        ("PrivateTest", "neutral", face(102)),
    ]
    report = import_fer2013([put_csv(home / "f.csv", rows + extra)], out)
    assert written(out) == expected([*rows, extra[1], extra[3], extra[5]])
    assert report.left_out[HELD_OUT_TOO] == {"train": 2, "validation": 1, "test": 0}
    assert [(d.picture, d.part, d.expression) for d in report.dropped] == [
        ("line 29", "train", "happy"),
        ("line 31", "validation", "sad"),
        ("line 33", "train", "neutral"),
    ]
    assert {d.reason for d in report.dropped} == {HELD_OUT_TOO}


def test_every_copy_of_an_image_with_two_labels_goes_whatever_is_asked_for(home, out):
    rows = some_rows()
    extra = [
        ("Training", "happy", face(100)),
        ("Training", "happy", face(100)),
        ("PrivateTest", "angry", face(100)),
        ("PublicTest", "sad", face(101)),
        ("Training", "happy", face(101)),
    ]
    source = put_csv(home / "f.csv", rows + extra)
    report = import_fer2013([source], out)
    assert written(out) == expected(rows)
    assert report.left_out[CONTRADICTORY] == {"train": 3, "validation": 1, "test": 1}
    asked = ("happy", "sad", "neutral")
    report = import_fer2013([source], out, asked, overwrite=True)
    assert written(out) == expected(rows, asked)
    assert report.left_out[CONTRADICTORY] == {"train": 3, "validation": 1, "test": 0}
    assert report.left_out["other expressions"] == {"train": 4, "validation": 1, "test": 2}
    assert [d.picture for d in report.dropped] == ["line 29", "line 30", "line 32", "line 33"]


def test_copies_inside_a_part_stay_and_are_counted_and_the_numbers_add_up(home, out):
    rows = some_rows()
    rows += [rows[0], rows[0], ("Training", "sad", face(100)), ("PublicTest", "sad", face(100))]
    files = image_files(rows)
    files["fer2013/train/sad/broken.png"] = png(face(7))[:-20]
    report = import_fer2013([put_zip(home / "f.zip", files)], out, ("happy", "sad"))
    assert report.copies == {"train": 2, "validation": 0, "test": 0}
    for part, read in report.read.items():
        left_out = sum(counts[part] for counts in report.left_out.values())
        assert read == sum(report.images[part].values()) + left_out
    assert check(out).in_two_parts == []
    assert json.loads((out / "import.json").read_text()) == asdict(report)
    lines = dict(
        re.split(r"  +", line, maxsplit=1) for line in import_text(report).splitlines()[1:]
    )
    assert lines["happy"].split() == ["7", "2", "2"]
    assert lines["read"].split() == ["20", "7", "5"]


def test_pictures_that_cannot_be_decoded_are_named_and_skipped(home, out):
    rows = some_rows()
    files = image_files(rows) | {
        "train/happy/cut.png": png(face(50))[:-20],
        "train/happy/text.jpg": b"no picture at all",
        "train/sad/bomb.png": bytes(11_000_000),
        "train/sad/empty.jpg": b"",
        "train/contempt/x.png": png(face(51)),
        "loose.png": png(face(52)),
        "__MACOSX/train/happy/._x.png": b"a resource fork",
    }
    source = put_zip(home / "f.zip", files)
    report = import_fer2013([source], out)
    assert written(out) == expected(rows)
    assert [(s.picture, s.reason) for s in report.unreadable] == [
        ("train/happy/cut.png", "truncated PNG"),
        ("train/happy/text.jpg", "not an image (starts with 'no picture a')"),
        ("train/sad/bomb.png", "11.0 MB, more than the cap of 10 MB"),
        ("train/sad/empty.jpg", "empty file"),
    ]
    passed_over = "2 pictures passed over, in no folder of a part and an expression"
    assert report.notes[-1] == f"{passed_over}, the first: {source}: loose.png"
    done = run(source, "--out", out, "--overwrite")
    assert done.returncode == 0
    assert done.stderr.startswith("skipped: f.zip: train/happy/cut.png: truncated PNG\nskipped: ")


@pytest.fixture
def secret(tmp_path):
    return put(tmp_path, {"secret.png": png(face(53))}) / "secret.png"


def test_a_zip_writes_nowhere_else_and_its_links_are_not_followed(home, out, tmp_path, secret):
    files = image_files(some_rows()) | {
        "../../train/happy/up.png": png(face(50)),
        "/train/happy/root.png": png(face(51)),
        "x\\train\\happy\\windows.png": png(face(52)),
    }
    put_zip(source := home / "f.zip", files)
    with zipfile.ZipFile(source, "a") as archive:
        link = zipfile.ZipInfo("train/happy/link.png")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(secret))
    before = {*tmp_path.rglob("*")}
    report = import_fer2013([source], out)
    assert [s.picture for s in report.unreadable] == ["train/happy/link.png"]
    new = {path for path in tmp_path.rglob("*") if path not in before}
    assert all(path.is_relative_to(out.parent) for path in new)
    names = {path.name for path in (out / "train" / "happy").iterdir()}
    assert {"up.png", "root.png", "windows.png"} < names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../../train/happy/up.png", tarfile.REGTYPE),
        ("train/happy/link.png", tarfile.SYMTYPE),
        ("train/happy/link.png", tarfile.LNKTYPE),
        ("train/happy/pipe.png", tarfile.FIFOTYPE),
    ],
)
def test_a_tar_that_reaches_outside_is_refused(home, out, tmp_path, secret, name, kind):
    put_tar(source := home / "f.tar", image_files(some_rows()), "w")
    with tarfile.open(source, "a") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, str(secret)
        archive.addfile(member)
    before = {*tmp_path.rglob("*")}
    with pytest.raises(DatasetError, match=r"^.*f\.tar is not safe to unpack \(.*\): get it anew$"):
        import_fer2013([source], out)
    assert {*tmp_path.rglob("*")} - before <= {out.parent}


def test_an_archive_that_unpacks_to_too_much_is_refused(home, out, monkeypatch):
    monkeypatch.setattr("data.importer.source.MAX_UNPACKED", 10_000)
    for form in ("tar.gz of images", "zip of images"):
        source = FORMS[form](home, some_rows())
        with pytest.raises(DatasetError, match=r"unpacks to more than .* GB: get it anew$"):
            import_fer2013([source], out)
        assert not out.exists()


def test_links_in_a_folder_that_lead_nowhere_are_named(home, out):
    put(home, image_files(some_rows(), "{part}/{label}/{number}.png"))
    (home / "train" / "happy" / "link.png").symlink_to(home / "gone.png")
    report = import_fer2013([home], out)
    assert written(out) == expected(some_rows())
    assert [(s.picture, s.reason) for s in report.unreadable] == [
        ("train/happy/link.png", "a link or no regular file")
    ]


PIXELS = " ".join(["7"] * 2304)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("3,1 2 3,Training", "3 pixels, expected 2304: get the file anew"),
        (f"3,{PIXELS} 7,Training", "2305 pixels, expected 2304: get the file anew"),
        (
            f"3,{PIXELS[:-1]}256,Training",
            "pixel '256', expected whole numbers from 0 to 255: get the file anew",
        ),
        (
            f"3,{PIXELS[:-1]}-1,Training",
            "pixel '-1', expected whole numbers from 0 to 255: get the file anew",
        ),
        (
            f"3,{PIXELS[:-1]}grey,Training",
            "pixel 'grey', expected whole numbers from 0 to 255: get the file anew",
        ),
        (f"7,{PIXELS},Training", "emotion '7', expected 0 to 6: get the file anew"),
        (f"happy,{PIXELS},Training", "emotion 'happy', expected 0 to 6: get the file anew"),
        (
            f"3,{PIXELS},Exam",
            "Usage 'Exam', expected Training, PublicTest, PrivateTest: get the file anew",
        ),
        (f"3,{PIXELS}", "2 columns, expected 3: get the file anew"),
        (f"3,{PIXELS},Training,more", "4 columns, expected 3: get the file anew"),
        (f"3,{' ' * 70_000},Training", "more than 65536 bytes: get the file anew"),
    ],
)
@pytest.mark.parametrize("in_archive", [False, True], ids=["CSV", "zip"])
def test_a_wrong_row_is_named_with_its_line(home, out, line, message, in_archive):
    text = csv_text(some_rows()[:3]) + line + "\n" + csv_text(some_rows()[3:]).partition("\n")[2]
    if in_archive:
        source = put_zip(home / "f.zip", {"a/f.csv": text.encode()})
        name = f"{source}: a/f.csv"
    else:
        source = name = put(home, {"f.csv": text.encode()}) / "f.csv"
    with refuses(f"{name}, line 5: {message}"):
        import_fer2013([source], out)
    assert not out.exists()


@pytest.mark.parametrize("header", ["emotion,pixels,Usage", "emotion, Usage, pixels"])
@pytest.mark.parametrize("part_of_row", [0.001, 0.5, 0.9, 0.9995])
def test_a_truncated_last_line_is_named(home, out, header, part_of_row):
    rows = csv_text(some_rows(), header=header).splitlines(keepends=True)
    last = rows[-1][: int(len(rows[-1]) * part_of_row)]
    source = put(home, {"f.csv": "".join([*rows[:-1], last]).encode()}) / "f.csv"
    message = rf"^{re.escape(str(source))}, line 28: .*: the file is cut short, get it anew$"
    with pytest.raises(DatasetError, match=message):
        import_fer2013([source], out)


def test_fewer_rows_than_the_whole_set_has_are_noted(home, out):
    rows = [row for row in some_rows() if row[0] != "Training"]
    assert import_fer2013([put_csv(home / "f.csv", rows)], out).notes == [
        "6 validation pictures, the whole set has 3589",
        "5 test pictures, the whole set has 3589",
        "no train pictures, and without them no training: import that part as well",
    ]


@pytest.mark.parametrize("form", [f for f in FORMS if f.startswith(("tar", "tgz", "zip"))])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_a_truncated_archive_is_refused(home, out, form, share):
    source = FORMS[form](home, some_rows())
    source.write_bytes(source.read_bytes()[: int(source.stat().st_size * share)])
    message = rf"^{re.escape(str(source))} is damaged or cut short \(.*\): get it anew$"
    with pytest.raises(DatasetError, match=message):
        import_fer2013([source], out)
    assert not out.exists()


def test_a_damaged_archive_is_refused(home, out):
    rows = some_rows()
    for name in ("f.tar", "f.tar.gz", "f.zip"):
        if name == "f.zip":
            source = put_zip(home / name, image_files(rows))
        else:
            source = put_tar(home / name, image_files(rows), "w:gz" if "gz" in name else "w")
        content = bytearray(source.read_bytes())
        # In a tar a header in the middle, whose end tarfile would take for the end of the archive.
        middle = content.index(b"fer2013/train/sad") if name == "f.tar" else len(content) // 2
        content[middle] ^= 0xFF
        source.write_bytes(content)
        with pytest.raises(DatasetError, match=r" is damaged or cut short \(.*\): get it anew$"):
            import_fer2013([source], out)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {},
            "{0} does not exist: expected a .csv file, a folder of images, or a .tar, .tar.gz, "
            ".tgz or .zip archive of these",
        ),
        (
            {"f": b"what is this"},
            "{0} is none of what can be imported: a .csv file, a folder of images, or a .tar, "
            ".tar.gz, .tgz or .zip archive of these",
        ),
        (
            {"f.csv": b"emotion,pixels\n3,1 2 3\n"},
            "{0}: line 1 does not name the columns emotion, pixels, Usage",
        ),
        (
            {"f.csv": b""},
            "{0} is empty: expected a .csv file, a folder of images, or a .tar, .tar.gz, .tgz or "
            ".zip archive of these",
        ),
        (
            {"f.csv": csv_text([("Training", "sad", face(1))]).encode()},
            "no happy image in {0}: expected folders such as train/happy, or a CSV with rows of "
            "emotion 3",
        ),
        (
            {"f/train/happy/1.png": png(face(1)), "f/train/angry/2.png": png(face(2))},
            "no sad image in {0}: expected folders such as train/sad, or a CSV with rows of "
            "emotion 4",
        ),
        (
            {
                "f/train/happy/1.png": png(face(1)),
                "f/train/sad/2.png": png(face(2)),
                "f/train/fear/3.png": png(face(2)),
                "f/test/sad/4.png": b"",
            },
            "no sad image left of {0}: 1 cannot be read, 1 identical images with different "
            "labels: get it anew",
        ),
        (
            image_files(some_rows(), "f/{part}/{label}/{number}.png")
            | {"f/a.csv": csv_text(some_rows()).encode()},
            "{0} holds the set twice, as a.csv and image files: name one of them alone",
        ),
    ],
)
def test_what_cannot_be_imported_is_refused(home, out, files, message):
    put(home, files)
    source = home / (Path(next(iter(files), "none")).parts[0])
    with refuses(message.format(source)):
        import_fer2013([source], out)
    assert not out.exists()


def test_the_same_file_twice_and_an_encrypted_zip_are_refused(home, out):
    source = put_zip(home / "f.zip", image_files(some_rows()))
    copy = home / "g.zip"
    copy.write_bytes(source.read_bytes())
    with refuses(f"{source} and {copy} are the same: name one of them"):
        import_fer2013([source, copy], out)
    content = bytearray(copy.read_bytes())
    for start in re.finditer(rb"PK\x01\x02", content):  # the flags in the directory of the archive
        content[start.start() + 8] |= 1
    copy.write_bytes(content)
    with refuses(f"{copy} is encrypted: unpack it and name the folder"):
        import_fer2013([copy], out)


def test_only_an_earlier_import_is_replaced_and_only_if_asked(home, out):
    rows = some_rows()
    source = put_csv(home / "f.csv", rows)
    out.mkdir(parents=True)
    import_fer2013([source], out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    with refuses(f"{out} exists: add --overwrite to replace it, or choose another --out"):
        import_fer2013([source], out)
    (home / "bad.csv").write_text(csv_text(rows) + "9")
    with pytest.raises(DatasetError, match="line 29: 1 columns"):
        import_fer2013([home / "bad.csv"], out, overwrite=True)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    import_fer2013([source], out, ("happy", "sad"), overwrite=True)
    assert written(out) == expected(rows, ("happy", "sad"))
    (out / "train" / "mine.txt").touch()  # inside a part: goes with it
    import_fer2013([source], out, overwrite=True)
    assert written(out) == expected(rows)
    (out / "mine.txt").touch()
    with refuses(f"{out} holds other files than an earlier import: choose another --out"):
        import_fer2013([source], out, overwrite=True)
    with refuses(f"{source} is not a folder: choose another --out"):
        import_fer2013([home / "bad.csv"], source, overwrite=True)
    with refuses(f"{home} and {home / 'out'} are one in the other: choose another --out"):
        import_fer2013([home], home / "out")


def test_a_folder_that_cannot_be_written_is_one_line(home, out):
    source = put_csv(home / "f.csv", some_rows())
    with refuses(f"{source} is not a folder: choose another --out"):
        import_fer2013([source], source / "deep" / "out")

    def limit_file_size():  # a write past it fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = run(source, "--out", out, preexec_fn=limit_file_size)
    assert done.stderr == f"error: cannot write {out}: File too large\n"
    assert (done.returncode, done.stdout) == (1, "")
    assert not out.exists()


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_import_leaves_nothing(home, out, kind):
    rows = "".join(csv_text(some_rows()).partition("\n")[2] for _ in range(150))
    source = put(home, {"f.csv": ("emotion,pixels,Usage\n" + rows).encode()}) / "f.csv"
    process = start_module("data", "import-fer2013", source, "--out", out)
    deadline = time.monotonic() + 60
    while not list(out.parent.glob(".out.*/train/happy/*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(kind)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert stdout == ""
    assert "Traceback" not in stderr
    assert list(out.parent.iterdir()) == []


def test_the_command_prints_a_table_and_takes_expressions(home, out):
    source = put_csv(home / "f.csv", some_rows())
    done = run(source, "--out", out, "--expressions", "happy, sad,neutral")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == "note: 16 train pictures, the whole set has 28709"
    assert (
        done.stdout
        == f"""\
                                                         train  validation        test
happy                                                        5           2           2
sad                                                          4           2           1
neutral                                                      3           1           1
written                                                     12           5           4
copies among these                                           0           0           0
left out: identical to an image held out for later           0           0           0
left out: identical images with different labels             0           0           0
left out: cannot be read                                     0           0           0
left out: other expressions                                  4           1           1
read                                                        16           6           5
in {out}
"""
    )
    done = run(home / "none.csv", "--out", out, "--overwrite")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {home}/none.csv does not exist: expected ")
    for wrong, problem in [
        ("happy,sad,bored", "'bored' is none of angry, disgust, fear, happy, sad, surprise, neut"),
        ("happy,neutral", "sad must be among them"),
    ]:
        done = run(source, "--out", out, "--expressions", wrong)
        assert done.returncode == 2
        assert problem in done.stderr
