"""Which articles a question is asked of: by publisher, by date, by id."""

import unicodedata
from dataclasses import dataclass

from corpus.dates import iso_date
from corpus.errors import CorpusError
from embeddings.store import Ids, Store

__all__ = ["Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Articles of one of ``publishers`` (case does not count), of one of the ids ``articles``,
    published from ``since`` to ``until``, both days included; what is empty does not select.

    Dates are ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``. An article that only says its year may
    be from any day of it and is selected if one of them fits; one without a date never is.
    Raises ValueError for what is no date.
    """

    publishers: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        for name in ("publishers", "articles"):
            given = getattr(self, name)
            if isinstance(given, str):
                raise ValueError(f"{given!r} is one name; expected several: ({given!r},)")
            object.__setattr__(self, name, tuple(given))  # lists cannot be looked up
        for day in (self.since, self.until):
            if day is not None and not _is_day(day):
                raise ValueError(f"{day!r} is no date; expected YYYY, YYYY-MM or YYYY-MM-DD")

    def passages(self, store: Store) -> Ids:
        """The ids of the passages of these articles. Raises CorpusError if there are none."""
        names = frozenset(self.articles)
        publishers = set(map(_plain, self.publishers))

        def accepts(name: str, publisher: str | None, published: str | None) -> bool:
            return (
                (not names or name in names)
                and (not publishers or _plain(publisher or "") in publishers)
                and self._in_time(published)
            )

        found = store.passage_ids(accepts)
        if not len(found):
            raise CorpusError(f"no article is {self}; `quoth list` prints what there is")
        return found

    def _in_time(self, published: str | None) -> bool:
        if not (self.since or self.until):
            return True
        if published is None:
            return False
        # Dates of all lengths compare as text once they are filled up to a day.
        return (
            self.since is None or published + "-12-31"[len(published) - 4 :] >= self.since
        ) and (self.until is None or published <= self.until + "-12-31"[len(self.until) - 4 :])

    def __bool__(self) -> bool:
        return bool(self.publishers or self.articles or self.since or self.until)

    def __str__(self) -> str:
        parts = [
            f"published by {' or '.join(self.publishers)}" if self.publishers else "",
            f"called {' or '.join(self.articles)}" if self.articles else "",
            f"from {self.since} or later" if self.since else "",
            f"from {self.until} or earlier" if self.until else "",
        ]
        return " and ".join(filter(None, parts))


def _is_day(text: object) -> bool:
    return (
        isinstance(text, str)
        and text.isascii()
        and len(text) in (4, 7, 10)
        and iso_date(text) == text
    )


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
