"""A run: shards become tasks, and what comes back becomes files; whatever dies, none twice."""

import sys
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import CancelledError
from dataclasses import replace
from itertools import count
from typing import Any

from distributed import Client, Future, KilledWorker

from batch.cluster import ClusterError, is_there
from batch.crew import Crew
from batch.manifest import read_shard
from batch.piece import Gathered, Piece
from batch.results import Results, file_name
from batch.rows import rows, table
from batch.worker import TOPIC, Answers, answer
from edge.errors import HappySadError
from edge.terminal.console import Console
from edge.terminal.progress import progress_line
from edge.wording import counted

TASKS_A_THREAD = 2  # one that runs and one that waits
TICK_S = 0.1
FETCH_S = 10.0  # for the rows of a shard; they are gone if their worker dies meanwhile
ATTEMPTS = 3  # to reach the source
TELL_S = 60.0  # between lines about the progress where there is no terminal


class Run:
    """Has shards answered by a crew and puts their files there.

    Attributes:
        failed: Shards whose source could not be reached, with the reason.
        unreadable: Pictures that have a row with an error, so far.
    """

    def __init__(
        self,
        client: Client,
        crew: Crew,
        results: Results,
        details: dict[str, Any],
        console: Console,
    ) -> None:
        """Prepares for shards.

        Args:
            client: Of the cluster.
            crew: Who may work.
            results: Where the manifest is and files go.
            details: What each file says of itself: see `rows.parquet`.
            console: Where the progress is shown.
        """
        self._client, self._crew, self._results = client, crew, results
        self._details, self._console = details, console
        self._running: dict[Future, tuple[Piece, frozenset[str]]] = {}
        self._numbers = count()
        self._waiting: deque[Piece] = deque()
        self._suspects: deque[Piece] = deque()
        self._gathered: dict[int, Gathered] = {}
        self._done_in: dict[str, int] = {}
        self._answered = 0
        self._told_s = time.monotonic()
        self.failed: dict[int, str] = {}
        self.unreadable = 0

    def work(self, shards: Iterable[int], job: Any, pictures: int) -> None:
        """Answers for all pictures of these shards.

        Args:
            shards: Their numbers.
            job: As of `worker.answer`.
            pictures: How many they have.

        Raises:
            ClusterError: The scheduler is gone, or no worker is left.
            OutputError: A file cannot be written.
        """
        try:
            self._work(deque(shards), job, pictures)
        except HappySadError:
            raise
        except Exception as error:
            if is_there(self._client) and not isinstance(error, (OSError, CancelledError)):
                raise
            raise ClusterError(
                "the scheduler is gone: start it and its workers again, then run the same command; "
                "finished shards stay"
            ) from error

    def _work(self, left: deque[int], job: Any, pictures: int) -> None:
        began_s = time.monotonic()
        self._client.subscribe_topic(TOPIC, self._hear)
        while left or self._waiting or self._running or self._suspects:
            self._look()
            room = TASKS_A_THREAD * self._crew.threads
            while (left or self._waiting) and len(self._running) < room:
                if not self._waiting:
                    self._waiting.append(self._whole(left.popleft()))
                self._start(self._waiting.popleft(), job)
            if room and self._suspects and not self._running:
                self._start(self._suspects.popleft(), job)  # alone, so that no other is blamed
            ended = [future for future in self._running if future.status in ("finished", "error")]
            for future in ended:
                self._end(future)
            if not ended:
                time.sleep(TICK_S)
            self._show(pictures, time.monotonic() - began_s)

    def _look(self) -> None:
        """Who is there now; a task whose workers are all gone may be what has ended them."""
        if not is_there(self._client):
            raise ConnectionError
        self._crew.muster()
        for future, (piece, allowed) in list(self._running.items()):
            if not allowed & self._crew.members:
                del self._running[future]
                future.cancel(force=True)
                self._halve(piece)

    def _whole(self, shard: int) -> Piece:
        entries = read_shard(shard, self._results)
        self._gathered[shard] = Gathered(len(entries))
        return Piece(shard, 0, entries)

    def _start(self, piece: Piece, job: Any) -> None:
        allowed, name = self._crew.members, f"happysad-{piece.shard:06}-{next(self._numbers)}"
        future = self._client.submit(
            answer, job, name, piece.entries, key=name, workers=list(allowed), pure=False
        )
        self._running[future] = piece, allowed

    def _end(self, future: Future) -> None:
        """Takes what a task has come to."""
        piece, _ = self._running[future]
        try:
            answers: Answers = future.result(timeout=FETCH_S)
        except KilledWorker:
            del self._running[future]
            self._halve(piece)
            return
        except (OSError, CancelledError):
            if future.status == "error":
                raise
            return  # done again elsewhere, or the scheduler is gone, which shows when looking
        del self._running[future]
        self._done_in.pop(str(future.key), None)
        if not answers.trouble:
            self._keep(piece, answers)
        elif piece.attempt < ATTEMPTS:
            self._waiting.append(replace(piece, attempt=piece.attempt + 1))
        else:
            self.failed[piece.shard] = answers.trouble

    def _halve(self, piece: Piece) -> None:
        """One of these pictures may have ended the worker: alone it is a row with that error."""
        self._crew.recount()  # what is given to a worker that is gone would be blamed next
        if len(piece.entries) > 1:
            self._waiting.extend(piece.halves())
        elif piece.attempt < ATTEMPTS:
            self._suspects.append(replace(piece, attempt=piece.attempt + 1))
        else:
            model = self._details["pins"]["model"]
            error = "the process that read it was ended"
            self._keep(piece, Answers(table(rows(piece.entries[0], error, model))))

    def _keep(self, piece: Piece, answers: Answers) -> None:
        """Puts a shard's file there when all of its parts are."""
        self._answered += len(piece.entries)
        self.unreadable += len(answers.table) - answers.table["error"].null_count
        gathered = self._gathered[piece.shard]
        if gathered.add(piece, answers):
            self._results.put(file_name(piece.shard), gathered.file(self._details))
            del self._gathered[piece.shard]

    def _hear(self, event: Any) -> None:
        """How far a task is; called by a thread of the client's."""
        said = event[1]
        self._done_in[said["task"]] = said["done"]

    def _show(self, pictures: int, elapsed_s: float) -> None:
        names = {future.key for future in self._running}
        begun = sum(done for name, done in list(self._done_in.items()) if name in names)
        done = self._answered + begun
        if not done:
            return
        line = f"{progress_line(done, pictures, elapsed_s)}, {self._crew.threads} at once"
        if self._console.is_due():
            self._console.status(line)
        elif not sys.stderr.isatty() and time.monotonic() - self._told_s > TELL_S:
            self._told_s = time.monotonic()
            self._console.tell(line)


def failure(failed: dict[int, str]) -> HappySadError:
    """What to say of shards whose source could not be reached."""
    number, reason = next(iter(failed.items()))
    return HappySadError(
        f"the source could not be read ({reason}): {counted(len(failed), 'shard')} left, such as "
        f"{number:06}; run the same command again"
    )
