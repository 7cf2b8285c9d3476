"""What every output of the live loop has in common."""

from typing import TypeVar

from ..moment import Moment

Self = TypeVar("Self", bound="Output")


class Output:
    """Somebody who is told of each moment; a context manager.

    A new one is a module of this folder with a subclass that overrides what it needs. It must not
    hold up the loop: what takes time belongs on a thread of its own.
    """

    def __enter__(self: Self) -> Self:
        """Opens what it writes to."""
        return self

    def take(self, moment: Moment) -> None:
        """Takes a moment that has answers.

        Raises:
            HappySadError: It cannot go on, and neither should the run.
        """

    def note(self, news: str) -> None:
        """Takes a line for the user, as of a moment's news; before that moment."""

    def idle(self) -> None:
        """Called at least ten times a second while there are no answers."""

    def finish(self) -> None:
        """Begins to end, without waiting: called of all outputs before the first is closed."""

    def saved(self) -> str:
        """How many pictures are where, for the summary; empty where none were wanted.

        Called after `finish`; it may wait for the last of it.
        """
        return ""

    def shortfall(self) -> str:
        """What it could not write, for the summary; empty where it has written all.

        Called after `finish`; it may wait for the last of it.
        """
        return ""

    def __exit__(self, *error: object) -> None:
        """Completes and closes what it writes to, also where the run ended in an error."""
