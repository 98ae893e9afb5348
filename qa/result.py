"""What comes out: an answer, its citations, the passages it was weighed against.

Every quote carries its offsets: ``article.text[start:end] == quote``, letter for letter.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from corpus.article import Article

__all__ = ["Answer", "Citation", "RankedPassage", "Source", "Status"]

Status = Literal["answered", "not_found"]


@dataclass(frozen=True, slots=True)
class Source:
    """Who wrote it, when, and where to find it; None where the article does not say."""

    id: str
    title: str
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    source: str | None = None
    path: str | None = None

    @classmethod
    def of(cls, article: Article) -> "Source":
        """The part of an article that is cited with its words."""
        return cls(*(getattr(article, name) for name in cls.__slots__))

    @property
    def who(self) -> str:
        """The publisher, else the author, else the article's id."""
        return self.publisher or self.author or self.id

    @property
    def label(self) -> str:
        """Who and when in one line, as a footnote has it."""
        return f"{self.who}, {self.published}" if self.published else self.who


@dataclass(frozen=True, slots=True)
class Citation:
    """Whole sentences of an article around an answer.

    ``start`` and ``end`` are the quote's place in the article's text, ``answer_start``
    and ``answer_end`` that of the answer inside it. ``copy_of`` is the number of an earlier
    citation whose article this one's repeats for the most part, as wire copies do. ``hash``
    is that of the article (see ``Article.hash``): what was quoted can be told from what the
    article became.
    """

    number: int
    article: Source
    quote: str
    start: int
    end: int
    answer_start: int
    answer_end: int
    copy_of: int | None = None
    hash: str | None = None

    @property
    def answer(self) -> str:
        """The answer's own words in this quote."""
        return self.quote[self.answer_start - self.start : self.answer_end - self.start]


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage that was read for the question; ``rank`` counts from 1."""

    rank: int
    score: float
    article: Source
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or that there is none in the corpus.

    ``text`` is the answer's words as the first citation has them, None if nothing was
    found; ``confidence`` (0 to 1) says how sure the reader is that there is an answer and
    that this is it. ``passages`` are those that were read, best first.
    """

    question: str
    status: Status
    text: str | None
    confidence: float
    citations: tuple[Citation, ...] = ()
    passages: tuple[RankedPassage, ...] = ()
    resolved_question: str = ""
    id: str | None = None

    @property
    def support(self) -> int:
        """How many articles, copies of others left out, give this answer."""
        return sum(citation.copy_of is None for citation in self.citations)

    @property
    def found(self) -> bool:
        """Whether the corpus answers the question."""
        return self.status == "answered"

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON object, keys in their documented order."""
        return {
            "id": self.id,
            "question": self.question,
            "resolved_question": self.resolved_question or self.question,
            "status": self.status,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "citations": [
                {
                    "number": c.number,
                    "article": _source(c.article),
                    "quote": c.quote,
                    "start": c.start,
                    "end": c.end,
                    "answer_start": c.answer_start,
                    "answer_end": c.answer_end,
                    "copy_of": c.copy_of,
                    "hash": c.hash,
                }
                for c in self.citations
            ],
            "disagreements": [],
            "passages": [
                {
                    "rank": p.rank,
                    "score": round(p.score, 4),
                    "article": _source(p.article),
                    "text": p.text,
                    "start": p.start,
                    "end": p.end,
                }
                for p in self.passages
            ],
            "support": self.support,
        }

    def to_json(self, indent: int | None = None) -> str:
        """``to_dict`` as text, letters of all scripts as they are."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)


def _source(source: Source) -> dict[str, str | None]:
    return {name: getattr(source, name) for name in Source.__slots__}
