"""The FAISS and the lexical index on disk, stamped with what they were made from.

They live in a folder named after the database's id and generation, which is written
under another name and then renamed: it is there whole or not at all. A stamp lists its
files with their hashes; whatever does not agree with it is made again from the database,
without encoding anything.
"""

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings.dense import DenseIndex
from embeddings.lexical import LexicalIndex
from embeddings.store import Store

__all__ = ["Derived", "build", "clear_others", "load", "place"]

_PREFIX, _UNFINISHED = "derived-", "unfinished-"
_STAMP = "stamp.json"
_FORMAT = "2"  # of the two indexes and how their texts are made: change it to have them rebuilt


@dataclass(frozen=True, slots=True)
class Derived:
    """Both indexes of one generation of the database."""

    generation: int
    dense: DenseIndex
    lexical: LexicalIndex


def place(store: Store, generation: int) -> Path:
    """The folder where the indexes of this generation belong."""
    name = store.manifest()["uuid"][:8]
    return store.path.parent / f"{_PREFIX}{_FORMAT}-{name}-{generation}"


def load(store: Store, generation: int) -> Derived | None:
    """The indexes of this generation; None if they are missing or damaged."""
    folder = place(store, generation)
    try:
        stamp = json.loads((folder / _STAMP).read_text())
        if stamp != _stamp(folder):
            return None
        return Derived(generation, DenseIndex.load(folder), LexicalIndex.load(folder / "lexical"))
    except (OSError, ValueError, RuntimeError, AttributeError):
        return None


def build(store: Store) -> Derived:
    """Make both from one view of the database; on disk if it can be written, else in memory."""
    with store.reading() as db:
        generation, dimension = (
            int(db.execute("SELECT value FROM manifest WHERE key = ?", (key,)).fetchone()[0])
            for key in ("generation", "dimension")
        )
        rows = db.execute("SELECT id, vector FROM passages ORDER BY id").fetchall()
        vectors = np.frombuffer(b"".join(v for _, v in rows), dtype="<f4").reshape(-1, dimension)
        dense = DenseIndex.build([i for i, _ in rows], vectors.astype(np.float32))
        _write(place(store, generation), dense, _documents(db))
        return load(store, generation) or Derived(
            generation, dense, LexicalIndex.build(_documents(db))
        )


def _documents(db: sqlite3.Connection) -> Iterator[tuple[int, str, str]]:
    yield from db.execute(
        """SELECT p.id, a.title, substr(a.text, p.start + 1, p.end - p.start)
           FROM passages p JOIN articles a ON a.id = p.article_id ORDER BY p.id"""
    )


def _write(final: Path, dense: DenseIndex, documents: Iterable[tuple[int, str, str]]) -> None:
    """Put the indexes in their place; a full or read-only disk is no reason to fail."""
    unfinished = None
    try:
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=final.parent))
        (unfinished / "lexical").mkdir()
        LexicalIndex.build(documents, unfinished / "lexical")
        dense.save(unfinished)
        (unfinished / _STAMP).write_text(json.dumps(_stamp(unfinished), indent=1))
        _remove(final)
        unfinished.rename(final)
    except (OSError, ValueError, RuntimeError):
        if unfinished:
            shutil.rmtree(unfinished, ignore_errors=True)


def clear_others(store: Store, generation: int) -> None:
    """Remove the folders of other generations and what was left unfinished."""
    current = place(store, generation)
    for folder in store.path.parent.iterdir():
        if folder.name.startswith((_PREFIX, _UNFINISHED)) and folder != current:
            _remove(folder)


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def _stamp(folder: Path) -> dict[str, str]:
    """The hash of every file of both indexes, by name."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")
    return {p.relative_to(folder).as_posix(): _digest(p) for p in files if p.name != _STAMP}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
