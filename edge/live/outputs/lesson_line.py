"""Teaching in the window: what its keys do, and the line that says how far it is."""

from ...errors import HappySadError, one_line
from ...teach.enough import listed, missing
from ...teach.report import Report, sentence
from ..lessons import Lessons

KEYS = {"h": "happy", "s": "sad", "n": "neutral"}  # held, they take pictures


def obey(lessons: Lessons, key: str) -> None:
    """Does what a key asks for."""
    if key in KEYS:
        if lessons.pupil.result is not None:
            lessons.pupil.say(None)
        lessons.hold(KEYS[key])
    elif key == "t":
        lessons.teach()
    elif key == "k" and _has_pictures(lessons):
        try:
            lessons.keep(True)
        except HappySadError as error:
            lessons.pupil.say(one_line(error))


def lesson_line(lessons: Lessons) -> str:
    """What there is to say; empty where nothing was collected, nor is."""
    counts, held, said = lessons.counts, lessons.collector.held, lessons.collector.said
    share, result = lessons.pupil.share, lessons.pupil.result  # other threads change them
    if share is not None:
        return f"learning: {share:.0%}"
    if held and said not in ("taken", ""):
        why = "as the one before: move a little" if said == "alike" else said
        return f"{held}: {why.replace('_', ' ')}"
    taken = ", ".join(f"{label} {pictures}" for label, (pictures, _) in counts.items())
    if held:
        return f"{held}: {taken}"
    if isinstance(result, Report):
        return sentence(result)
    if result:
        return result
    if not _has_pictures(lessons):
        return ""
    lacks = missing(counts)
    kept = "they are kept" if lessons.album.is_kept else "k keeps them"
    return f"{taken}; {f'missing: {listed(lacks)}' if lacks else 't teaches'}; {kept}"


def _has_pictures(lessons: Lessons) -> bool:
    return any(pictures for pictures, _ in lessons.counts.values())
