"""When there is something to keep a picture of: the changes that the user named, with pauses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import one_line
from ...gallery.gallery import Caps, Gallery
from ...gallery.sight import Sight
from ...machine.output_file import check_folder
from ...wording import counted
from ..answerer import Answerer
from ..keeping import Wish
from ..moment import Change, Moment


@dataclass(frozen=True, slots=True)
class Occasion:
    """A change that somebody wants a picture of.

    Attributes:
        folder: Where it goes.
        change: What has changed.
    """

    folder: Path
    change: Change

    @property
    def face(self) -> int | None:
        """Number of the face that was the reason; None where it has left, or none is followed."""
        return face_of(self.change)


class Occasions:
    """Finds them; a pause follows each."""

    def __init__(self, wishes: Sequence[Wish], pause_s: float) -> None:
        self._wishes, self._pause_s = wishes, pause_s
        self._last_s: dict[Wish, float] = {}

    def of(self, moment: Moment) -> Iterator[Occasion]:
        """Those of a moment; none where there is no frame."""
        if moment.frame is None:
            return
        for change in moment.changes:
            for wish in self._wishes:
                last_s = self._last_s.get(wish, float("-inf"))
                is_pause = 0 <= moment.time_s - last_s < self._pause_s
                if wish.event in ("change", change.answer.label) and not is_pause:
                    self._last_s[wish] = moment.time_s
                    yield Occasion(wish.folder, change)


def face_of(change: Change) -> int | None:
    """Number of the face that has changed; None where it has left, or none is followed."""
    return None if change.answer.label == "no_face" else change.answer.track_id


def galleries(wishes: Sequence[Wish], caps: Caps) -> dict[Path, Gallery]:
    """The folders that are wished for.

    Raises:
        OutputError: Nothing can be written to one.
    """
    for wish in wishes:
        check_folder(wish.folder)
    return {wish.folder: Gallery(wish.folder, caps) for wish in wishes}


def saved(folders: Iterable[Gallery], what: str) -> str:
    """How many are where: "2 photos in smiles, 0 photos in frowns"."""
    return ", ".join(f"{counted(one.added, what)} in {one_line(one.folder)}" for one in folders)


def trim(folders: Iterable[Gallery]) -> None:
    """Deletes what is too much or too old in each of them.

    Raises:
        OutputError: It cannot be deleted.
    """
    for gallery in folders:
        gallery.trim()


def sight(moment: Moment, answerer: Answerer) -> Sight:
    """Whose faces are in the frame of a moment, also those that have no answer yet."""
    answered = tuple((answer.track_id, answer.box) for answer in moment.answers if answer.box)
    return Sight((*answered, *((None, box) for box in answerer.newcomers())))
