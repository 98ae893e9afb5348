"""Which articles a question is asked of: by publisher, by date, by id."""

import json
from dataclasses import dataclass

from corpus.characters import folded
from corpus.dates import iso_date
from corpus.errors import CorpusError
from embeddings import catalogue
from embeddings.catalogue import Some
from embeddings.store import Ids, Store

__all__ = ["Selection"]

_SEVERAL = ("publishers", "articles", "hidden", "shown")


@dataclass(frozen=True, slots=True)
class Selection:
    """Articles of one of ``publishers`` (case does not count), of one of the ids ``articles``,
    published from ``since`` to ``until``, both days included; what is empty does not select.

    Dates are ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``. An article that only says its year may
    be from any day of it and is selected if one of them fits; one without a date never is.
    Raises ValueError for what is no date.

    ``hidden`` are folders whose articles are not seen, except for those of the folders ``shown`` in
    them, as paths of articles have them. Nothing that is said of a selection tells of these.
    """

    publishers: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    hidden: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in _SEVERAL:
            given = getattr(self, name)
            if isinstance(given, str):
                raise ValueError(f"{given!r} is one name; expected several: ({given!r},)")
            object.__setattr__(self, name, tuple(given))  # lists cannot be looked up
        for day in (self.since, self.until):
            if day is not None and not _is_day(day):
                raise ValueError(f"{day!r} is no date; expected YYYY, YYYY-MM or YYYY-MM-DD")

    def passages(self, store: Store) -> Ids:
        """The ids of the passages of these articles. Raises CorpusError if there are none."""
        with store.reading() as db:
            found = catalogue.passage_ids(db, self.some())
        if not len(found):
            raise CorpusError(
                f"no article is {self}; the list of articles (`quoth list`) has what there is"
                if str(self)
                else "there is no article yet that you can see; add some"
            )
        return found

    def some(self) -> Some:
        """The condition on the table of articles."""
        some = catalogue.ALL
        if self.articles:
            some &= Some("id IN (SELECT value FROM json_each(?))", (json.dumps(self.articles),))
        if self.publishers:
            names = json.dumps(list(map(folded, self.publishers)))
            some &= Some("folded(publisher) IN (SELECT value FROM json_each(?))", (names,))
        # Dates of all lengths compare as text once they are filled up to a day.
        if self.since:
            filled = "published || substr('-12-31', length(published) - 3)"
            some &= Some(f"coalesce({filled} >= ?, 0)", (self.since,))
        if self.until:
            last = self.until + "-12-31"[len(self.until) - 4 :]
            some &= Some("coalesce(published <= ?, 0)", (last,))
        for folder in self.hidden:
            inside = catalogue.within(folder)
            some &= Some(
                f"NOT ({inside.sql}){self._shown().sql}", inside.values + self._shown().values
            )
        return some

    def _shown(self) -> Some:
        folders = [catalogue.within(folder) for folder in self.shown]
        return Some(
            "".join(f" OR ({folder.sql})" for folder in folders),
            tuple(value for folder in folders for value in folder.values),
        )

    def sees(self, path: str | None) -> bool:
        """Whether an article read from this file is not hidden."""
        if path is None or not any(_inside(path, folder) for folder in self.hidden):
            return True
        return any(_inside(path, folder) for folder in self.shown)

    def __bool__(self) -> bool:
        return bool(self.publishers or self.articles or self.since or self.until or self.hidden)

    def __str__(self) -> str:
        parts = [
            f"published by {' or '.join(self.publishers)}" if self.publishers else "",
            f"called {' or '.join(self.articles)}" if self.articles else "",
            f"from {self.since} or later" if self.since else "",
            f"from {self.until} or earlier" if self.until else "",
        ]
        return " and ".join(filter(None, parts))


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _is_day(text: object) -> bool:
    return (
        isinstance(text, str)
        and text.isascii()
        and len(text) in (4, 7, 10)
        and iso_date(text) == text
    )
