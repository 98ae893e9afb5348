"""The truth of an index: one SQLite database of articles, passages and vectors.

Everything else in an index's folder is derived from it and can be made again. Each
article goes in with its passages and vectors in one transaction, so that a process
killed at any moment leaves whole articles only.
"""

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from corpus.article import Article, Passage
from corpus.errors import UnusableIndexError
from embeddings.encoder import Vectors
from embeddings.sqlite_errors import is_busy, is_read_only, translated

__all__ = ["DATABASE", "SCHEMA_VERSION", "Store"]

DATABASE = "quoth.sqlite"
SCHEMA_VERSION = "1"

_SCHEMA = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,  -- the file, and the article in it: what makes it the same one
    hash TEXT NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL, publisher TEXT, author TEXT, published TEXT,
    source TEXT, language TEXT, path TEXT
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: a stale list finds nothing, not another text
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX passages_by_article ON passages (article_id);
"""

_COLUMNS = [field.name for field in fields(Article)]


class Store:
    """A database of articles, passages and their vectors. Safe from several threads.

    Every method raises UnusableIndexError where the database cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        """Open or make the database in ``folder``; refuses one of another schema."""
        self.path = folder / DATABASE
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
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
                f"remove the folder and run: quoth index PATH --index {folder}"
            )

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._connections:
            self._connections.pop().close()
        self._local = threading.local()

    __del__ = close

    def _prepare(self) -> None:
        try:
            if self._connection().execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                return
        except sqlite3.OperationalError as error:
            log = self.path.with_name(f"{DATABASE}-wal")
            if not is_read_only(error) or (log.exists() and log.stat().st_size):
                raise
            self.close()
            self._frozen = True  # a disk that cannot be written can still be read
            self._connection().execute("SELECT 1 FROM manifest LIMIT 1")
            return
        self._use_log()
        with self.writing() as db:
            if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                for statement in _SCHEMA.split(";\n"):
                    if statement.strip():
                        db.execute(statement)
                start = {"schema": SCHEMA_VERSION, "uuid": uuid.uuid4().hex, "generation": "0"}
                db.executemany("INSERT INTO manifest VALUES (?, ?)", start.items())

    def _use_log(self) -> None:
        """Turn on the write-ahead log. For this alone SQLite does not wait while another
        process does the same, so we do."""
        for attempt in range(200):
            try:
                self._connection().execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if not is_busy(error) or attempt == 199:
                    raise
                time.sleep(0.05)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            address = self.path.absolute().as_uri() + ("?immutable=1" if self._frozen else "")
            # Used by one thread only, but closed by any.
            connection = sqlite3.connect(
                address, uri=True, timeout=60, isolation_level=None, check_same_thread=False
            )
            self._connections.append(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
        return connection

    def _rows(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        with translated(self.path):
            yield from self._connection().execute(sql, values)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is kept, or nothing."""
        with translated(self.path):
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # on some errors SQLite has already rolled back
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view of the database, whoever writes meanwhile."""
        with translated(self.path):
            db = self._connection()
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
        return int(self.manifest()["generation"])

    # Writing

    def put(
        self, article: Article, origin: str, passages: Sequence[Passage], vectors: Vectors
    ) -> None:
        """Add an article with its passages, in place of what ``origin`` was before.

        ``vectors`` has shape (len(passages), dimension).
        """
        row = [getattr(article, name) for name in _COLUMNS]
        names = ", ".join(_COLUMNS)
        marks = ", ".join("?" * (len(_COLUMNS) + 2))
        with self.writing() as db:
            db.execute("DELETE FROM articles WHERE origin = ?", (origin,))
            db.execute(
                f"INSERT INTO articles ({names}, origin, hash) VALUES ({marks})",
                [*row, origin, article.hash],
            )
            _insert(db, passages, vectors)
            _count_up(db)

    def replace_passages(
        self,
        encoded: Iterable[tuple[Article, Sequence[Passage], Vectors]],
        made_with: dict[str, str],
    ) -> None:
        """Put other passages and vectors in place of all there are; what failed leaves the old."""
        with self.writing() as db:
            db.execute("DELETE FROM passages")
            for _, passages, vectors in encoded:
                _insert(db, passages, vectors)
            db.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", made_with.items())
            _count_up(db)

    def forget(self, origins: Iterable[str]) -> None:
        """Remove articles with all that belongs to them."""
        rows = [(origin,) for origin in origins]
        if rows:
            with self.writing() as db:
                db.executemany("DELETE FROM articles WHERE origin = ?", rows)
                _count_up(db)

    # Reading

    def origins(self) -> dict[str, tuple[str, str]]:
        """Of every article its origin: (id, hash)."""
        rows = self._rows("SELECT origin, id, hash FROM articles")
        return {origin: (name, digest) for origin, name, digest in rows}

    def article(self, article_id: str) -> Article | None:
        """The article of this id."""
        sql = f"SELECT {', '.join(_COLUMNS)} FROM articles WHERE id = ?"
        return next((_article(row) for row in self._rows(sql, (article_id,))), None)

    def articles(self) -> Iterator[Article]:
        """All articles, by id."""
        sql = f"SELECT {', '.join(_COLUMNS)} FROM articles ORDER BY id"
        yield from map(_article, self._rows(sql))

    def passage_ids(self, wanted: Callable[[str, str | None, str | None], bool]) -> list[int]:
        """Those of the articles whose id, publisher and date are ``wanted``."""
        rows = self._rows("SELECT id, publisher, published FROM articles")
        ids = json.dumps([row[0] for row in rows if wanted(*row)])
        sql = "SELECT id FROM passages WHERE article_id IN (SELECT value FROM json_each(?))"
        return [row[0] for row in self._rows(sql, (ids,))]

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """The passages of these ids that are still there, each with its article."""
        names = ", ".join(f"a.{name}" for name in _COLUMNS)
        sql = f"""SELECT p.id, p.start, p.end, {names} FROM passages p
                  JOIN articles a ON a.id = p.article_id
                  WHERE p.id IN (SELECT value FROM json_each(?))"""
        found = {}
        for number, start, end, *row in self._rows(sql, (json.dumps(list(ids)),)):
            article = _article(row)
            found[number] = (Passage(article.id, start, end), article)
        return found

    def counts(self) -> tuple[int, int]:
        """How many articles and how many passages there are."""
        sql = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
        ((articles, passages),) = self._rows(sql)
        return articles, passages

    def complaints(self) -> list[str]:
        """What is wrong inside the database file; empty if nothing is."""
        try:
            found = [row[0] for row in self._rows("PRAGMA integrity_check(5)") if row[0] != "ok"]
            size = int(self.manifest().get("dimension", 0)) * 4
            ((bad,),) = self._rows(
                "SELECT count(*) FROM passages WHERE length(vector) != ?", (size,)
            )
            if bad:
                found.append(f"{bad} vectors are not of {size // 4} numbers")
            sql = """SELECT count(*) FROM passages p LEFT JOIN articles a ON a.id = p.article_id
                     WHERE a.id IS NULL OR p.start < 0 OR p.end <= p.start OR p.end > length(a.text)"""
            ((bad,),) = self._rows(sql)
            if bad:
                found.append(f"{bad} passages lie outside their article")
        except (UnusableIndexError, ValueError) as error:
            return [str(error)]
        return found


def _article(row: Sequence[Any]) -> Article:
    return Article(**dict(zip(_COLUMNS, row, strict=True)))


def _insert(db: sqlite3.Connection, passages: Sequence[Passage], vectors: Vectors) -> None:
    rows = (
        (p.article_id, p.start, p.end, np.ascontiguousarray(v, dtype="<f4").tobytes())
        for p, v in zip(passages, vectors, strict=True)
    )
    db.executemany(
        "INSERT INTO passages (article_id, start, end, vector) VALUES (?, ?, ?, ?)", rows
    )


def _count_up(db: sqlite3.Connection) -> None:
    db.execute("UPDATE manifest SET value = value + 1 WHERE key = 'generation'")
