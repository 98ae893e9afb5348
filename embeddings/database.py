"""The SQLite database of an index: its tables, its connections, its manifest."""

import sqlite3
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpus.characters import folded
from corpus.errors import UnusableIndexError
from embeddings.sqlite_errors import afresh, is_busy, is_read_only, translated

__all__ = ["DATABASE", "SCHEMA_VERSION", "Database", "transaction"]

DATABASE = "quoth.sqlite"
SCHEMA_VERSION = "2"

_SCHEMA = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL UNIQUE,  -- the file, and the article in it: what makes it the same one
    hash TEXT NOT NULL,
    title TEXT NOT NULL, publisher TEXT, author TEXT, published TEXT,
    source TEXT, language TEXT, path TEXT,
    text TEXT NOT NULL  -- last: to read what stands before it is quick
);
CREATE INDEX articles_by_path ON articles (path);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: a stale list finds nothing, not another text
    article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL
);
CREATE INDEX passages_by_article ON passages (article);
CREATE TABLE vectors (  -- apart, so that what is small can be read without them
    id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    vector BLOB NOT NULL  -- float16, little-endian
);
CREATE TABLE removed (id INTEGER PRIMARY KEY);  -- passages that derived indexes may still hold
CREATE TRIGGER passage_removed AFTER DELETE ON passages
    BEGIN INSERT OR IGNORE INTO removed VALUES (old.id); END;
CREATE TABLE files (  -- as they were when read: what has not changed is not read again
    path TEXT PRIMARY KEY, stamp TEXT NOT NULL, articles INTEGER NOT NULL, problems TEXT NOT NULL
) WITHOUT ROWID;
"""

_LISTED = """CREATE INDEX IF NOT EXISTS articles_listed
    ON articles (published DESC, title DESC, id, publisher, author, source, path)"""


class Database:
    """A database in a folder. Safe from several threads.

    Every method raises UnusableIndexError where the database cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        """Open or make the database in ``folder``; refuses one of another schema."""
        self.path = folder / DATABASE
        self._idle: list[sqlite3.Connection] = []
        self._frozen = False
        try:
            if not self.path.exists():
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnusableIndexError(
                f"{folder}: cannot hold an index ({error.strerror}); give another place with --index"
            ) from error
        with translated(self.path):
            self._prepare()
        found = self.manifest().get("schema")
        if found != SCHEMA_VERSION:
            raise UnusableIndexError(
                f"{folder}: the index has schema {found}, this program reads {SCHEMA_VERSION}; "
                f"{afresh(folder)}: quoth index PATH --index {folder}"
            )

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    __del__ = close

    def _prepare(self) -> None:
        try:
            with self._connection() as db:
                if db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                    return
        except sqlite3.OperationalError as error:
            log = self.path.with_name(f"{DATABASE}-wal")
            if not is_read_only(error) or (log.exists() and log.stat().st_size):
                raise
            self.close()
            self._frozen = True  # a disk that cannot be written can still be read
            with self._connection() as db:
                db.execute("SELECT 1 FROM manifest LIMIT 1")
            return
        self._use_log()
        with self.writing() as db:
            if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                for statement in _statements(_SCHEMA):
                    db.execute(statement)
                db.execute(_LISTED)
                start = {"schema": SCHEMA_VERSION, "uuid": uuid.uuid4().hex, "generation": "0"}
                db.executemany("INSERT INTO manifest VALUES (?, ?)", start.items())

    def _use_log(self) -> None:
        """Turn on the write-ahead log. For this alone SQLite does not wait while another
        process does the same, so we do."""
        for attempt in range(200):
            try:
                with self._connection() as db:
                    db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if not is_busy(error) or attempt == 199:
                    raise
                time.sleep(0.05)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one use; then it is kept for the next, of whatever thread."""
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connect()
        try:
            yield db
        finally:
            if db.in_transaction:  # Ctrl-C at a bad moment: nobody else is to be in the midst of it
                db.close()
            else:
                self._idle.append(db)

    def _connect(self) -> sqlite3.Connection:
        address = self.path.absolute().as_uri() + ("?immutable=1" if self._frozen else "")
        db = sqlite3.connect(
            address, uri=True, timeout=60, isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA journal_size_limit = 67108864")
            db.create_function("folded", 1, folded, deterministic=True)
        except BaseException:
            db.close()
            raise
        return db

    def _rows(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        with translated(self.path), self._connection() as db:
            yield from db.execute(sql, values)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is kept, or nothing."""
        with translated(self.path), self._connection() as db, transaction(db):
            yield db

    def order(self) -> None:
        """See to it that listing the articles does not read them: for a database made before."""
        if not any(self._rows("SELECT 1 FROM sqlite_master WHERE name = 'articles_listed'")):
            with self.writing() as db:
                db.execute(_LISTED)
                db.execute("DROP INDEX IF EXISTS articles_by_date")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view of the database, whoever writes meanwhile."""
        with translated(self.path), self._connection() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    # The manifest

    def manifest(self) -> dict[str, str]:
        """What made this index: schema, encoder, dimension, chunker; uuid and generation."""
        return dict(self._rows("SELECT key, value FROM manifest"))

    def set_manifest(self, values: dict[str, str]) -> None:
        """Write these values of the manifest, whatever they were."""
        with self.writing() as db:
            db.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", values.items())

    @property
    def generation(self) -> int:
        """Counts the changes: derived indexes are stamped with it."""
        return int(next(self._rows("SELECT value FROM manifest WHERE key = 'generation'"))[0])


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """What is written inside is kept whole, or not at all."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # on some errors SQLite has already rolled back
            db.execute("ROLLBACK")
        raise
