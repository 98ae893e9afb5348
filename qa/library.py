"""The articles as each person sees them: those that are shared, and what they added themselves."""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from corpus.article import Article, Problem
from corpus.characters import whole
from corpus.errors import CorpusError
from corpus.files import located, readable
from embeddings import catalogue
from embeddings.selection import Selection
from qa.adding import Step, adding
from qa.result import Answer
from qa.retriever import Retrieved
from qa.session import Quoth
from qa.uploads import EVERYONE, Limits, Uploads, one_line, owner_of

__all__ = ["Library", "Limits", "Listed", "Removed", "Shelf", "Step"]

T = TypeVar("T")
_Names = list[str]  # inside Shelf, ``list`` is a method
_Months = list[tuple[str, int]]
_Found = list[Retrieved]


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list. ``own``: the one who asked added it, with the file ``file``, in which
    there are ``beside`` other articles."""

    id: str
    title: str
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    source: str | None = None
    own: bool = False
    file: str | None = None
    beside: int = 0


@dataclass(frozen=True, slots=True)
class Removed:
    """The file that was removed, and how many articles went with it."""

    file: str
    articles: int


class Library:
    """The articles of a session, as each person may see them. Safe from several threads.

    What people add lies in ``uploads``, a folder for each of them, by default in the index's; what
    was put there by hand, or was left there when a process was ended, is taken in at the start.
    ``read_only`` is also an index that cannot be written. ``problems`` are those of the start.

    Raises CorpusError where ``uploads`` would hold the corpus, UnusableIndexError as the index does.
    """

    def __init__(
        self, session: Quoth, *, uploads: Path | None = None, read_only: bool = False,
        limits: Limits = Limits(),  # noqa: B008  (it never changes)
    ) -> None:  # fmt: skip
        self.session = session
        self.index = session.index
        self.read_only = read_only or not os.access(self.index.folder, os.W_OK)
        folder = located(uploads or self.index.folder / "uploads")
        if session.corpus and session.corpus.is_relative_to(folder):
            raise CorpusError(
                f"{folder}: holds the corpus; give a folder for what people add alone"
            )
        self.uploads = Uploads(folder, limits)
        self.problems: tuple[Problem, ...] = ()
        self.adders: set[str] = set()
        """Owners who added something since the start: before it can be found, it is hidden."""
        if not self.read_only:
            self.uploads.clean()
            self._take_in()

    def seen_by(self, user: str) -> "Shelf":
        """What ``user`` sees; "" is everybody where nobody says who they are."""
        return Shelf(self, user)

    def _take_in(self) -> None:
        """Make the index true to what lies in the folder."""
        folder = self.uploads.folder
        if folder.is_dir():
            with suppress(CorpusError):  # nothing there that can be read
                self.problems = self.index.sync(folder).problems
                return
        with self.index.store.reading() as db:
            left = catalogue.any_of(db, catalogue.within(readable(folder.as_posix())))
        if left:
            self.index.forget(folder)


class Shelf:
    """What one person sees: the shared articles and what they added. What others added is neither
    found, listed, counted nor told of. What was added without a name is shared."""

    def __init__(self, library: Library, user: str) -> None:
        self._library = library
        self._index = library.index
        self._owner = owner_of(user)
        uploads = library.uploads
        everyone, own = (
            readable(uploads.of(owner).as_posix()) for owner in (EVERYONE, self._owner)
        )
        self._own = f"{own}/"
        hidden = (readable(uploads.folder.as_posix()),)
        self._private = Selection(hidden=hidden, shown=tuple(dict.fromkeys((everyone, own))))

    # Which

    def where(
        self,
        publishers: Sequence[str] = (),
        articles: Sequence[str] = (),
        since: str | None = None,
        until: str | None = None,
    ) -> Selection | None:
        """These articles, of those that the person sees; None where that is all there are.

        Raises ValueError as ``Selection`` does.
        """
        chosen = Selection(tuple(publishers), tuple(articles), since or None, until or None)
        return self._only(chosen)

    def _only(self, where: Selection | None) -> Selection | None:
        """A selection without what is hidden from the person, if anything is."""
        others = bool(self._library.adders - {self._owner, EVERYONE})
        if not others:
            hidden = catalogue.within(self._private.hidden[0])
            for folder in self._private.shown:
                own = catalogue.within(folder)
                hidden &= catalogue.Some(f"NOT ({own.sql})", own.values)
            with self._index.store.reading() as db:
                others = catalogue.any_of(db, hidden)
        private = self._private if others else Selection()
        return replace(where or Selection(), hidden=private.hidden, shown=private.shown) or None

    def _some(self, where: Selection | None = None) -> catalogue.Some:
        private = self._private
        return replace(where or private, hidden=private.hidden, shown=private.shown).some()

    # Asking

    def answer(
        self, question: str, *, history: Sequence[str | Answer] = (),
        where: Selection | None = None, id: str | None = None,
    ) -> Answer:  # fmt: skip
        """As ``Quoth.answer``, of what the person sees."""
        ask = self._library.session.answer
        return self._asked(lambda only: ask(question, history=history, where=only, id=id), where)

    def retrieve(
        self, question: str, k: int | None = None, where: Selection | None = None
    ) -> _Found:
        """As ``Quoth.retrieve``, of what the person sees."""
        return self._asked(lambda only: self._library.session.retrieve(question, k, only), where)

    def _asked(self, ask: Callable[[Selection | None], T], where: Selection | None) -> T:
        only = self._only(where)
        found = ask(only)
        # Somebody may have added the very first thing to hide while the question was at work.
        after = self._only(where)
        return found if after == only or (only and only.hidden) else ask(after)

    # Looking

    def article(self, id: str) -> Article | None:
        """An article; None for what there is not, or the person may not see."""
        store, name = self._index.store, whole(id)
        with store.reading() as db:
            one = catalogue.Some("id = ?", (name,)) & self._some()
            if not catalogue.any_of(db, one):
                return None
        article = store.article(name)
        return article if article and self._private.sees(article.path) else None

    def publishers(self) -> _Names:
        """All publishers, in alphabetical order."""
        with self._index.store.reading() as db:
            return catalogue.publishers(db, self._some())

    def counts(self) -> tuple[int, int]:
        """How many articles and how many passages there are."""
        with self._index.store.reading() as db:
            return catalogue.counts(db, self._some())

    def by_month(self) -> _Months:
        """How many articles are of which month (``2026-02``), or of which year where no more is
        known; the earliest first, those without a date last, under ""."""
        with self._index.store.reading() as db:
            return catalogue.months(db, self._some())

    def list(
        self, text: str = "", *, where: Selection | None = None, offset: int = 0, limit: int = 50
    ) -> tuple[list[Listed], int]:
        """``limit`` articles (1,000 at most) from the ``offset``-th, newest first, undated last, and how many there
        are in all. Every word of ``text`` is to be in title, publisher, author or id."""
        with self._index.store.reading() as db:
            rows, total = catalogue.listed(db, self._some(where), text, offset, limit)
            own = {path for *_, path in rows if path and path.startswith(self._own)}
            together = catalogue.beside(db, own)
        return [self._listed(shown, path, together.get(path)) for *shown, path in rows], total

    def _listed(self, shown: Sequence[Any], path: str, together: int | None) -> Listed:
        plain = Listed(*shown)
        if together is None:
            return plain
        return replace(plain, own=True, file=path[len(self._own) :], beside=together - 1)

    # Changing

    def add(self, files: Sequence[tuple[str, Path]]) -> Generator[Step, None, None]:
        """Take in files: of each, what the person calls it, and where it lies for the moment.

        Says from time to time how far it is; the last step tells what it came to. Closed before its
        end it stops: what is in stays in, of the rest nothing is kept. Raises CorpusError where
        nothing can be added, UnusableIndexError as ``Index.sync`` does.
        """
        self._refuse_read_only()
        return adding(self._index, self._library.uploads, self._owner, files, self._begun)

    def _begun(self) -> None:
        self._library.adders.add(self._owner)

    def remove(self, id: str) -> Removed:
        """Remove the file that one of the person's own articles came from, and all its articles.

        Raises CorpusError, the same for what is not there and what is another's.
        """
        self._refuse_read_only()
        article = self.article(id)
        if article is None or not article.path or not article.path.startswith(self._own):
            raise CorpusError(f"{one_line(id)}: not an article that you added; choose one of those")
        self._library.uploads.remove(self._owner, article.path)
        gone = self._index.forget(article.path)
        return Removed(article.path[len(self._own) :], gone)

    def _refuse_read_only(self) -> None:
        if self._library.read_only:
            raise CorpusError("these articles are read-only here; nothing can be added or removed")
