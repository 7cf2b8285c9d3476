"""Ctrl-C ends every command with code 130 and no traceback, also while it loads."""

import pytest

from tests.support.command import run_program

INTERRUPTED = """
import runpy, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[2]:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
package = sys.argv[1]
sys.argv[1:] = ["--help"]
runpy.run_module(package, run_name="__main__")
"""


@pytest.mark.parametrize(
    ("package", "loading"),
    [
        ("edge", "typer"), ("data", "numpy"), ("train", "numpy"), ("export", "numpy"),
        ("export.measure", "numpy"), ("batch", "typer"), ("bench", "numpy"), ("pi", "packaging"),
        ("happy_or_sad", "matplotlib"), ("browser", "typer"), ("train.side_by_side", "typer"),
        ("export.measure.ship", "numpy"), ("bench.outputs", "numpy"),
    ],
)  # fmt: skip
def test_ctrl_c_while_a_command_loads_is_no_traceback(package: str, loading: str) -> None:
    program = INTERRUPTED.replace("sys.argv[2]", repr(loading))
    done = run_program(program, package)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
