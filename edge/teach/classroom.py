"""Teaching beside a live loop: in a child process of low priority; no answer waits for it."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..classifier import Classifier
from ..errors import HappySadError, ModelError
from ..machine.child import PACKAGE, python_command
from .examples import read_examples, unseen
from .fits import OLD
from .report import Report
from .taught import was_taught
from .teaching import teach
from .trial import Score

PROGRAM = f"from {PACKAGE}.teach.classroom import answer; answer(*sys.argv[1:])"
LOW = 10  # of priority, nice(2)
READING = 0.3  # of the work, for the progress
# One thread for each library that calculates: the other cores are the live loop's.
ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Classroom:
    """Where a model is taught, once."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._is_ended = False

    def teach(self, content: bytes, folder: Path, progress: Callable[[float], None]) -> Report:
        """Teaches a model the pictures of an album; returns when it is done.

        Raises:
            ModelError: There are too few pictures, the model cannot be taught, or it was ended.
        """
        command = python_command(PROGRAM, str(folder))
        try:
            # In a session of its own: Ctrl-C is for the loop, which then ends this.
            started = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env={**os.environ, **ALONE}, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ModelError(f"a lesson cannot begin: {error.strerror}") from error
        with started as child:
            assert child.stdin
            assert child.stdout
            self._child = child
            if self._is_ended:
                child.kill()
            try:
                child.stdin.write(content)
                child.stdin.close()
                said: dict[str, Any] = {}
                for line in child.stdout:
                    said = json.loads(line)
                    if "share" in said:
                        progress(said["share"])
            except (OSError, ValueError) as error:  # it ended before it had begun, or was ended
                said = {"error": f"teaching broke off: {error}"}
        if "report" not in said:
            raise ModelError(said.get("error", f"teaching broke off with code {child.returncode}"))
        report = said["report"]
        made = report.pop("content")
        return Report(**report, content=made and base64.b64decode(made))

    def end(self) -> None:
        """Ends it, or lets it end as soon as it begins; for any thread."""
        self._is_ended = True
        if self._child is not None:
            self._child.kill()


def answer(folder: str) -> None:
    """Runs in the child: says how far it is, and what came of it, one JSON object a line."""
    with suppress(AttributeError, OSError):  # not everywhere, and not for everybody
        os.nice(LOW)
    content = sys.stdin.buffer.read()
    try:
        classifier = Classifier(Path("the model"), content=content)
        examples = read_examples(
            Path(folder), classifier, None, lambda share: _say(share=READING * share)
        )
        lesson = teach(
            content, classifier, examples,
            lambda share: _say(share=READING + (1 - READING) * share),
        )  # fmt: skip
    except HappySadError as error:
        _say(error=str(error))
        return
    places = [f"{path.parent.name}/{path.name}" for path in examples.paths]
    verdict = lesson.verdict
    content_text = lesson.content and base64.b64encode(lesson.content).decode()
    report = {
        "pictures": len(places), "moments": int(examples.groups.max() + 1),
        "before": _score(verdict.scores[OLD], places), "after": _score(verdict.tried, places),
        "edges": verdict.edges, "unseen": unseen(examples, classifier.contract.decision.answers),
        "again": was_taught(classifier), "seconds": round(lesson.seconds, 3),
        "content": content_text,
    }  # fmt: skip
    _say(report=report)


def _score(score: Score, places: list[str]) -> dict[str, Any]:
    return {**asdict(score), "wrong": [places[number] for number in score.wrong]}


def _say(**words: Any) -> None:
    print(json.dumps(words), flush=True)  # noqa: T201
