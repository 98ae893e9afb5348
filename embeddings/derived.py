"""The dense and the lexical index, stamped with what they were made from.

What lies on disk is in a folder named after the database's id and generation, written under
another name and then renamed: it is there whole or not at all. A stamp lists its files;
whatever does not agree with it is made again from the database, without encoding anything.

The next generation takes over, as hard links, what of the last one still holds: the lexical
index's segments, and the approximate index, which only knows of passages up to its
``base``; later ones are searched exactly until there are enough of them to be taken in.
"""

import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings import snapshot
from embeddings.approximate import Approximate, lists_for, sample_size
from embeddings.dense import EXACT, DenseIndex
from embeddings.lexical import LexicalIndex
from embeddings.stamps import Stamp, read_stamp, write_stamp
from embeddings.store import Store

__all__ = ["Derived", "clear_others", "load", "place", "settle", "update"]

_PREFIX, _UNFINISHED = "derived-", "unfinished-"
_DENSE, _LEXICAL = "dense.faiss", "lexical"
_FORMAT = "4"  # of the two indexes and how their texts are made: change it to have them rebuilt
_TAKEN_IN = 50_000  # recent passages, searched exactly, that the base takes in at last
_OUTGROWN = 2  # times as many lists as the base has would be right: then it is made anew
# What FAISS, tantivy and Python say of files that are not what they were, and of a full disk.
_UNUSABLE = (OSError, ValueError, RuntimeError, AttributeError, KeyError, TypeError, AssertionError)


@dataclass(frozen=True, slots=True)
class Derived:
    """Both indexes of one generation of the database. ``base`` is the highest passage id that
    the approximate index may hold, 0 where there is none; ``made`` the generation that it was
    made for, and ``recall`` its recall@10 as measured then (0 to 1)."""

    generation: int
    dense: DenseIndex
    lexical: LexicalIndex
    base: int = 0
    made: int = 0
    recall: float | None = None


def place(store: Store, generation: int) -> Path:
    """The folder where the indexes of this generation belong."""
    name = store.manifest()["uuid"][:8]
    return store.path.parent / f"{_PREFIX}{_FORMAT}-{name}-{generation}"


def load(store: Store, generation: int, *, thorough: bool = False) -> Derived | None:
    """The indexes of this generation; None if they are missing or damaged. ``thorough`` reads
    every file to tell, not only those whose size or time is another."""
    with store.reading() as db:
        return _opened(store, db, place(store, generation), generation, thorough)


def update(store: Store) -> Derived:
    """Make those of the present generation, from the last one's where that can be used; on disk
    if it can be written, else in memory."""
    with store.reading() as db:
        generation = int(snapshot.value(db, "generation"))
        final = place(store, generation)
        previous = _newest(store)
        for start in (previous, None) if previous else (None,):
            unfinished = _unfinished(final)
            try:
                if unfinished is not None:
                    _write(db, unfinished, start)
                    _share(unfinished)
                    _remove(final)
                    unfinished.rename(final)
                    if found := _opened(store, db, final, generation):
                        return found
            except _UNUSABLE:
                continue  # a full disk, or a last generation that is not what it was
            finally:
                if unfinished is not None:
                    shutil.rmtree(unfinished, ignore_errors=True)
        return _in_memory(store, db, generation)


def settle(store: Store, *, afresh: bool = False) -> Derived:
    """``update`` by the one who writes: also removes what is outdated. ``afresh`` uses nothing of
    what is on disk."""
    generation = store.generation
    if afresh:
        clear_others(store, -1)
    found = load(store, generation)
    if found is None:
        found = update(store)
        if place(store, found.generation).exists():
            # A base as old as an earlier generation may hold what was removed since.
            store.prune_removed(0 if found.made == found.generation else found.base)
        recall = "exact" if found.recall is None else f"{found.recall:.4f}"
        store.set_manifest({"recall@10": recall, "derived": str(found.generation)})
    clear_others(store, found.generation)
    return found


def clear_others(store: Store, generation: int) -> None:
    """Remove the folders of other generations and what was left unfinished."""
    current = place(store, generation)
    for folder in store.path.parent.iterdir():
        if folder.name.startswith((_PREFIX, _UNFINISHED)) and folder != current:
            _remove(folder)


def _opened(
    store: Store, db: sqlite3.Connection, folder: Path, generation: int, thorough: bool = False
) -> Derived | None:
    """What ``folder`` holds, if it is whole."""
    try:
        if (stamp := read_stamp(folder, thorough=thorough)) is None:
            return None
        base = Approximate.load(folder / _DENSE) if stamp["base"] else None
        dense = _dense(store, db, stamp["base"], base)
        lexical = LexicalIndex.load(folder / _LEXICAL)
        return Derived(generation, dense, lexical, stamp["base"], stamp["made"], stamp["recall"])
    except _UNUSABLE:
        return None


def _newest(store: Store) -> Path | None:
    """The last generation's folder that the writer left, if it is whole. Others may be of a
    database that was since replaced by an older copy of it."""
    last = store.manifest().get("derived")
    folder = place(store, int(last)) if last else None
    return folder if folder and read_stamp(folder) else None


def _unfinished(final: Path) -> Path | None:
    try:
        return Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=final.parent))
    except OSError:
        return None  # a full or read-only disk is no reason to fail


def _write(db: sqlite3.Connection, folder: Path, previous: Path | None) -> None:
    """Write the indexes of what ``db`` shows into ``folder``."""
    before = read_stamp(previous) if previous else None
    (folder / _LEXICAL).mkdir()
    if previous and before:
        _link(previous / _LEXICAL, folder / _LEXICAL)
        index = LexicalIndex.load(folder / _LEXICAL)
        gone = [i for (i,) in db.execute("SELECT id FROM removed WHERE id <= ?", (before["last"],))]
        index = index.changed(gone, snapshot.documents(db, before["last"]))
    else:
        index = LexicalIndex.build(snapshot.documents(db), folder / _LEXICAL)
    count = snapshot.count(db)
    if len(index) != count:
        raise ValueError(f"{len(index)} texts of {count}")
    facts = _write_base(db, folder, previous, before)
    write_stamp(
        folder,
        {"last": snapshot.last(db), "encoder": snapshot.value(db, "encoder"), **facts},
        before,
    )


def _write_base(
    db: sqlite3.Connection, folder: Path, previous: Path | None, before: Stamp | None
) -> Stamp:
    """The approximate index: none, the last one's, that with the recent ones in it, or a new one.
    Returns what the stamp has to say of it."""
    count, now = snapshot.count(db), int(snapshot.value(db, "generation"))
    if count <= EXACT:
        return {"base": 0, "made": now, "recall": None}
    # Lists and ranges are trained on one encoder's vectors.
    ours = before and before["base"] and before["encoder"] == snapshot.value(db, "encoder")
    if previous and before and ours:
        base, gone = before["base"], snapshot.removed(db, before["base"])
        if max(snapshot.count(db, base), len(gone)) <= _TAKEN_IN:
            _link_file(previous / _DENSE, folder / _DENSE)
            return {name: before[name] for name in ("base", "made", "recall")}
        made = Approximate.load(previous / _DENSE, to_change=True)
        if lists_for(count) <= _OUTGROWN * made.index.nlist:
            made.change(gone, snapshot.batches(db, base))
            recall = made.tune(snapshot.queries(db), lambda: snapshot.batches(db))
            made.save(folder / _DENSE)
            return {"base": snapshot.last(db), "made": now, "recall": recall}
    made, recall = _approximate(db)
    made.save(folder / _DENSE)
    return {"base": snapshot.last(db), "made": now, "recall": recall}


def _approximate(db: sqlite3.Connection) -> tuple[Approximate, float]:
    sample = snapshot.sample(db, sample_size(snapshot.count(db)))
    dimension, count = int(snapshot.value(db, "dimension")), snapshot.count(db)
    made = Approximate.build(dimension, count, sample, snapshot.batches(db))
    return made, made.tune(snapshot.queries(db), lambda: snapshot.batches(db))


def _in_memory(store: Store, db: sqlite3.Connection, generation: int) -> Derived:
    lexical = LexicalIndex.build(snapshot.documents(db))
    if snapshot.count(db) <= EXACT:
        return Derived(generation, _dense(store, db, 0, None), lexical)
    base, recall = _approximate(db)
    last = snapshot.last(db)
    return Derived(generation, _dense(store, db, last, base), lexical, last, generation, recall)


def _dense(store: Store, db: sqlite3.Connection, upto: int, base: Approximate | None) -> DenseIndex:
    found = list(snapshot.batches(db, upto))
    dimension = int(snapshot.value(db, "dimension"))
    ids = np.concatenate([np.zeros(0, dtype=np.int64), *(some for some, _ in found)])
    vectors = np.concatenate([np.zeros((0, dimension), np.float32), *(some for _, some in found)])
    if base is None:
        return DenseIndex(ids, vectors)
    return DenseIndex(
        ids, vectors, base, snapshot.count(db) - len(ids), snapshot.removed(db, upto), store.vectors
    )


# Files


def _link(source: Path, target: Path) -> None:
    for file in source.iterdir():
        if file.suffix != ".lock":
            _link_file(file, target / file.name)


def _link_file(source: Path, target: Path) -> None:
    """The same file under two names where the disk can do that: it is never written again."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _share(folder: Path) -> None:
    """Let all who may read the index read this too: some of it was made as temporary files are."""
    mode = folder.parent.stat().st_mode
    folder.chmod(mode & 0o777)
    for path in folder.rglob("*"):
        path.chmod(mode & (0o777 if path.is_dir() else 0o666))


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
