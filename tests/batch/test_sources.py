"""Whatever holds the pictures, the answers are those of one machine, to the last bit."""

import json
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from batch.manifest import read_shard
from batch.results import Results
from batch.source import Source
from edge import HappySadError
from tests.support.archives import answered, batch, rows_of
from tests.support.command import edge

Row = dict[str, Any]
Make = Callable[[Path, Path], object]


def relative(rows: list[Row], folder: Path) -> list[Row]:
    return [row | {"path": row["path"].removeprefix(f"{folder}/")} for row in rows]


def tar(pictures: Path, out: Path) -> Path:
    with tarfile.open(out / "all.tar", "w") as archive:
        archive.add(pictures, "")
    return out / "all.tar"


def zipped(pictures: Path, out: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(out / "all.zip", "w", method) as archive:
        for path in sorted(pictures.rglob("*")):
            archive.write(path, path.relative_to(pictures))
    return out / "all.zip"


def stored(pictures: Path, out: Path) -> Path:
    return zipped(pictures, out, zipfile.ZIP_STORED)


@pytest.mark.parametrize("make", [tar, zipped, stored])
def test_an_archive_is_answered_as_the_folder(
    pictures: Path, expected: list[Row], tmp_path: Path, make: Make
) -> None:
    archive = make(pictures, tmp_path)
    begun = answered(archive, tmp_path / "out")
    assert begun.shard_counts == [5, 5, 4]
    assert rows_of(tmp_path / "out", archive) == relative(expected, pictures)


def test_a_folder_a_pattern_and_a_list_are_answered_alike(
    pictures: Path, expected: list[Row], tmp_path: Path
) -> None:
    assert answered(f"{pictures}/", tmp_path / "folder").ignored == 1
    assert rows_of(tmp_path / "folder") == expected
    answered(f"{pictures}/**/*.[jp][pn]g", tmp_path / "pattern")
    assert rows_of(tmp_path / "pattern") == expected
    names = [row["path"] for row in expected if "\n" not in row["path"]]
    (tmp_path / "names").write_text("\n".join([*names[::-1], "", names[0]]))
    answered(tmp_path / "names", tmp_path / "list")
    assert rows_of(tmp_path / "list") == [row for row in expected if "\n" not in row["path"]]


def test_the_answers_are_those_of_happysad_classify(pictures: Path, expected: list[Row]) -> None:
    done = edge("classify", pictures, "--json", "--model", "faces")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    same = ("path", "box", "label", "p_happy", "p_sad", "p_neutral", "reason")
    theirs = sorted(str([line[key] for key in same]) for line in lines)
    readable = [row for row in expected if not row["error"]]
    assert theirs == sorted(str([rounded(row[key]) for key in same]) for row in readable)
    for row in expected:
        assert row["error"] is None or f"{row['path']}: {row['error']}" in done.stderr


def rounded(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


class Listing(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def listing(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Listing, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_http_listing_is_answered_as_the_folder(
    pictures: Path, expected: list[Row], tmp_path: Path
) -> None:
    with listing(pictures) as address:
        answered(f"{address}/a/", tmp_path / "out")
    cut = f"{address}/a"
    wanted = [row for row in relative(expected, pictures) if row["path"].startswith("a/")]
    assert rows_of(tmp_path / "out", cut) == relative(wanted, Path("a"))


def test_of_two_members_with_one_name_the_last_counts(pictures: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.add(pictures / "b" / "text.jpg", "one.jpg")
        archive.add(pictures / "b" / "two.png", "one.jpg")
    answered(tmp_path / "all.tar", tmp_path / "out")
    assert [row["face"] for row in rows_of(tmp_path / "out")] == [1, 2]


def test_a_member_that_cannot_be_unpacked_is_a_row(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("bzip2.jpg", b"x" * 100, zipfile.ZIP_BZIP2)
        archive.writestr("damaged.jpg", b"y" * 100, zipfile.ZIP_DEFLATED)
    content = bytearray((tmp_path / "all.zip").read_bytes())
    content[content.index(b"damaged.jpg") + len("damaged.jpg")] = 0xFF
    (tmp_path / "all.zip").write_bytes(content)
    answered(tmp_path / "all.zip", tmp_path / "out")
    errors = {row["path"]: row["error"] for row in rows_of(tmp_path / "out", tmp_path / "all.zip")}
    assert errors == {
        "bzip2.jpg": "zip method 12",
        "damaged.jpg": "damaged in the archive (Error -3 while decompressing data: invalid block "
        "type)",
    }


def test_the_manifest_is_sorted_and_says_where_in_the_archive(
    pictures: Path, tmp_path: Path
) -> None:
    archive = tar(pictures, tmp_path)
    begun = answered(archive, tmp_path / "out", shard=4)
    results = Results(str(tmp_path / "out"))
    entries = [e for number in range(len(begun.shard_counts)) for e in read_shard(number, results)]
    assert [entry.name for entry in entries] == sorted(entry.name for entry in entries)
    for entry in entries:
        content = (pictures / entry.name.removeprefix(f"{archive}/")).read_bytes()
        assert archive.read_bytes()[entry.begin :][: entry.size] == content


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("{0}/nothing", "{0}/nothing: no such file"),
        ("{0}/empty", "{0}/empty: no pictures there (only 1 file of other kinds)"),
        ("{0}/all.tar.gz", "{0}/all.tar.gz: packed as a whole, so that nothing in it can be looked "
         "up: unpack it first, such as with gunzip"),
        ("{0}/model.bin", "{0}/model.bin: neither a folder, a list of names, a tar nor a zip"),
        ("http://me:secret@127.0.0.1/", "http://***@127.0.0.1/: an http address with a password or "
         "signature would stand in the results: give it in fsspec's configuration"),
        ("{0}/signed", "http://h/a.jpg?signature=***: a password or signature in a name would "
         "stand in the results: give it in fsspec's configuration"),
        ("/dev/zero", "/dev/zero: not a regular file; '-' reads names from a pipe"),
        ("nosuch://x/y", "nosuch://x/y: Protocol not known: nosuch"),
    ],
)  # fmt: skip
def test_what_cannot_be_listed_is_one_line(tmp_path: Path, address: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").touch()
    (tmp_path / "all.tar.gz").write_bytes(b"\x1f\x8b" + bytes(600))
    (tmp_path / "model.bin").write_bytes(bytes(600))
    (tmp_path / "signed").write_text("http://h/a.jpg?signature=abc\n")
    with pytest.raises(HappySadError) as raised:
        answered(address.format(tmp_path), tmp_path / "out")
    assert str(raised.value) == message.format(tmp_path)


def test_what_is_missing_or_wrong_ends_the_command_with_one_line(tmp_path: Path) -> None:
    done = batch("classify", tmp_path / "nothing", "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {tmp_path}/nothing: no such file\n"


def test_a_picture_alone_is_an_archive_of_one(pictures: Path, tmp_path: Path) -> None:
    assert Source(str(pictures / "a" / "0.jpg")).kind == "picture"
    answered(pictures / "a" / "0.jpg", tmp_path / "out")
    assert [row["label"] for row in rows_of(tmp_path / "out")] == ["happy"]
