"""A folder is replaced whole or not at all, whatever ends the process."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from data import new_folder as module
from data.new_folder import new_folder
from edge.errors import OutputError
from edge.machine.output_file import write_bytes
from edge.machine.temporary import sweep
from tests.support.chain import ROOT

AGAIN_AND_AGAIN = """
import pathlib, sys
from data.new_folder import new_folder
out = pathlib.Path(sys.argv[1])
for number in range(1, 10**9):
    with new_folder(out) as folder:
        (folder / "one").write_text(str(number))
        (folder / "two").write_text(str(number))
    if number == 2:
        print("at work", flush=True)
"""


def test_a_process_that_is_killed_leaves_the_old_folder_or_the_new_one(tmp_path: Path) -> None:
    out = tmp_path / "run"
    for attempt in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", AGAIN_AND_AGAIN, str(out)], cwd=ROOT, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == b"at work\n"
            time.sleep(0.005 * attempt)
            process.kill()
        assert (out / "one").read_text() == (out / "two").read_text()
        sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_the_new_folder_takes_the_place_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:  # as of a network file system
        monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    out = tmp_path / "run"
    for text in ("old", "new"):
        with new_folder(out) as folder:
            (folder / text).write_text(text)
    assert [path.name for path in out.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [out]


def test_an_error_names_what_was_to_be_written_and_leaves_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with new_folder(out) as folder:
        (folder / "file").write_text("old")
    with pytest.raises(OutputError) as error, new_folder(out) as folder:
        write_bytes(folder / ("n" * 300), b"")
    assert str(error.value) == f"cannot write {out}/{'n' * 300}: File name too long"
    assert (out / "file").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]
