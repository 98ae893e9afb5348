"""What programs call: ``answer``, ``search`` and ``articles``, over HTTP and as MCP tools.

Their docstrings and types are what the API's description and agents are given.
"""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, Literal, TypeVar

import gradio as gr

from corpus.errors import QuothError
from embeddings.selection import Selection
from qa.library import Library, Listed, Shelf
from qa.result import Source
from qa.serving.people import person_of
from qa.serving.places import without_places

__all__ = ["MAX_QUESTION", "offer", "public", "refuse_long"]

MAX_QUESTION = 10_000
"""Characters that a question may have."""

_MAX_LIST = 100  # passages or articles at a time, and questions of a conversation

T = TypeVar("T")
Strings = list[str] | None


def offer(library: Library) -> None:
    """Register the three functions with the Gradio page that is being built."""

    def shelf(request: gr.Request) -> Shelf:
        return library.seen_by(person_of(request.headers).user)

    def answer(
        question: str,
        history: Strings = None,
        publishers: Strings = None,
        article_ids: Strings = None,
        since: str | None = None,
        until: str | None = None,
        explain: bool = False,
        request: gr.Request = None,  # Gradio gives it
    ) -> dict[str, Any]:
        """Answer a question with words quoted from the articles, each quote with its source and offsets.

        Nothing is written by a language model: "text" and every "quote" stand word for word in an
        article. "status" is "not_found" when the articles do not answer, with "reason" and the closest
        "passages". "disagreements" are other values that other articles give: report them, too, and
        name each source with its date.

        Args:
            question: The question, in the language of the articles.
            history: The questions asked before, the oldest first: a follow-up such as "When was it built?" is then understood.
            publishers: Only articles of these publishers.
            article_ids: Only these articles.
            since: Only articles published on this day, month or year or later: YYYY, YYYY-MM or YYYY-MM-DD.
            until: Only articles published on this day, month or year or earlier.
            explain: Also say which spans were weighed, and how.
        """

        def work() -> Any:
            asked = refuse_long(_text("question", question))
            earlier = _texts("history", history)[-_MAX_LIST:]
            seen = shelf(request)
            where = _where(seen, publishers, article_ids, since, until)
            found = seen.answer(asked, history=[refuse_long(q) for q in earlier], where=where)
            return public(found.to_dict(explain=bool(explain)))

        answered: dict[str, Any] = _told(library, work)
        return answered

    def search(
        query: str,
        count: int = 8,
        publishers: Strings = None,
        article_ids: Strings = None,
        since: str | None = None,
        until: str | None = None,
        request: gr.Request = None,
    ) -> list[dict[str, Any]]:
        """Find the passages of the articles that matter for a query, by meaning and by words, best first.

        Each has its "text" word for word, its "article" (id, title, publisher, author, published), its
        place ("start" and "end", characters of the article's text) and its "score".

        Args:
            query: A question or some words.
            count: How many passages, 1 to 100.
            publishers: Only articles of these publishers.
            article_ids: Only these articles.
            since: Only articles published on this day, month or year or later: YYYY, YYYY-MM or YYYY-MM-DD.
            until: Only articles published on this day, month or year or earlier.
        """

        def work() -> list[dict[str, Any]]:
            asked = refuse_long(_text("query", query))
            if not any(c.isalnum() for c in asked):
                raise ValueError("the query has no word in it; expected a question or some words")
            seen = shelf(request)
            where = _where(seen, publishers, article_ids, since, until)
            found = seen.retrieve(asked, _number("count", count, 1, _MAX_LIST), where)
            return [
                {
                    "rank": rank,
                    "score": round(item.score, 4),
                    "article": _source(Source.of(item.article)),
                    "text": item.text,
                    "start": item.passage.start,
                    "end": item.passage.end,
                }
                for rank, item in enumerate(found, 1)
            ]

        return _told(library, work)

    def articles(
        text: str = "",
        publishers: Strings = None,
        since: str | None = None,
        until: str | None = None,
        offset: int = 0,
        limit: int = 50,
        request: gr.Request = None,
    ) -> dict[str, Any]:
        """List the articles that questions are asked of, the newest first.

        Gives "total", and "articles" with id, title, publisher, author, published and source.

        Args:
            text: Only articles with these words in title, publisher, author or id.
            publishers: Only articles of these publishers.
            since: Only articles published on this day, month or year or later: YYYY, YYYY-MM or YYYY-MM-DD.
            until: Only articles published on this day, month or year or earlier.
            offset: How many to leave out at the beginning.
            limit: How many at most, 1 to 100.
        """

        def work() -> dict[str, Any]:
            seen = shelf(request)
            found, total = seen.list(
                refuse_long(_text("text", text)),
                where=_where(seen, publishers, None, since, until),
                offset=_number("offset", offset, 0, 10**9),
                limit=_number("limit", limit, 1, _MAX_LIST),
            )
            return {"total": total, "articles": [_listed(article) for article in found]}

        return _told(library, work)

    for function in (answer, search, articles):
        gr.api(function, api_name=function.__name__, queue=False)


_TURNS = BoundedSemaphore(8)  # calls at a time; the others wait their turn


def public(answer: Any) -> Any:
    """The dict of an answer without paths: where a file lies on the server is nobody's business."""
    if isinstance(answer, dict):
        return {key: None if key == "path" else public(value) for key, value in answer.items()}
    return [public(item) for item in answer] if isinstance(answer, list) else answer


def refuse_long(question: str) -> str:
    """The question; ValueError for one of more than ``MAX_QUESTION`` characters."""
    if len(question) > MAX_QUESTION:
        raise ValueError(
            f"the question has {len(question):,} characters; at most {MAX_QUESTION:,} are read"
        )
    return question


class _Told(gr.Error):  # type: ignore[misc]  # Gradio is not typed
    """An error for people; agents are told its text as it is, not as Python would quote it."""

    def __str__(self) -> str:
        return str(self.message)


def _told(library: Library, work: Callable[[], T]) -> T:
    """What ``work`` gives; errors that are meant for people are told to the caller."""
    try:
        with _TURNS:
            return work()
    except (QuothError, ValueError) as error:
        raise _Told(without_places(str(error), library), print_exception=False) from error


def _where(
    shelf: Shelf, publishers: object, ids: object, since: object, until: object
) -> Selection | None:
    days = (_text("a date", day).strip() or None if day else None for day in (since, until))
    return shelf.where(_texts("publishers", publishers), _texts("article_ids", ids), *days)


# What comes over HTTP may be of any type.


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is {type(value).__name__}; expected text")
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f'{name} is no list of texts; expected for example ["first", "second"]')
    return tuple(value)


def _number(name: str, value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(
            f"{name} is {value!r:.40}; expected a whole number from {least} to {most:,}"
        )
    return value


def _source(source: Source) -> dict[str, str | None]:
    return {name: getattr(source, name) for name in _PUBLIC}


def _listed(article: Listed) -> dict[str, str | None]:
    return {name: getattr(article, name) for name in _PUBLIC}


_PUBLIC: tuple[Literal["id", "title", "publisher", "author", "published", "source"], ...] = (
    "id", "title", "publisher", "author", "published", "source"
)  # fmt: skip
