"""What all tabs of the page work with, and what is opened when something is pressed."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import gradio as gr

from qa.conversations import Conversations
from qa.feedback import Feedback
from qa.library import Library, Shelf
from qa.page.answers import Turn
from qa.page.articles import article_list, article_page, missing_page
from qa.page.markup import escape
from qa.result import Citation
from qa.serving.people import person_of
from qa.serving.places import without_places
from qa.session import Quoth

__all__ = ["Desk", "key_of", "numbered", "opened"]

LISTED = 200  # articles beside the chat; more are better asked than listed


@dataclass(frozen=True, slots=True)
class Desk:
    """A session with its library, and where conversations and opinions are kept."""

    session: Quoth
    library: Library
    conversations: Conversations
    feedback: Feedback
    private: bool = False
    """Whether there are users, each of whom sees their own additions only."""
    _presses: "itertools.count[int]" = field(default_factory=itertools.count)

    def shelf(self, request: gr.Request) -> Shelf:
        """The articles that the visitor may see."""
        return self.library.seen_by(person_of(request.headers).user)

    def told(self, error: Exception) -> str:
        """What an error says to a visitor, escaped: messages of the page may be HTML."""
        return escape(without_places(str(error), self.library))

    def anew(self, shown: str) -> str:
        """The same HTML, different each time: what is open already is scrolled to again."""
        return f"{shown}<!-- {next(self._presses)} -->"


def key_of(request: gr.Request) -> str:
    """What a visitor's conversation is kept under; "" for one who cannot be told from others."""
    person = person_of(request.headers)
    return f"{person.user}\n{person.visitor}" if person.visitor else ""


def opened(shelf: Shelf, turns: Sequence[Turn], target: str) -> str | None:
    """The HTML of what a button asked for; None for what is not there.

    ``target`` comes from a browser: ``list``, ``article:ID``, ``citation:TURN:NUMBER`` or
    ``passage:TURN:NUMBER``.
    """
    kind, _, rest = target.partition(":")
    if kind == "list":
        found, _ = shelf.list(limit=LISTED)
        return article_list(found, shelf.counts()[0])
    if kind == "article":
        article = shelf.article(rest)
        return article_page(article) if article else None
    which, _, rest = rest.partition(":")
    turn = numbered(which, len(turns))
    if turn is None or kind not in ("citation", "passage"):
        return None
    answer = turns[turn].answer
    shown = () if answer is None else answer.quotes if kind == "citation" else answer.passages
    number = numbered(rest, len(shown))
    if number is None:
        return None
    quoted = shown[number]
    turning = _turning(kind, turn, number, len(shown))
    article = shelf.article(quoted.article.id)
    if article is None:
        return missing_page(quoted.article.title, turning)
    words, span = (
        (quoted.quote, (quoted.answer_start, quoted.answer_end))
        if isinstance(quoted, Citation)
        else (quoted.text, None)
    )
    if article.text[quoted.start : quoted.end] != words:
        note = "The article has changed since it was quoted."
        return article_page(article, note=note, turning=turning)
    return article_page(article, (quoted.start, quoted.end), span, turning=turning)


def numbered(text: str, count: int) -> int | None:
    """The number that a browser names, if it is one of so many from 0 on."""
    if not text.isdecimal() or len(text) > 9 or int(text) >= count:
        return None
    return int(text)


def _turning(kind: str, turn: int, number: int, count: int) -> str:
    """The way back to the answer, and to the quotes before and after."""
    back = '<button type="button" class="back to-answer">↑ Back to the answer</button>'
    if count < 2:
        return back
    name = "Quote" if kind == "citation" else "Passage"

    def button(there: int, word: str) -> str:
        off = "" if 0 <= there < count else " disabled"
        return (
            f'<button type="button" class="tool" data-open="{kind}:{turn}:{there}"'
            f' aria-label="{word} {name.lower()}"{off}>{"←" if word == "Previous" else "→"}</button>'
        )

    return (
        f'{back}<nav class="quotes" aria-label="{name}s">{button(number - 1, "Previous")}'
        f"<span>{name} {number + 1} of {count}</span>{button(number + 1, 'Next')}</nav>"
    )
