"""Links that open the page and ask a question, of all articles or of some."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from qa.result import Answer
from qa.serving.programs import MAX_QUESTION

__all__ = ["Link", "asked_by", "link_to"]

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
