"""Processes for faults to strike: one indexes, one looks at what is in an index.

They are forked from a server that has the libraries loaded, so that each starts in no time;
and what an index does above tens of thousands of passages it does for them above hundreds.
"""

import codecs
import multiprocessing
import os
import random
import re
import signal
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import numpy as np

from corpus.article import Passage
from corpus.chunking import heading, passage_input
from corpus.errors import CorpusError, UnusableIndexError
from embeddings import catalogue, derived, syncing
from embeddings.encoder import Vectors, unit
from embeddings.index import Index

__all__ = ["Child", "Said", "Seen", "indexing", "looking"]

_CONTEXT = multiprocessing.get_context("forkserver")
_SMALL = (
    (derived, "EXACT", 200),
    (derived, "_TAKEN_IN", 60),
    (derived, "_OUTGROWN", 1000),  # so few vectors train fewer lists than would be right
    (syncing, "BATCH", 16),
)
_SAMPLE = 8  # passages that are searched for
_DEPTH = 10
_WORD = re.compile(r"\w+|[^\w\s]")


class WordEncoder:
    """Words counted into bins; an Encoder that needs no model."""

    name = "words"
    dimension = 256
    limit = 190

    def pieces(self, text: str, /) -> list[tuple[int, int]]:
        """See Encoder."""
        return [match.span() for match in _WORD.finditer(text)]

    def encode(
        self, texts: Sequence[str], /, kind: Literal["passage", "question"] = "passage"
    ) -> Vectors:
        """See Encoder."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text):
                row[zlib.crc32(word.encode()) % self.dimension] += 1
        return unit(rows)


@dataclass(frozen=True, slots=True)
class Said:
    """An error as a user would see it; ``clear`` if it is one line, and meant for users."""

    text: str
    clear: bool = False

    @classmethod
    def of(cls, error: BaseException) -> "Said":
        """What an exception says."""
        meant = isinstance(error, (UnusableIndexError, CorpusError))
        text = str(error)
        clear = meant and bool(text) and text.isprintable()
        return cls(text if clear else f"{type(error).__name__}: {text[:300]!r}", clear)


@dataclass(slots=True)
class Seen:
    """What a process found in an index: ``articles``' hashes by id; ``hits``, passages and their
    words, that searching brought up; ``missed``, what it should have; ``unsound``, what ``quoth
    doctor`` would have to mend; ``leftovers``, what should have been removed."""

    articles: dict[str, str] = field(default_factory=dict)
    hits: list[tuple[Passage, str]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    errors: list[Said] = field(default_factory=list)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """After an error the next thing is looked at: what can still be read must be true, too."""
        try:
            yield
        except BaseException as error:
            self.errors.append(Said.of(error))


def indexing(pipe: Connection, folder: Path, articles: Path) -> None:
    """Bring an index up to date, saying what is in it ("in": hashes by id) after each transaction."""
    settle, known = derived.settle, dict[str, str]()

    def settling(*store: Any) -> derived.Derived:
        pipe.send(("settling", None))
        return settle(*store)

    def acknowledge(*_: object) -> None:
        with index.store.reading() as db:
            now = dict(db.execute("SELECT id, hash FROM articles"))
        pipe.send(("in", dict(now.items() - known.items())))
        known.update(now)

    setattr(derived, settle.__name__, settling)
    pipe.send(("began", None))
    index = Index(folder, WordEncoder())
    acknowledge()
    index.sync(articles, acknowledge)


def looking(pipe: Connection, folder: Path, articles: Path | None, seed: int) -> None:
    """Open an index, bring it up to date if there are ``articles``, and say what is in it
    ("seen"); look again for each True that is answered. What is brought up to date and yet
    unsound is mended as ``quoth doctor`` does it."""
    opening = Seen()
    index = None
    with opening.noting():
        index = Index(folder, WordEncoder())
    if index and articles:
        with opening.noting():
            index.sync(articles)
    while True:
        seen = _look(index, random.Random(seed)) if index else Seen()
        if index and articles and seen.unsound:
            derived.settle(index.store, afresh=True)
        seen.errors[:0] = opening.errors
        opening = Seen()
        pipe.send(("seen", seen))
        if not pipe.recv():
            return


def _look(index: Index, rng: random.Random) -> Seen:
    seen, encoder = Seen(), index.encoder
    with seen.noting():
        for article in index.store.articles():
            seen.articles[str(article.id)] = article.hash
    with seen.noting():
        with index.store.reading() as db:
            ids = catalogue.passage_ids(db).tolist()
        chosen = index.passages(rng.sample(ids, min(_SAMPLE, len(ids))))
        for number, (passage, article) in chosen.items():
            words = passage.text(article)
            head = heading(article.title, encoder.pieces, encoder.limit)
            (vector,) = encoder.encode([passage_input(head, words)])
            for name, found in (
                ("dense", index.dense(vector, _DEPTH)),
                ("lexical", index.lexical(words, _DEPTH)),
            ):
                hits = index.passages([i for i, _ in found])
                seen.hits += [(part, part.text(of)) for part, of in hits.values()]
                if number not in hits:
                    seen.missed.append(f"{name}: passage {number} of {article.id}")
    with seen.noting():
        seen.complaints = index.store.complaints()
    with seen.noting():
        generation = index.store.generation
        current = derived.place(index.store, generation).name
        loaded = derived.load(index.store, generation, thorough=True)
        if loaded is None or {len(loaded.dense), len(loaded.lexical)} != {index.store.counts()[1]}:
            seen.unsound.append(f"{current} is not what it should be")
        names = {p.name for p in index.folder.iterdir() if p.name.startswith(("derived", "unfin"))}
        seen.leftovers = [f"{name} is left" for name in names - {current}]
    return seen


class Child:
    """A process that runs ``function(pipe, ...)``, as the user ``uid`` if one is given. What it
    writes to standard error goes to ``log``."""

    def __init__(
        self, log: Path, function: Callable[..., None], *arguments: object, uid: int | None = None
    ) -> None:
        _CONTEXT.set_forkserver_preload([__name__])
        self._log, self._written = log, log.stat().st_size if log.exists() else 0
        self.pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_run, args=(theirs, log, uid, function, arguments), daemon=True
        )
        self._process.start()
        theirs.close()
        self.pid = self._process.pid or 0
        self.ended = False
        self.acknowledged: dict[str, str] = {}
        self.errors: list[Said] = []

    def next(self, seconds: float = 120.0) -> tuple[str, Any]:
        """The next thing it says, or ("silent", None) or ("ended", None)."""
        try:
            if not self.pipe.poll(max(0.0, seconds)):
                return "silent", None
            kind, value = self.pipe.recv()
        except (EOFError, OSError):
            self.ended = True
            return "ended", None
        if kind == "in":
            self.acknowledged |= value
        elif kind == "failed":
            self.errors.append(value)
        return kind, value

    def until(self, *kinds: str, seconds: float = 120.0) -> Any:
        """What it says under one of these names, if it says so before it ends."""
        deadline = time.monotonic() + seconds
        while True:
            kind, value = self.next(deadline - time.monotonic())
            if kind in (*kinds, "ended", "silent"):
                return value

    def answer(self, again: bool) -> None:
        """Have one that is looking look again, or come to its end."""
        with suppress(OSError):  # it is dead: ``end`` will tell
            self.pipe.send(again)

    def kill(self) -> None:
        """SIGKILL; what it said before is still heard."""
        with suppress(ProcessLookupError):  # it was quicker
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> int:
        """Hear all that is left and wait; returns the exit status. A death that nobody wished,
        and words on standard error, are errors."""
        self.until("ended")
        self.pipe.close()
        self._process.join(120)
        status = self._process.exitcode
        if status is None:
            self.kill()
            self.errors.append(Said("does not come to an end"))
        elif status not in (0, -signal.SIGKILL):
            self.errors.append(Said(f"ended with status {status}"))
        written = self._log.read_bytes()[self._written :].decode(errors="replace").strip()
        if written:
            self.errors.append(Said(f"on standard error: {written[-300:]}"))
        return status or 0


def _run(
    pipe: Connection, log: Path, uid: int | None, function: Callable[..., None], arguments: Any
) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    for module, name, value in _SMALL:
        setattr(module, name, value)
    if uid is not None:
        codecs.lookup("utf-8-sig")  # imported late, perhaps from where this user may not look
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    try:
        function(pipe, *arguments)
    except BaseException as error:
        pipe.send(("failed", Said.of(error)))
