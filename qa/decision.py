"""Answer or no answer: weighed once, over all the spans of all the passages.

A no-answer vote of each passage by itself would let one poor passage swamp the good one.
So every span gets one probability of being the right answer, from how far the reader puts
it above no answer and from how well its passage matches the question; the best one is the
answer if it is likely enough.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.article import Article
from qa.retriever import Retrieved
from qa.spans import Span

__all__ = ["THRESHOLD", "Candidate", "candidates", "confidence"]

THRESHOLD = 0.22
"""Answers less likely than this are withheld."""

_BIAS, _PER_LOGIT, _PER_RELEVANCE = -4.844, 0.3203, 5.877
# Logistic regression on 1,330 questions over the 35 articles of SQuAD 2.0's dev set, each
# article a corpus of its own (700 answered by it, 420 written to look so, 210 about other
# articles). Against the reader's logits alone, at the rate where 85 in 100 answerable
# questions are answered: 0.69 instead of 0.65 right, 0.62 instead of 0.60 and 0.995
# instead of 0.92 refused (five-fold, by article).


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of an article (characters ``start`` to ``end`` of its text) that may answer.

    ``passage`` is the rank, from 0, of the passage that it was read in."""

    article: Article
    start: int
    end: int
    confidence: float
    passage: int

    @property
    def text(self) -> str:
        """The words of the span."""
        return self.article.text[self.start : self.end]


def confidence(span_score: float, relevance: float) -> float:
    """Probability that a span is the right answer.

    ``span_score`` is its log-odds against no answer, ``relevance`` its passage's score
    from the retriever.
    """
    return 1 / (1 + math.exp(-(_BIAS + _PER_LOGIT * span_score + _PER_RELEVANCE * relevance)))


def candidates(retrieved: Sequence[Retrieved], spans: Sequence[Sequence[Span]]) -> list[Candidate]:
    """All spans that the reader found, in article offsets, most probable first.

    ``spans`` are those of each retrieved passage. Passages overlap: a span that was read
    in two of them counts once, with the higher probability.
    """
    best: dict[tuple[str, int, int], Candidate] = {}
    for rank, (found, of_passage) in enumerate(zip(retrieved, spans, strict=True)):
        for span in of_passage:
            start, end = found.passage.start + span.start, found.passage.start + span.end
            if not found.article.text[start:end].strip():
                continue
            candidate = Candidate(
                found.article, start, end, confidence(span.score, found.score), rank
            )
            key = found.article.id, start, end
            if key not in best or candidate.confidence > best[key].confidence:
                best[key] = candidate
    return sorted(best.values(), key=lambda c: (-c.confidence, c.article.id, c.start, c.end))
