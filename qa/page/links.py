"""Which articles a question is asked of, and links that open the page and ask the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from embeddings.selection import Selection
from qa.library import Shelf
from qa.result import Answer
from qa.serving.programs import MAX_QUESTION, refuse_long

__all__ = ["Link", "asked_by", "link_to", "shown_as", "where_of"]

_MOST_PUBLISHERS = 50
_DATE = 10  # characters


@dataclass(frozen=True, slots=True)
class Link:
    """What a link asks, and of which articles."""

    question: str = ""
    publishers: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


def asked_by(query: str) -> Link:
    """What stands behind the ? of an address, as ``link_to`` writes it; of anything else what there is."""
    given = parse_qs(query, errors="replace")

    def first(name: str, most: int) -> str:
        return given.get(name, [""])[0].strip()[:most]

    return Link(
        first("q", MAX_QUESTION),
        tuple(given.get("publisher", [])[:_MOST_PUBLISHERS]),
        first("since", _DATE),
        first("until", _DATE),
    )


def link_to(
    answer: Answer, publishers: Sequence[str] = (), since: str | None = "", until: str | None = ""
) -> str:
    """The part behind the ? of a link that asks the same of the same articles."""
    pairs = [("q", answer.resolved_question or answer.question)]
    pairs += [("publisher", name) for name in publishers]
    pairs += [(k, v.strip()) for k, v in (("since", since), ("until", until)) if v and v.strip()]
    return urlencode(pairs, quote_via=quote, errors="replace")


def where_of(
    shelf: Shelf, publishers: list[str] | None, since: str | None, until: str | None
) -> Selection | None:
    """The articles that the boxes of the page name; None for all.

    Raises ValueError or QuothError for what is no date, and where there are no such articles.
    """
    days = ((day or "").strip() or None for day in (since, until))
    return shelf.where(tuple(publishers or ()), (), *days)


def shown_as(asked: str, where: Selection | None) -> str:
    """A question with what it is asked of, as it stands in the conversation."""
    told = refuse_long(str(where or ""))
    return f"{asked} (only articles {told})" if told else asked
