"""Temporary names cannot be guessed, follow no link, and a killed process leaves none for long."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.errors import OutputError
from edge.machine import temporary
from edge.machine.output_file import check_writable, replacing, write_bytes, write_secret
from edge.machine.temporary import scratch_folder, sweep, temporary_beside
from tests.support.chain import ROOT

KILLED = """
import pathlib, sys, time
from edge.machine.temporary import temporary_beside
path = pathlib.Path(sys.argv[1])
with temporary_beside(path, is_folder=sys.argv[2] == "folder") as made:
    (made / "half").write_bytes(b"x") if made.is_dir() else made.write_bytes(b"x")
    print("made", flush=True)
    time.sleep(60)
"""


def leave(path: Path, kind: str) -> subprocess.Popen[str]:
    """Starts a process that is at work on something beside `path`."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), kind], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "made\n"
    return process


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_process_left_is_swept_and_what_one_is_at_work_on_is_not(
    tmp_path: Path, kind: str
) -> None:
    process = leave(tmp_path / "film.mp4", kind)
    with process:
        (left,) = tmp_path.iterdir()
        sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [left]
        process.send_signal(signal.SIGKILL)
    assert list(tmp_path.iterdir()) == [left]
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_next_start_sweeps_by_itself(tmp_path: Path) -> None:
    with leave(tmp_path / "film.mp4", "file") as process:
        process.kill()
    write_bytes(tmp_path / "other.json", b"{}")
    assert [path.name for path in tmp_path.iterdir()] == ["other.json"]


def test_files_of_others_are_not_swept(tmp_path: Path) -> None:
    for name in (".film.happysad-1234.mp4", ".film.1234.mp4", "film.happysad-12345678.mp4"):
        (tmp_path / name).touch()
    (tmp_path / ".loop.happysad-12345678").symlink_to(tmp_path)
    os.mkfifo(tmp_path / ".pipe.happysad-12345678")
    before = sorted(tmp_path.iterdir())
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    old = time.time() - 100
    os.utime(tmp_path / ".loop.happysad-12345678", (old, old), follow_symlinks=False)
    sweep(tmp_path)
    assert len(before) - len(list(tmp_path.iterdir())) == 1
    assert tmp_path.is_dir()


def test_a_name_that_is_taken_is_not_opened_whatever_it_leads_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    monkeypatch.setattr(temporary.os, "urandom", lambda size: bytes.fromhex("12345678"))
    (tmp_path / ".out.happysad-12345678.json").symlink_to(victim)
    with pytest.raises(OutputError, match=f"^cannot write {tmp_path}/out.json: File exists$"):
        write_bytes(tmp_path / "out.json", b"theirs")
    with pytest.raises(OutputError):
        check_writable(tmp_path / "out.json")
    assert victim.read_text() == "mine"


def test_others_may_read_what_was_written_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "out.json", b"{}")
    finally:
        os.umask(before)
    assert (tmp_path / "out.json").stat().st_mode & 0o777 == 0o640


def test_a_secret_is_its_owners_alone_also_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "made" / "source"
    for text in ("rtsp://u:p@h/1", "0"):
        write_secret(path, text)
        assert path.read_text() == f"{text}\n"
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    with replacing(path, mode=0o600) as made:
        assert made.stat().st_mode & 0o777 == 0o600
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match=f"^cannot write {tmp_path}/taken/source: "):
        write_secret(tmp_path / "taken" / "source", "0")


def test_a_file_with_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / f"{'ä' * 125}.json"
    write_bytes(path, b"{}")
    assert path.read_bytes() == b"{}"


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("before")
    with pytest.raises(OutputError, match=f"^cannot write {path}: "), replacing(path) as made:
        (made / "no folder").write_text("half")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_scratch_folder_is_private_and_goes(tmp_path: Path) -> None:
    with scratch_folder() as folder:
        (folder / "a").mkdir()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    with temporary_beside(tmp_path / "x", is_folder=True) as made:
        made.rename(tmp_path / "x")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
