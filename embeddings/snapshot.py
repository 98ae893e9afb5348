"""What the database of an index shows at one moment, for the indexes that are derived from it.

Every function takes the connection of ``Database.reading``.
"""

import json
import sqlite3
from collections.abc import Iterator

import numpy as np

from embeddings.approximate import spread
from embeddings.encoder import Vectors, unit
from embeddings.store import Ids, unpacked

__all__ = ["batches", "count", "documents", "last", "queries", "removed", "sample", "value"]

_BATCH = 20_000  # vectors read at a time
_QUERIES = 200  # to measure recall with


def value(db: sqlite3.Connection, key: str) -> str:
    """What the manifest says of ``key``."""
    row = db.execute("SELECT value FROM manifest WHERE key = ?", (key,)).fetchone()
    return str(row[0])


def last(db: sqlite3.Connection) -> int:
    """The highest passage id, 0 where there is none."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM passages").fetchone()[0])


def count(db: sqlite3.Connection, after: int = 0) -> int:
    """How many passages have an id above ``after``."""
    sql = "SELECT count(*) FROM passages WHERE id > ?"
    return int(db.execute(sql, (after,)).fetchone()[0])


def removed(db: sqlite3.Connection, upto: int) -> Ids:
    """The ids up to ``upto`` of passages that are no more, as far as an index may hold them."""
    rows = db.execute("SELECT id FROM removed WHERE id <= ?", (upto,))
    return np.fromiter((i for (i,) in rows), dtype=np.int64)


def batches(db: sqlite3.Connection, after: int = 0) -> Iterator[tuple[Ids, Vectors]]:
    """Ids above ``after`` with their vectors, shapes (n,) and (n, dimension), a batch at a time."""
    while True:
        sql = "SELECT id, vector FROM vectors WHERE id > ? ORDER BY id LIMIT ?"
        rows = db.execute(sql, (after, _BATCH)).fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield np.array([i for i, _ in rows], dtype=np.int64), unpacked(*(v for _, v in rows))


def sample(db: sqlite3.Connection, wanted: int) -> Vectors:
    """So many of the vectors, evenly apart."""
    ids = [i for (i,) in db.execute("SELECT id FROM passages ORDER BY id")]
    chosen = json.dumps([ids[place] for place in spread(len(ids), wanted)])
    sql = "SELECT vector FROM vectors WHERE id IN (SELECT value FROM json_each(?))"
    return unpacked(*(v for (v,) in db.execute(sql, (chosen,))))


def queries(db: sqlite3.Connection) -> Vectors:
    """Vectors that lie where questions do: not so near to any passage as passages are to each
    other. The middle between two passages has a cosine of about 0.7 with each; real questions had
    one of 0.62 with their nearest passage, and neighbours as hard to find."""
    some = sample(db, 2 * _QUERIES)
    half = len(some) // 2
    return unit(some[:half] + some[half : 2 * half])


def documents(db: sqlite3.Connection, after: int = 0) -> Iterator[tuple[int, str, str]]:
    """(id, title, text) of the passages with an id above ``after``."""
    yield from db.execute(
        """SELECT p.id, a.title, substr(a.text, p.start + 1, p.end - p.start)
           FROM passages p JOIN articles a ON a.number = p.article
           WHERE p.id > ? ORDER BY p.id""",
        (after,),
    )
