"""How a program lists its commands: each with the whole first paragraph of its help."""

from inspect import cleandoc
from typing import Any

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
