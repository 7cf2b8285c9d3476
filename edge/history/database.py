"""The file that a history is in: an SQLite database of our own making, and of no other."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import HistoryError, one_line

APPLICATION_ID = 0x68617073  # "haps", in the header of the file (SQLite file format, 1.3)
VERSION = 1  # of the tables; user_version in the header
NEW: tuple[int, int, list[str]] = (0, 0, [])  # what is known of an empty file, or none
BUSY_S = 5.0  # another run may be writing
# An answer is some 70 bytes with its place in the index; times are seconds since 1970.
SCHEMA = (
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY, began REAL NOT NULL, source TEXT NOT NULL, model TEXT NOT NULL,
        band_low REAL, band_high REAL
    ) STRICT""",
    """CREATE TABLE answers (
        time REAL NOT NULL, run INTEGER NOT NULL, face INTEGER, label TEXT NOT NULL,
        previous TEXT, p_happy REAL, p_sad REAL, p_neutral REAL, faces INTEGER NOT NULL,
        reason TEXT
    ) STRICT""",
    "CREATE INDEX answers_by_time ON answers (time)",
    """CREATE TABLE minutes (
        minute INTEGER NOT NULL, run INTEGER NOT NULL, happy REAL NOT NULL, neutral REAL NOT NULL,
        sad REAL NOT NULL, unsure REAL NOT NULL, no_face REAL NOT NULL, no_camera REAL NOT NULL,
        judged REAL NOT NULL, p_happy REAL NOT NULL, p_sad REAL NOT NULL, p_neutral REAL NOT NULL,
        p_min REAL NOT NULL, p_max REAL NOT NULL, changes INTEGER NOT NULL,
        PRIMARY KEY (minute, run)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE faults (time REAL NOT NULL, run INTEGER NOT NULL, text TEXT NOT NULL) STRICT",
    "CREATE INDEX faults_by_time ON faults (time)",
)


def open_to_write(path: Path) -> sqlite3.Connection:
    """Opens a history, or makes one where there is nothing; several runs may write to one.

    Written is what was committed: a process that is killed loses nothing of it, and a machine that
    loses its power no more than the last seconds.

    Returns:
        For any one thread at a time; transactions are the caller's.

    Raises:
        HistoryError: There is something else, or nothing can be written there.
    """
    path = path.absolute()
    with _reasons(path, "write"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made here, for its owner alone: SQLite goes by the umask, and beside it by this file.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(
            path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
    with _reasons(path, "write", connection):
        _distrust(connection)
        connection.execute("PRAGMA synchronous = NORMAL")  # the disk is waited for at checkpoints
        connection.execute("PRAGMA wal_autocheckpoint = 250")  # pages: 1 MB
        connection.execute("PRAGMA journal_size_limit = 1000000")
        connection.execute("BEGIN IMMEDIATE")
        if _identity(connection) == NEW:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            for statement in SCHEMA:
                connection.execute(statement)
        _check(connection, path, "write")
        connection.execute("COMMIT")
        # Locked where another run begins at the same time, which then sees to it.
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Opens a history that is there, also while a run writes to it.

    Raises:
        HistoryError: There is none, or something else.
    """
    path = path.absolute()
    if not path.exists():
        raise HistoryError(f"no history at {one_line(path)}: 'webcam --history' writes one")
    with _reasons(path, "read"):
        address = f"{path.as_uri()}?mode=rw"  # or SQLite would leave two files behind
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None)
    with _reasons(path, "read", connection):
        _distrust(connection)
        connection.execute("PRAGMA query_only = ON")
        if _identity(connection) == NEW:
            raise HistoryError(f"{one_line(path)} is empty: no run has written to it yet")
        connection.execute("BEGIN")  # one state of the file for all that is read
        _check(connection, path, "read")
    return connection


@contextmanager
def _reasons(path: Path, do: str, connection: sqlite3.Connection | None = None) -> Iterator[None]:
    """Errors in one line, which says what cannot be done; the connection is closed after one."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not path.is_file():  # beside a device SQLite leaves a file
            raise _not_ours(path, do)
        yield
    except (OSError, sqlite3.Error, HistoryError) as error:
        if connection:
            connection.close()
        if isinstance(error, HistoryError):
            raise
        if str(error) == "file is not a database":
            raise _not_ours(path, do) from error
        raise HistoryError(f"cannot {do} the history {one_line(path)}: {said(error)}") from error


def _distrust(connection: sqlite3.Connection) -> None:
    """What SQLite advises for files that may be somebody else's (sqlite.org/security.html)."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")


def said(error: Exception) -> str:
    """What SQLite or the system calls an error, without the name of a file."""
    return str(getattr(error, "strerror", None) or error)


def _identity(connection: sqlite3.Connection) -> tuple[int, int, list[str]]:
    """The numbers in the header, and what the tables were made with."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    made = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    return application_id, version, [str(sql) for (sql,) in made]


def _check(connection: sqlite3.Connection, path: Path, do: str) -> None:
    """A HistoryError unless the tables are ours to the letter: no view, no trigger."""
    application_id, version, made = _identity(connection)
    if application_id == APPLICATION_ID and version > VERSION:
        raise HistoryError(
            f"{one_line(path)} was written by a newer happysad: upgrade, or name another file"
        )
    if (application_id, version, made) != (APPLICATION_ID, VERSION, list(SCHEMA)):
        raise _not_ours(path, do)


def _not_ours(path: Path, do: str) -> HistoryError:
    other = "that is not there yet" if do == "write" else "that 'webcam --history' wrote"
    return HistoryError(f"{one_line(path)} is no history of happysad's: name a file {other}")
