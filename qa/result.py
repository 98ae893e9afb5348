"""What comes out: an answer, its citations, the passages it was weighed against.

Every quote carries its offsets: ``article.text[start:end] == quote``, letter for letter.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from corpus.article import Article

__all__ = ["Answer", "Citation", "Claim", "Form", "RankedPassage", "Source", "Status", "Weighed"]

Status = Literal["answered", "not_found"]

Form = Literal["span", "sentences", "list", "evidence"]
"""A span in its sentence; whole sentences (why, how); one of several items (which countries);
sentences that bear on a question of yes or no, without a verdict."""


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
    def label(self) -> str:
        """Who and when in one line, as a footnote has it: the publisher, else the author, and the
        date; the id where none of them is known."""
        return ", ".join(filter(None, (self.publisher or self.author, self.published))) or self.id


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
class Claim:
    """Something else that articles say: another value for the same fact, or another item.

    ``text`` is the words of the first citation's answer; ``confidence`` as that of an answer.
    ``changing``: the figures are of different dates and of something that may have changed
    between them ("so far"), so that both can be right.
    """

    text: str
    confidence: float
    citations: tuple[Citation, ...]
    changing: bool = False

    @property
    def support(self) -> int:
        """How many articles, copies of others left out, say so."""
        return _support(self.citations)

    @property
    def note(self) -> str:
        """In how many articles it stands, and whether it is a matter of dates."""
        count = "1 article" if self.support == 1 else f"{self.support} articles"
        return f"{count}; as of another date, both may be right" if self.changing else count


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
class Weighed:
    """A span that was weighed as the answer, and what spoke for it.

    ``passage`` is the rank of the passage that it stands in, None for one of those that were read
    later for more articles; ``score`` the reader's log-odds against no answer, ``relevance``
    the passage's score, ``coverage`` the share of the question's words, by what they tell,
    in the span's sentence; ``confidence`` the probability that comes of the three.
    """

    text: str
    article: Source
    start: int
    end: int
    passage: int | None
    score: float
    relevance: float
    coverage: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or that there is none in the corpus.

    ``text`` is the answer's words as the first citation has them, in the ``form`` that the question
    asks for, None if nothing was found; ``items`` are the other items of a list, or the other
    sentences that bear on a question of yes or no; ``confidence`` (0 to 1) says how sure the reader is that there is an answer and
    that this is it. ``disagreements`` are what other articles say instead, likeliest first; their
    citations are numbered on from those of the answer. ``passages`` are those that were
    read, best first. ``reason`` says in a sentence why nothing was found; ``weighed`` are the
    likeliest spans and ``threshold`` the confidence that one had to reach.
    """

    question: str
    status: Status
    text: str | None
    confidence: float
    citations: tuple[Citation, ...] = ()
    passages: tuple[RankedPassage, ...] = ()
    resolved_question: str = ""
    id: str | None = None
    disagreements: tuple[Claim, ...] = ()
    reason: str | None = None
    weighed: tuple[Weighed, ...] = ()
    threshold: float | None = None
    form: Form = "span"
    items: tuple[Claim, ...] = ()

    @property
    def support(self) -> int:
        """How many articles, copies of others left out, give this answer."""
        return _support(self.citations)

    @property
    def rewritten(self) -> bool:
        """Whether the question was understood as another than was typed."""
        return bool(self.resolved_question) and (
            self.resolved_question != " ".join(self.question.split())
        )

    @property
    def quotes(self) -> tuple[Citation, ...]:
        """All citations by number: of the answer, of its other items, of the disagreements."""
        claims = (*self.items, *self.disagreements)
        return self.citations + tuple(c for claim in claims for c in claim.citations)

    @property
    def found(self) -> bool:
        """Whether the corpus answers the question."""
        return self.status == "answered"

    def to_dict(self, explain: bool = False) -> dict[str, Any]:
        """The documented JSON object, keys in their documented order.

        With ``explain`` also ``threshold`` and ``weighed``: why this answer.
        """
        why = {
            "threshold": self.threshold,
            "weighed": [
                {
                    "text": w.text,
                    "article": _source(w.article),
                    "start": w.start,
                    "end": w.end,
                    "passage": w.passage,
                    "score": round(w.score, 4),
                    "relevance": round(w.relevance, 4),
                    "coverage": round(w.coverage, 4),
                    "confidence": round(w.confidence, 4),
                }
                for w in self.weighed
            ],
        }
        return {
            "id": self.id,
            "question": self.question,
            "resolved_question": self.resolved_question or self.question,
            "status": self.status,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "citations": [_citation(c) for c in self.citations],
            "disagreements": [_claim(claim) for claim in self.disagreements],
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
            "reason": self.reason,
            "form": self.form,
            "items": [_claim(claim) for claim in self.items],
        } | (why if explain else {})

    def to_json(self, indent: int | None = None, explain: bool = False) -> str:
        """``to_dict`` as text, letters of all scripts as they are."""
        return json.dumps(self.to_dict(explain), ensure_ascii=False, indent=indent)

    def _repr_html_(self) -> str:
        """What a notebook shows for an answer."""
        from qa import notebook

        return notebook.render(self)


def _support(citations: tuple[Citation, ...]) -> int:
    return sum(citation.copy_of is None for citation in citations)


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "text": claim.text,
        "confidence": round(claim.confidence, 4),
        "changing": claim.changing,
        "citations": [_citation(c) for c in claim.citations],
        "support": claim.support,
    }


def _citation(c: Citation) -> dict[str, Any]:
    return {
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


def _source(source: Source) -> dict[str, str | None]:
    return {name: getattr(source, name) for name in Source.__slots__}
