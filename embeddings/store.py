"""The truth of an index: articles, passages and vectors in one SQLite database.

Everything else in an index's folder is derived from it and can be made again. Articles go
in with their passages and vectors in one transaction, so that a process killed at any
moment leaves whole articles only.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.article import Article, Passage
from corpus.errors import UnusableIndexError
from embeddings.database import Database
from embeddings.encoder import Vectors
from embeddings.sqlite_errors import afresh

__all__ = ["Entry", "Ids", "ReadFile", "Store", "unpacked"]

Ids = npt.NDArray[np.int64]

_COLUMNS = [field.name for field in fields(Article)]
_WHOLE = ", ".join([*_COLUMNS, "hash"])


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as it goes in; ``vectors`` has shape (len(passages), dimension)."""

    origin: str
    article: Article
    passages: Sequence[Passage]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: how it was stamped, how many articles it has, and the problems
    (path, reason, file) it made; ``gone`` are the origins of articles no longer in it."""

    path: str
    stamp: str
    articles: int
    problems: tuple[tuple[str, str, str | None], ...] = ()
    gone: tuple[str, ...] = ()


class Store(Database):
    """What is in the database, and how it changes. Safe from several threads.

    Every method raises UnusableIndexError where the database cannot be used.
    """

    # Writing

    def put(self, entries: Iterable[Entry], files: Iterable[ReadFile] = ()) -> None:
        """Add articles, each in place of what its origin was before, and note files as read:
        all in one transaction."""
        changed = False
        with self.writing() as db:
            for entry in entries:
                changed = True
                db.execute("DELETE FROM articles WHERE origin = ?", (entry.origin,))
                row = [getattr(entry.article, name) for name in _COLUMNS]
                marks = ", ".join("?" * (len(row) + 2))
                added = db.execute(
                    f"INSERT INTO articles ({', '.join(_COLUMNS)}, origin, hash) VALUES ({marks})",
                    [*row, entry.origin, entry.article.hash],
                )
                _insert(db, added.lastrowid or 0, entry.passages, entry.vectors)
            for file in files:
                changed |= bool(file.gone)
                db.executemany(
                    "DELETE FROM articles WHERE origin = ?", ((origin,) for origin in file.gone)
                )
                db.execute(
                    "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
                    (file.path, file.stamp, file.articles, json.dumps(file.problems)),
                )
            if changed:
                _count_up(db)

    def replace_passages(self, entries: Iterable[Entry], made_with: dict[str, str]) -> None:
        """Put other passages and vectors in place of all there are; what failed leaves the old."""
        with self.writing() as db:
            db.execute("DELETE FROM passages")
            for entry in entries:
                row = db.execute("SELECT number FROM articles WHERE id = ?", (entry.article.id,))
                _insert(db, row.fetchone()[0], entry.passages, entry.vectors)
            db.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", made_with.items())
            _count_up(db)

    def forget(self, place: str, inside: str) -> int:
        """Remove the articles of the origin ``place`` and of those that begin with ``inside``,
        with all that belongs to them; returns how many."""
        where = "{0} = ? OR substr({0}, 1, ?) = ?"
        with self.writing() as db:
            values = (place, len(inside), inside)
            gone = db.execute(f"DELETE FROM articles WHERE {where.format('origin')}", values)
            db.execute(f"DELETE FROM files WHERE {where.format('path')}", values)
            if gone.rowcount:
                _count_up(db)
            return gone.rowcount

    def forget_files(self, paths: Iterable[str]) -> int:
        """Remove the articles that were read from these files; returns how many."""
        rows = [(path,) for path in paths]
        if not rows:
            return 0
        with self.writing() as db:
            gone = db.executemany("DELETE FROM articles WHERE path = ?", rows).rowcount
            db.executemany("DELETE FROM files WHERE path = ?", rows)
            if gone:
                _count_up(db)
            return gone

    def prune_removed(self, above: int) -> None:
        """Forget which passages with an id above this were removed: no index holds them."""
        with self.writing() as db:
            db.execute("DELETE FROM removed WHERE id > ?", (above,))

    # Reading

    def known(self, origin: str) -> str | None:
        """The hash of the article of this origin, if it is here."""
        rows = list(self._rows("SELECT hash FROM articles WHERE origin = ?", (origin,)))
        return rows[0][0] if rows else None

    def taken(self, article_id: str) -> bool:
        """Whether an article has this id."""
        return any(self._rows("SELECT 1 FROM articles WHERE id = ?", (article_id,)))

    def id_of(self, origin: str) -> str | None:
        """The id that the article of this origin has."""
        rows = list(self._rows("SELECT id FROM articles WHERE origin = ?", (origin,)))
        return rows[0][0] if rows else None

    def origins_of(self, path: str) -> list[str]:
        """The origins of the articles that were read from this file."""
        return [row[0] for row in self._rows("SELECT origin FROM articles WHERE path = ?", (path,))]

    def file(self, path: str) -> ReadFile | None:
        """What is known of a file that was read."""
        sql = "SELECT path, stamp, articles, problems FROM files WHERE path = ?"
        for name, stamp, articles, problems in self._rows(sql, (path,)):
            return ReadFile(name, stamp, articles, tuple(map(tuple, json.loads(problems))))
        return None

    def files(self) -> Iterator[str]:
        """The paths of all files that were read, also of those whose reading was broken off."""
        sql = "SELECT path FROM files UNION SELECT path FROM articles WHERE path IS NOT NULL"
        yield from (row[0] for row in self._rows(sql))

    def article(self, article_id: str) -> Article | None:
        """The article of this id."""
        sql = f"SELECT {_WHOLE} FROM articles WHERE id = ?"
        return next(map(self._article, self._rows(sql, (article_id,))), None)

    def articles(self) -> Iterator[Article]:
        """All articles, by id."""
        yield from map(self._article, self._rows(f"SELECT {_WHOLE} FROM articles ORDER BY id"))

    def newest(self, count: int) -> list[Article]:
        """So many articles, the newest first, those without a date last."""
        sql = f"""SELECT {_WHOLE} FROM articles
                  ORDER BY published DESC NULLS LAST, title DESC LIMIT ?"""
        return list(map(self._article, self._rows(sql, (count,))))

    def publishers(self) -> list[str]:
        """All publishers, in alphabetical order."""
        sql = "SELECT DISTINCT publisher FROM articles WHERE publisher IS NOT NULL"
        return sorted(row[0] for row in self._rows(sql) if row[0])

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """The passages of these ids that are still there, each with its article."""
        wanted = json.dumps(list(ids))
        with self.reading() as db:
            rows = db.execute(
                """SELECT id, article, start, end FROM passages
                   WHERE id IN (SELECT value FROM json_each(?))""",
                (wanted,),
            ).fetchall()
            numbers = json.dumps(sorted({article for _, article, _, _ in rows}))
            articles = {
                number: self._article(row)
                for number, *row in db.execute(
                    f"""SELECT number, {_WHOLE} FROM articles
                        WHERE number IN (SELECT value FROM json_each(?))""",
                    (numbers,),
                )
            }
        return {
            number: (Passage(articles[article].id, start, end), articles[article])
            for number, article, start, end in rows
        }

    def vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """The vectors, shape (dimension,), of these passages, of those that are still there."""
        sql = "SELECT id, vector FROM vectors WHERE id IN (SELECT value FROM json_each(?))"
        rows = self._rows(sql, (json.dumps(list(ids)),))
        return {number: unpacked(vector)[0] for number, vector in rows}

    def _article(self, row: Sequence[Any]) -> Article:
        """The article of a row, if it says what it said when it was stored: a disk may forget, and
        a quote has to be right."""
        *values, digest = row
        article = Article(**dict(zip(_COLUMNS, values, strict=True)))
        if article.hash != digest:
            raise UnusableIndexError(
                f"{self.path}: article {article.id!r} is damaged, it is not what was stored; restore the "
                f"database from a copy, or {afresh(self.path.parent)}"
            )
        return article

    def counts(self) -> tuple[int, int]:
        """How many articles and how many passages there are."""
        sql = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
        ((articles, passages),) = self._rows(sql)
        return articles, passages

    def complaints(self) -> list[str]:
        """What is wrong inside the database file; empty if nothing is."""
        try:
            found = [row[0] for row in self._rows("PRAGMA integrity_check(5)") if row[0] != "ok"]
            size = int(self.manifest().get("dimension", 0)) * 2
            ((bad,),) = self._rows(
                """SELECT count(*) FROM passages p LEFT JOIN vectors v ON v.id = p.id
                   WHERE v.id IS NULL OR length(v.vector) != ?""",
                (size,),
            )
            if bad:
                found.append(f"{bad} passages have no vector of {size // 2} numbers")
            sql = """SELECT count(*) FROM passages p LEFT JOIN articles a ON a.number = p.article
                     WHERE a.number IS NULL OR p.start < 0 OR p.end <= p.start OR p.end > length(a.text)"""
            ((bad,),) = self._rows(sql)
            if bad:
                found.append(f"{bad} passages lie outside their article")
            for _ in self.articles():
                pass
        except (UnusableIndexError, ValueError) as error:
            return [str(error)]
        return found


def packed(vector: Vectors) -> bytes:
    """A vector as it is stored. Half precision moves a cosine by less than 0.0005."""
    return np.ascontiguousarray(vector, dtype="<f2").tobytes()


def unpacked(*stored: bytes) -> Vectors:
    """Vectors from what is stored: float32, shape (len(stored), dimension)."""
    return np.frombuffer(b"".join(stored), dtype="<f2").reshape(len(stored), -1).astype(np.float32)


def _insert(
    db: sqlite3.Connection, article: int, passages: Sequence[Passage], vectors: Vectors
) -> None:
    for passage, vector in zip(passages, vectors, strict=True):
        added = db.execute(
            "INSERT INTO passages (article, start, end) VALUES (?, ?, ?)",
            (article, passage.start, passage.end),
        )
        db.execute("INSERT INTO vectors VALUES (?, ?)", (added.lastrowid, packed(vector)))


def _count_up(db: sqlite3.Connection) -> None:
    # Not by one: of a copy put back, the next generation is another than that of what came after it.
    step = "value + 1 + (random() & 1048575)"
    db.execute(f"UPDATE manifest SET value = {step} WHERE key = 'generation'")
