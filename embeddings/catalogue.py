"""What articles an index has, without their texts: lists, names and counts, of all or of some.

Every function takes the connection of ``Database.reading`` and works in SQL: of 100,000 articles only
those asked for come out. An index of SQLite over what is listed (``articles_listed``) spares reading
the articles themselves.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.characters import folded, whole
from embeddings.store import Ids

__all__ = ["ALL", "Some", "any_of", "beside", "counts", "listed", "months", "passage_ids"]
__all__ += ["publishers", "within"]

LISTED = ("id", "title", "publisher", "author", "published", "source", "path")
"""What ``listed`` tells of an article, in this order."""

_WORDS = 20  # of a search that are looked for
_MOST = 1000  # articles in one list
_SEARCHED = " || ' ' || ".join(
    f"coalesce({name}, '')" for name in ("title", "publisher", "author", "id")
)


@dataclass(frozen=True, slots=True)
class Some:
    """Which articles: a condition on their table, never null, and its values."""

    sql: str = "1"
    values: tuple[Any, ...] = ()

    def __and__(self, other: "Some") -> "Some":
        return Some(f"({self.sql}) AND ({other.sql})", self.values + other.values)


ALL = Some()


def within(folder: str) -> Some:
    """The articles read from files below a folder."""
    place = folder.rstrip("/")
    # All that begins with "place/": the character after "/" is "0". So an index can be used.
    return Some("path IS NOT NULL AND path >= ? AND path < ?", (f"{place}/", f"{place}0"))


def listed(
    db: sqlite3.Connection, some: Some, text: str, offset: int, limit: int
) -> tuple[list[tuple[Any, ...]], int]:
    """The articles, newest first and undated last, in which every word of ``text`` occurs in title,
    publisher, author or id, whatever its case; and how many there are in all."""
    for word in folded(whole(text)).split()[:_WORDS]:
        some &= Some(f"instr(folded({_SEARCHED}), ?) > 0", (word,))
    ((total,),) = db.execute(f"SELECT count(*) FROM articles WHERE {some.sql}", some.values)
    rows = db.execute(
        f"""SELECT {", ".join(LISTED)} FROM articles WHERE {some.sql}
            ORDER BY published DESC, title DESC, id LIMIT ? OFFSET ?""",
        (*some.values, max(0, min(limit, _MOST)), max(0, min(offset, 2**62))),
    )
    return rows.fetchall(), total


def beside(db: sqlite3.Connection, paths: set[str]) -> dict[str, int]:
    """How many articles were read from each of these files."""
    sql = """SELECT path, count(*) FROM articles WHERE path IN (SELECT value FROM json_each(?))
             GROUP BY path"""
    return dict(db.execute(sql, (json.dumps(sorted(paths)),)))


def any_of(db: sqlite3.Connection, some: Some) -> bool:
    """Whether there are any."""
    sql = f"SELECT 1 FROM articles WHERE {some.sql} LIMIT 1"
    return db.execute(sql, some.values).fetchone() is not None


def counts(db: sqlite3.Connection, some: Some) -> tuple[int, int]:
    """How many articles and how many passages."""
    others = f"FROM articles WHERE NOT ({some.sql})"  # the fewer, as a rule
    sql = f"""SELECT (SELECT count(*) FROM articles) - (SELECT count(*) {others}),
              (SELECT count(*) FROM passages)
              - (SELECT count(*) FROM passages WHERE article IN (SELECT number {others}))"""
    articles, passages = db.execute(sql, some.values * 2).fetchone()
    return articles, passages


def publishers(db: sqlite3.Connection, some: Some) -> list[str]:
    """Their publishers, in alphabetical order."""
    sql = f"SELECT DISTINCT publisher FROM articles WHERE publisher > '' AND {some.sql}"
    return sorted(name for (name,) in db.execute(sql, some.values))


def months(db: sqlite3.Connection, some: Some) -> list[tuple[str, int]]:
    """How many were published in which month (``2026-02``), or year where no more is known; the
    earliest first, those without a date last, under ""."""
    sql = f"""SELECT substr(published, 1, 7) AS month, count(*) FROM articles WHERE {some.sql}
              GROUP BY month ORDER BY month IS NULL, month"""
    return [(month or "", count) for month, count in db.execute(sql, some.values)]


def passage_ids(db: sqlite3.Connection, some: Some = ALL) -> Ids:
    """The ids of their passages, in order."""
    sql = f"SELECT id FROM passages WHERE article IN (SELECT number FROM articles WHERE {some.sql})"
    found = np.fromiter((i for (i,) in db.execute(sql, some.values)), dtype=np.int64)
    return np.sort(found)
