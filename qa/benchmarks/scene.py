"""What faults are tried on: a corpus that changes, its index, and the truth about both."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qa.benchmarks.changing import ChangingCorpus
from qa.benchmarks.generated import articles
from qa.benchmarks.struck import Child, Said, Seen, indexing, looking

__all__ = ["Scene", "Tally"]


@dataclass(slots=True)
class Tally:
    """What came of one kind of fault: ``struck`` counts those in the midst of work, ``reported``
    those after which a clear message came; the rest ought to stay empty."""

    tried: int = 0
    struck: int = 0
    reported: int = 0
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    unmended: list[str] = field(default_factory=list)

    def bad(self) -> dict[str, list[str]]:
        """What was not as it ought to be."""
        return {
            kind: found
            for kind in ("lost", "wrong", "unclear", "unmended")
            if (found := getattr(self, kind))
        }


class Scene:
    """A changing corpus, an index of it, and what has been acknowledged to be in there."""

    def __init__(self, folder: Path, size: int, seed: int = 0) -> None:
        self.folder, self.size, self.rng = folder, size, random.Random(seed)
        shutil.rmtree(folder, ignore_errors=True)
        self.corpus = ChangingCorpus(folder / "articles", articles(seed), seed)
        for _ in range(size):
            self.corpus.add()
        self.index, self.tally = folder / "index", Tally()
        self.acknowledged: dict[str, str] = {}
        self.reported = False

    # Work, and the moments in it

    def work(self, kind: str) -> int:
        """Something to index; returns about how many transactions it will take."""
        if kind == "anew":
            shutil.rmtree(self.index, ignore_errors=True)
            self.acknowledged = {}
        elif kind == "little":
            self._times(2, self.corpus.change)
        elif kind == "change":
            self._times(self.size // 5, self.corpus.change)
        else:
            acts = self.corpus.add, self.corpus.remove
            act, other = acts if kind == "add" else reversed(acts)
            if (len(self.corpus) > self.size) == (kind == "add"):  # not ever more, or ever fewer
                self._times(self.size // 5, other)
                self.look(sync=True)
            self._times(self.size // 5, act)
        return {"anew": self.size // 3, "forget": 1, "little": 1}.get(kind, self.size // 13)

    @staticmethod
    def _times(count: int, act: Callable[[], None]) -> None:
        for _ in range(count):
            act()

    def indexer(self, uid: int | None = None) -> Child:
        """A process that brings the index up to date."""
        return self.child(indexing, self.index, self.corpus.folder, uid=uid)

    def child(self, *call: object, uid: int | None = None) -> Child:
        """A process that writes its complaints where all do."""
        return Child(self.folder / "errors.txt", *call, uid=uid)  # type: ignore[arg-type]

    def moment(self, child: Child, transactions: int) -> None:
        """Wait for a random one: after some transactions, or while all is settled at the end."""
        for _ in range(self.rng.randint(0, transactions + 1)):
            child.until("began", "in", "settling")
        pause = time.monotonic() + self.rng.uniform(0, 0.05)
        while not child.ended and time.monotonic() < pause:
            child.next(pause - time.monotonic())

    def note(self, child: Child) -> None:
        """An indexer is at its end: what it acknowledged counts, and what it could not do."""
        child.end()
        self.acknowledged |= child.acknowledged
        self.judge_errors(child.errors)

    # What is to be found afterwards

    def look(self, sync: bool = False, uid: int | None = None) -> Seen:
        """What a fresh process finds, after bringing it up to date if asked to."""
        corpus = self.corpus.folder if sync else None
        return self.seen(self.child(looking, self.index, corpus, self.rng.random(), uid=uid))

    def seen(self, child: Child, again: bool = False) -> Seen:
        """What a process looking at the index has found; judged by the truth. If it will be
        asked ``again``, it waits."""
        seen: Seen = child.until("seen") or Seen()
        if not again:
            child.answer(again=False)
            child.end()
        seen.errors += child.errors
        self.judge_errors(seen.errors)
        for name, digest in seen.articles.items():
            if digest not in self.versions(name):
                self.tally.wrong.append(f"article {name}")
        for passage, words in seen.hits:
            texts = self.versions(passage.article_id).values()
            if all(words != text[passage.start : passage.end] for text in texts):
                self.tally.wrong.append(f"passage of {passage.article_id}: {words[:60]!r}")
        return seen

    def judge_errors(self, errors: list[Said]) -> None:
        """Nothing but one line for users will do."""
        self.reported = self.reported or bool(errors)
        self.tally.unclear += [error.text for error in errors if not error.clear]

    def versions(self, id: str) -> dict[str, str]:
        """All texts, by hash, that an article has ever had, oldest first."""
        return {one.hash: one.text for one in self.corpus.versions(id, 0, float("inf"))}

    def lost(self, seen: Seen) -> Iterator[str]:
        """Acknowledged articles that are gone though their files are not, or are older again."""
        for name, acknowledged in self.acknowledged.items():
            order = list(self.versions(name))
            if name not in seen.articles:
                if (self.corpus.folder / name.partition("#")[0]).exists():
                    yield f"{name} is gone"
                continue
            now = seen.articles[name]
            if now in order and order.index(now) < order.index(acknowledged):
                yield f"{name} is an older one"

    def examine(self, damaged: bool = False, rotten: bool = False) -> None:
        """After a fault. A ``damaged`` database has to be reported, or to be mended by indexing;
        what is reported is mended as the message says: by indexing all again. What is ``rotten``
        though its size and time are as they were is for ``quoth doctor`` to notice and to mend."""
        seen = self.look()
        if not damaged and not seen.errors:
            self.tally.lost += self.lost(seen)
            self.tally.unmended += seen.complaints
        reported = bool(seen.errors or seen.complaints)
        seen = self.look(sync=True)
        if damaged and (reported or seen.errors or seen.complaints):
            self.reported = True
            self.work("anew")
            seen = self.look(sync=True)
        if rotten and seen.unsound:
            self.reported = True
            seen = self.look(sync=True)
        names = (f"{file.name}#{file.stem}" for file in self.corpus.folder.glob("*.jsonl"))
        current = {name: list(self.versions(name))[-1] for name in names}
        for name in {name for name, _ in current.items() ^ seen.articles.items()}:
            told = self.tally.lost if name in self.acknowledged else self.tally.unmended
            told.append(f"{name} is not up to date")
        self.tally.unmended += [error.text for error in seen.errors]
        for found in (seen.complaints, seen.missed, seen.unsound, seen.leftovers):
            self.tally.unmended += found
        self.acknowledged = current
