"""From the spans that were chosen to an answer of the form that the question asks for."""

from collections.abc import Sequence
from dataclasses import replace

from qa.agreement import supporting
from qa.citing import cite, quote_span
from qa.decision import Candidate
from qa.disagreement import changing, disagreeing
from qa.result import Answer, Claim, Form
from qa.values import value_of

__all__ = ["composed"]

_ITEMS = 12  # of a list, at most
_SENTENCES = 3  # that bear on a question of yes or no


def composed(
    answer: Answer,
    chosen: Sequence[Candidate],
    ranked: Sequence[Candidate],
    form: Form,
    threshold: float,
) -> Answer:
    """``answer``, a refusal so far, with what was found.

    ``chosen`` are the spans that agree on the answer, likeliest first, ``ranked`` all that
    were weighed; ``threshold`` is the confidence of what is likely.
    """
    further: list[list[Candidate]] = []
    others: list[list[Candidate]] = []
    if form == "list":
        chosen = _longest(chosen, ranked, threshold)
        further = _items(chosen, ranked, threshold)
    elif form == "sentences":
        chosen = _once(list(map(_sentence, chosen)))
    elif form == "evidence":
        # Each bears on it, for or against: they are not said to agree.
        near = (c for c in ranked if c.confidence >= threshold / 2)
        first, *bearing = _once([_sentence(c) for c in (*chosen, *near)])
        chosen, further = [first], [[c] for c in bearing[: _SENTENCES - 1]]
    else:
        others = disagreeing(answer.question, chosen, ranked, threshold)
    citations = cite(chosen)
    items = _claims(further, len(citations))
    number = len(citations) + sum(len(item.citations) for item in items)
    disagreements = tuple(
        replace(claim, changing=changing(chosen, group))
        for claim, group in zip(_claims(others, number), others, strict=True)
    )
    return replace(
        answer, status="answered", text=chosen[0].text, confidence=chosen[0].confidence,
        citations=citations, items=items, disagreements=disagreements, form=form,
    )  # fmt: skip


def _claims(groups: Sequence[Sequence[Candidate]], number: int) -> tuple[Claim, ...]:
    """Each group of spans with its citations, numbered on from ``number``."""
    claims = []
    for group in groups:
        citations = cite(group, number + 1)
        number += len(citations)
        claims.append(Claim(group[0].text, group[0].confidence, citations))
    return tuple(claims)


def _sentence(span: Candidate) -> Candidate:
    """The whole sentences that a span stands in."""
    start, end = quote_span(span.article, span.start, span.end)
    return replace(span, start=start, end=end)


def _once(spans: Sequence[Candidate]) -> list[Candidate]:
    """The spans without those that overlap an earlier one, or say the same words."""
    kept: list[Candidate] = []
    for span in spans:
        if not any(_overlap(span, other) or span.text == other.text for other in kept):
            kept.append(span)
    return kept


def _overlap(one: Candidate, other: Candidate) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end


def _longest(
    chosen: Sequence[Candidate], ranked: Sequence[Candidate], threshold: float
) -> list[Candidate]:
    """The longest likely span around the first, which a list often is, and who else gives it all."""
    first = chosen[0]
    around = [
        c
        for c in ranked
        if c.article.id == first.article.id
        and c.start <= first.start
        and first.end <= c.end
        and c.confidence >= threshold
        and quote_span(c.article, c.start, c.start + 1)[1] >= c.end  # within a sentence
    ]
    longest = max(around, key=lambda c: c.end - c.start, default=first)
    return list(chosen) if longest is first else supporting(longest, ranked, threshold)


def _items(
    chosen: Sequence[Candidate], ranked: Sequence[Candidate], threshold: float
) -> list[list[Candidate]]:
    """The other items of a list, each with the articles that name it."""
    said = [value_of(c.text, c.article.language).tokens for c in chosen]
    taken = list(chosen)
    items: list[list[Candidate]] = []
    for span in ranked:
        if span.confidence < threshold or len(items) == _ITEMS:
            break
        tokens = value_of(span.text, span.article.language).tokens
        known = any(f" {' '.join(tokens)} " in f" {' '.join(t)} " for t in said)
        if known or not tokens or any(_overlap(span, other) for other in taken):
            continue
        group = supporting(span, ranked, threshold)
        items.append(group)
        said.append(tokens)
        taken += group
    return items
