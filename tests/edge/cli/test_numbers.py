"""Numbers that are none, or too large, are wrong usage in every command of the project."""

import importlib
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

Words = tuple[str, ...]
MODULES = (
    "edge.cli.main", "train.cli", "data.cli", "bench.cli", "bench.outputs", "export.cli", "pi.cli",
)  # fmt: skip


def commands(command: object, path: Words = ()) -> Iterator[tuple[Words, object]]:
    """Every command below one, with the words that lead to it."""
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, one in below.items():
        yield from commands(one, (*path, name))


def number_options() -> Iterator[tuple[str, Words, str]]:
    for module in MODULES:
        app = importlib.import_module(module).app
        for path, command in commands(typer.main.get_command(app)):
            for option in command.params:  # type: ignore[attr-defined]
                if option.type.name.startswith(("float", "int")):
                    yield module, path, option.opts[0]


OPTIONS = list(number_options())


def test_there_are_numbers_to_look_at() -> None:
    named = {option for _, _, option in OPTIONS}
    assert {"--threads", "--fps", "--duration", "--stop-at", "--epochs", "--per-class"} <= named


NUMBERS = ("nan", "inf", "-inf", "1e400", str(-(2**31) - 1), str(2**63))
SECONDS = ("--fps", "--max-fps", "--duration")  # of which a large number is one


@pytest.mark.parametrize(
    ("module", "path", "option", "value"),
    [
        (*option, value)
        for option in OPTIONS
        for value in (NUMBERS[:-1] if option[-1] in SECONDS else NUMBERS)
    ],
)
def test_a_number_that_cannot_be_meant_is_wrong_usage(
    module: str, path: Words, option: str, value: str
) -> None:
    app = importlib.import_module(module).app
    done = CliRunner().invoke(app, [*path, f"{option}={value}"])
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit), done.output
    assert "Traceback" not in done.output
