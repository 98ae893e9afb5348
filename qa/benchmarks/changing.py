"""A corpus that changes while it is asked, and remembers what each of its articles has been."""

import json
import math
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from corpus.article import Article
from qa.benchmarks.generated import Row, question

__all__ = ["ChangingCorpus"]

_KEPT = 600.0  # seconds that outdated versions are remembered: no question takes as long


@dataclass(frozen=True, slots=True)
class _Version:
    """An article as its file had it, and when (seconds) it could be quoted: from the writing of
    the file to the end of the ``sync`` that took in the next one."""

    article: Article
    since: float
    until: float = math.inf


class ChangingCorpus:
    """A folder of articles, one a file, drawn from ``rows``. Safe to ask from several threads
    while one of them changes it."""

    def __init__(self, folder: Path, rows: Iterator[Row], seed: int = 0) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._rows = rows
        self._rng = random.Random(seed)
        self._versions: dict[str, list[_Version]] = {}
        self._current: list[str] = []
        self._touched: set[str] = set()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._current)

    def add(self) -> None:
        """A new article."""
        row = next(self._rows)
        self._write(row["id"], row)

    def change(self) -> None:
        """Other words in one of the articles."""
        self._write(self._rng.choice(self._current), next(self._rows))

    def remove(self) -> None:
        """One of the articles goes."""
        name = self._rng.choice(self._current)
        with self._lock:
            self._current.remove(name)
            self._touched.add(name)
        self._file(name).unlink()

    def settled(self) -> None:
        """To be called after each ``sync``: what it took out cannot be quoted from now on."""
        now = time.monotonic()
        with self._lock:
            for name, versions in list(self._versions.items()):
                if name in self._touched:
                    last = len(versions) - (name in self._current)
                    gone = [replace(one, until=min(one.until, now)) for one in versions[:last]]
                    versions = gone + versions[last:]
                self._versions[name] = [one for one in versions if one.until > now - _KEPT]
                if not self._versions[name]:
                    del self._versions[name]
            self._touched.clear()

    def question(self, rng: random.Random) -> str:
        """A question about one of the articles that are there."""
        with self._lock:
            text = self._versions[rng.choice(self._current)][-1].article.text
        return question(text, rng)

    def versions(self, id: str, asked: float, answered: float) -> list[Article]:
        """What the article of this id was between two times of ``time.monotonic``."""
        with self._lock:
            return [
                version.article
                for version in self._versions.get(id.partition("#")[2], ())
                if version.since <= answered and version.until >= asked
            ]

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.jsonl"

    def _write(self, name: str, row: Row) -> None:
        file = self._file(name)
        said = {key: row[key] for key in ("title", "text", "publisher", "published")}
        version = _Version(Article(f"{file.name}#{name}", **said), time.monotonic())
        unfinished = file.with_suffix(".part")
        unfinished.write_text(json.dumps({**row, "id": name}), encoding="utf-8")
        with self._lock:
            if name not in self._current:
                self._current.append(name)
            self._versions.setdefault(name, []).append(version)
            self._touched.add(name)
        os.replace(unfinished, file)
