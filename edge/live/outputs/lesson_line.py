"""Teaching in the window: what its keys do, and the line that says how far it is."""

from ...errors import HappySadError, one_line
from ...teach.enough import listed, missing
from ...teach.report import Report, sentence
from ..lessons import Lessons

KEYS = {"h": "happy", "s": "sad", "n": "neutral"}  # held, they take pictures


def obey(lessons: Lessons, key: str) -> None:
    """Does what a key asks for.

    Args:
        lessons: What can be done.
        key: One letter.
    """
    if key in KEYS:
        lessons.pupil.result = None
        lessons.hold(KEYS[key])
    elif key == "t":
        lessons.teach()
    elif key == "k":
        try:
            lessons.keep(True)
        except HappySadError as error:
            lessons.pupil.result = one_line(error)


def lesson_line(lessons: Lessons) -> str:
    """What there is to say; empty where nothing was collected, nor is."""
    counts, held = lessons.counts, lessons.held
    if lessons.pupil.share is not None:
        return f"learning: {lessons.pupil.share:.0%}"
    if held and lessons.said not in ("taken", ""):
        why = {"alike": "as the one before: move a little"}.get(lessons.said, lessons.said)
        return f"{held}: {why.replace('_', ' ')}"
    taken = ", ".join(f"{label} {pictures}" for label, (pictures, _) in counts.items())
    if held:
        return f"{held}: {taken}"
    if isinstance(lessons.pupil.result, Report):
        return sentence(lessons.pupil.result)
    if lessons.pupil.result:
        return lessons.pupil.result
    if not any(pictures for pictures, _ in counts.values()):
        return ""
    lacks = missing(counts)
    return f"{taken}; {f'missing: {listed(lacks)}' if lacks else 't teaches'}; k keeps them"
