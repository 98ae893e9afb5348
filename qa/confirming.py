"""Whether another article's value is for the same fact: asked once more, with what the first one says."""

from collections.abc import Callable, Sequence

from corpus.sentences import sentence_spans
from qa.decision import Candidate
from qa.spans import Span

__all__ = ["LEFT_OUT", "Read", "confirmed", "said_elsewhere"]

Read = Callable[[Sequence[tuple[str, str]]], list[list[Span]]]
"""Of each question and text its spans, as a reader finds them."""

LEFT_OUT = "…"
"""What stands for the value of a sentence whose value is asked for."""

_NEEDED = 0.0  # log-odds against no answer
_AROUND = 700  # characters before and behind a span that are read again


def said_elsewhere(
    question: str, text: str, start: int, end: int, language: str | None = None
) -> str:
    """The question, and behind it the sentence of ``text`` in which characters ``start`` to ``end``
    are an answer to it, without that answer."""
    for first, last in sentence_spans(text, language):
        if first <= start < last:
            last = max(last, end)
            sentence = f"{text[first:start]}{LEFT_OUT}{text[end:last]}"
            return " ".join(f"{question} {sentence}".split())
    return question


def confirmed(
    question: str, first: Candidate, claims: Sequence[Sequence[Candidate]], read: Read
) -> list[Sequence[Candidate]]:
    """Those of ``claims``, other values than ``first`` with the articles that give them, which the
    reader finds again when it is told what is said of ``first``.

    "How many were hurt? The fire in Ost hurt …" has no answer in an article on the fire in West,
    though "How many were hurt?" has one there. The reader is trained on such questions
    (``qa/twinning.py``).
    """
    asked = said_elsewhere(
        question, first.article.text, first.start, first.end, first.article.language
    )
    places = [_around(claim[0]) for claim in claims]
    texts = [claim[0].article.text[a:b] for claim, (a, b) in zip(claims, places, strict=True)]
    found = read([(asked, text) for text in texts]) if claims else []
    return [
        claim
        for claim, (start, _), spans in zip(claims, places, found, strict=True)
        if _score(claim[0], start, spans) >= _NEEDED
    ]


def _score(claim: Candidate, start: int, spans: Sequence[Span]) -> float:
    """How far the reader puts the claim above no answer, in a text that begins at ``start``."""
    return max(
        (s.score for s in spans if start + s.start < claim.end and claim.start < start + s.end),
        default=-float("inf"),
    )


def _around(candidate: Candidate) -> tuple[int, int]:
    """What is read again around a span: whole words."""
    text = candidate.article.text
    first, last = max(0, candidate.start - _AROUND), candidate.end + _AROUND
    if first:
        first = max(first, text.find(" ", first, candidate.start) + 1)
    if last < len(text):
        last = max(candidate.end, text.rfind(" ", candidate.end, last))
    return first, last
