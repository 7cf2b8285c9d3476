"""What all programs of this project look like; each command with a paragraph of its help."""

from functools import partial
from inspect import cleandoc
from typing import Any

import typer
from typer.core import TyperGroup


class CommandList(TyperGroup):
    """A group of commands; Typer's own cuts what it says of each off where the line ends."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the list; Typer calls it for `--help`."""
        paragraphs = (
            (name, cleandoc(command.help or "").split("\n\n")[0].replace("\n", " "))
            for name, command in self.commands.items()
            if not command.hidden
        )
        with formatter.section("Commands"):
            formatter.write_dl(list(paragraphs))


# One command, and a group of commands. Errors are `cli.exits.run`'s business.
one_command = partial(
    typer.Typer, pretty_exceptions_enable=False, add_completion=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)  # fmt: skip
commands = partial(one_command, cls=CommandList, no_args_is_help=True)
