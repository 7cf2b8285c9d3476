"""A name that no program can open is one line, in every command that takes one."""

from pathlib import Path

import pytest

from tests.support.command import edge


@pytest.mark.parametrize(
    "arguments",
    [("info", "NAME"), ("classify", "x.png", "--model", "NAME"), ("model", "install", "NAME")],
)
def test_a_name_that_is_too_long_is_one_line(arguments: tuple[str, ...]) -> None:
    done = edge(*("n" * 300 if word == "NAME" else word for word in arguments))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: cannot use the name {'n' * 60}...: File name too long\n"


def test_a_loop_of_links_is_one_line(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    done = edge("info", loop)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "Too many levels of symbolic links" in done.stderr


def test_a_file_that_opens_and_cannot_be_read_is_one_line() -> None:
    path = Path("/proc/self/mem")
    if not path.exists():
        pytest.skip(f"no {path} here")
    for arguments in (("webcam", path), ("info", path)):
        done = edge(*arguments)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
        assert done.stderr.startswith("error: ")
        assert str(path) in done.stderr
