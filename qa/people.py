"""What people leave behind, in a database of its own beside the index.

Who a person is stands in it only as a hash. What is taken out is overwritten, not just marked.
"""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from corpus.errors import UnusableIndexError
from embeddings.database import transaction
from embeddings.sqlite_errors import is_busy, translated

__all__ = ["DATABASE", "People", "hashed"]

DATABASE = "people.sqlite"

_VERSION = 1
_WAIT = 20  # seconds for others who write
_MEND = "or remove it, and with it conversations and feedback (the articles are not in it)"
_TABLES = (
    "CREATE TABLE turns (number INTEGER PRIMARY KEY, person TEXT NOT NULL, at REAL NOT NULL, said TEXT NOT NULL)",
    "CREATE INDEX turns_by_person ON turns (person, number)",
    "CREATE INDEX turns_by_time ON turns (at)",
    """CREATE TABLE feedback (person TEXT NOT NULL, about TEXT NOT NULL, at REAL NOT NULL, said TEXT NOT NULL,
       PRIMARY KEY (person, about))""",
)


def hashed(text: str) -> str:
    """SHA-256 (hex) of any text, also of one that cannot be encoded."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class People:
    """The database ``people.sqlite`` in a folder; it is made when something is first kept.

    Each use has its own connection: safe from several threads and processes, and what was
    moved or removed by hand is noticed. Every method raises UnusableIndexError where the
    database cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / DATABASE

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to read with; None where nothing was ever kept."""
        if not self.path.exists():
            yield None
            return
        with self._opened() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is kept, or nothing."""
        try:
            if not self.path.exists():
                self.path.touch(mode=0o600)  # nobody else's to read
        except OSError as error:
            raise UnusableIndexError(
                f"{self.path}: cannot be written ({error.strerror}); see to the disk or its rights, then try again"
            ) from error
        with self._opened() as db, transaction(db):
            yield db

    def clear_log(self) -> None:
        """Overwrite the write-ahead log, where words taken out may still stand.

        Raises UnusableIndexError where others keep it from that for too long.
        """
        with self._opened() as db:
            ((busy, *_),) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if busy:
            raise UnusableIndexError(
                f"{self.path}: being read by others, so that what was taken out may still stand in "
                f"{self.path.name}-wal; try again"
            )

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        with (
            translated(self.path, _MEND),
            closing(sqlite3.connect(address, uri=True, timeout=_WAIT, isolation_level=None)) as db,
        ):
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = ON")
            found = _version(db)
            if found > _VERSION:
                raise UnusableIndexError(
                    f"{self.path}: made by a later version of Quoth (schema {found}, this program has "
                    f"{_VERSION}); use that version, {_MEND}"
                )
            if found == 0:
                _make(db)
            yield db


def _make(db: sqlite3.Connection) -> None:
    """The tables, whoever else makes them at the same time."""
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")  # for this alone SQLite does not wait
            break
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    db.execute("BEGIN IMMEDIATE")
    try:
        if _version(db) == 0:
            for statement in _TABLES:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection) -> int:
    ((version,),) = db.execute("PRAGMA user_version").fetchall()
    return int(version)
