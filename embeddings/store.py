"""The truth of an index: one SQLite database of articles, passages and vectors.

Everything else in an index's folder is derived from it and can be made again. Each
article goes in with its passages and vectors in one transaction, so that a process
killed at any moment leaves whole articles only.
"""

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import numpy as np

from corpus.article import Article, Passage
from corpus.errors import UnusableIndexError
from embeddings.encoder import Vectors

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
    """A database of articles, passages and their vectors. Safe from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open or make the database in ``folder``; raises UnusableIndexError."""
        self.path = folder / DATABASE
        self._local = threading.local()
        self._frozen = False
        try:
            if not self.path.exists():
                folder.mkdir(parents=True, exist_ok=True)
            self._prepare()
        except OSError as error:
            raise UnusableIndexError(
                f"{folder}: cannot hold an index ({error.strerror}); give another place with --index"
            ) from error
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _prepare(self) -> None:
        try:
            if self._connection().execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                self.manifest()
                return
        except sqlite3.OperationalError as error:
            if not _is_read_only(error):
                raise
            # A disk that cannot be written can still be read.
            self._frozen = True
            self._connection().execute("SELECT 1 FROM manifest LIMIT 1")
            return
        self._connection().execute("PRAGMA journal_mode = WAL")
        with self.writing() as db:
            if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                for statement in _SCHEMA.split(";\n"):
                    if statement.strip():
                        db.execute(statement)
                start = {"schema": SCHEMA_VERSION, "uuid": uuid.uuid4().hex, "generation": "0"}
                db.executemany("INSERT INTO manifest VALUES (?, ?)", start.items())

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            address = self.path.absolute().as_uri() + ("?immutable=1" if self._frozen else "")
            connection = sqlite3.connect(address, uri=True, timeout=60, isolation_level=None)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
        elif self._frozen and not getattr(self._local, "frozen", False):
            connection.close()
            self._local.connection, self._local.frozen = None, True
            return self._connection()
        return connection

    def _trouble(self, error: sqlite3.Error) -> UnusableIndexError:
        """What to tell of an error: a database that is only busy is not to be removed."""
        name = getattr(error, "sqlite_errorname", None) or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return UnusableIndexError(f"{self.path}: in use by another process; try again later")
        if name.startswith(("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR")):
            return UnusableIndexError(
                f"{self.path}: cannot be written or read ({error}); see to the disk, then try again"
            )
        return UnusableIndexError(
            f"{self.path}: not a usable Quoth database ({error}); restore it from a copy, "
            f"or remove {self.path.parent} and index your articles again"
        )

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is kept, or nothing. Raises UnusableIndexError where the
        database cannot be written."""
        db = self._connection()
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view of the database, whoever writes meanwhile."""
        db = self._connection()
        db.execute("BEGIN")
        try:
            yield db
        finally:
            db.execute("ROLLBACK")

    # The manifest

    def manifest(self) -> dict[str, str]:
        """What made this index: schema, encoder, dimension, chunker; uuid and generation."""
        try:
            return dict(self._connection().execute("SELECT key, value FROM manifest"))
        except sqlite3.DatabaseError as error:
            raise self._trouble(error) from error

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
        rows = self._connection().execute("SELECT origin, id, hash FROM articles")
        return {origin: (name, digest) for origin, name, digest in rows}

    def article(self, article_id: str) -> Article | None:
        """The article of this id."""
        sql = f"SELECT {', '.join(_COLUMNS)} FROM articles WHERE id = ?"
        row = self._connection().execute(sql, (article_id,)).fetchone()
        return Article(**dict(zip(_COLUMNS, row, strict=True))) if row else None

    def articles(self) -> Iterator[Article]:
        """All articles, by id."""
        sql = f"SELECT {', '.join(_COLUMNS)} FROM articles ORDER BY id"
        for row in self._connection().execute(sql):
            yield Article(**dict(zip(_COLUMNS, row, strict=True)))

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """The passages of these ids that are still there, each with its article."""
        names = ", ".join(f"a.{name}" for name in _COLUMNS)
        sql = f"""SELECT p.id, p.start, p.end, {names} FROM passages p
                  JOIN articles a ON a.id = p.article_id
                  WHERE p.id IN (SELECT value FROM json_each(?))"""
        found = {}
        for number, start, end, *row in self._connection().execute(sql, (json.dumps(list(ids)),)):
            article = Article(**dict(zip(_COLUMNS, row, strict=True)))
            found[number] = (Passage(article.id, start, end), article)
        return found

    def counts(self) -> tuple[int, int]:
        """How many articles and how many passages there are."""
        sql = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
        articles, passages = self._connection().execute(sql).fetchone()
        return articles, passages

    def complaints(self) -> list[str]:
        """What is wrong inside the database file; empty if nothing is."""
        try:
            db = self._connection()
            found = [row[0] for row in db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
            size = int(self.manifest().get("dimension", 0)) * 4
            sql = "SELECT count(*) FROM passages WHERE length(vector) != ?"
            if bad := db.execute(sql, (size,)).fetchone()[0]:
                found.append(f"{bad} vectors are not of {size // 4} numbers")
            sql = """SELECT count(*) FROM passages p LEFT JOIN articles a ON a.id = p.article_id
                     WHERE a.id IS NULL OR p.start < 0 OR p.end <= p.start OR p.end > length(a.text)"""
            if bad := db.execute(sql).fetchone()[0]:
                found.append(f"{bad} passages lie outside their article")
        except (sqlite3.DatabaseError, UnusableIndexError) as error:
            return [str(error)]
        return found


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


def _is_read_only(error: sqlite3.Error) -> bool:
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN"))
