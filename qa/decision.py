"""Answer or no answer: weighed once, over all the spans of all the passages.

A no-answer vote of each passage by itself would let one poor passage swamp the good one.
So every span gets one probability of being the right answer, from three things: how far
the reader puts it above no answer, how well its passage matches the question, and how
much of what the question asks about stands in its sentence. The best span is the answer
if it is likely enough.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.article import Article
from corpus.sentences import sentence_spans
from embeddings.lexical import terms
from qa.retriever import Retrieved
from qa.spans import Span

__all__ = ["THRESHOLD", "Candidate", "candidates", "confidence", "coverage", "rarity"]

THRESHOLD = 0.2
"""Answers less likely than this are withheld. Measured as below, facts right and questions
refused add up to the same from 0.20 to 0.28; the lowest withholds the fewest right answers."""

_BIAS, _PER_LOGIT, _PER_RELEVANCE, _PER_COVERAGE = -3.857, 0.2783, 2.631, 3.190
# Logistic regression on 1,120 questions over the 35 articles of SQuAD 2.0's dev set, each
# article a corpus of its own: 490 that it answers, 280 whose answer was taken out of it, 210
# written to look answerable, 140 about other articles. With a threshold at which 85 in 100
# answerable questions are answered (five-fold, by article), against the reader's logits alone:
# 0.69 instead of 0.65 right; refused of the three other kinds 0.84, 0.54 and 1.00 instead of
# 0.75, 0.59 and 0.99.


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of an article (characters ``start`` to ``end`` of its text) that may answer."""

    article: Article
    start: int
    end: int
    confidence: float

    @property
    def text(self) -> str:
        """The words of the span."""
        return self.article.text[self.start : self.end]


def confidence(span_score: float, relevance: float, covered: float) -> float:
    """Probability that a span is the right answer.

    ``span_score`` is its log-odds against no answer, ``relevance`` its passage's score
    from the retriever, ``covered`` what ``coverage`` says of its sentence.
    """
    odds = _BIAS + _PER_LOGIT * span_score + _PER_RELEVANCE * relevance + _PER_COVERAGE * covered
    return 1 / (1 + math.exp(-max(-700.0, odds)))


def rarity(question: str, texts: Sequence[str]) -> dict[str, float]:
    """How much each word of the question tells, by how few of the texts have it.

    The inverse document frequency of BM25, with the retrieved passages as the collection:
    what all of them have in common says nothing, what none of them has says most.
    """
    wanted = terms(question)
    having = Counter(word for text in texts for word in set(terms(text)).intersection(wanted))
    count = len(texts)
    return {w: math.log(1 + (count - having[w] + 0.5) / (having[w] + 0.5)) for w in wanted}


def coverage(weights: dict[str, float], sentence: str) -> float:
    """The share (0 to 1) of the question's words, by their weights, that a sentence has."""
    total = sum(weights.values())
    return (
        sum(weights[word] for word in terms(sentence) if word in weights) / total if total else 0.0
    )


def candidates(
    question: str, retrieved: Sequence[Retrieved], spans: Sequence[Sequence[Span]]
) -> list[Candidate]:
    """All spans that the reader found, in article offsets, most probable first.

    ``spans`` are those of each retrieved passage. Passages overlap: a span that was read
    in two of them counts once, with the higher probability.
    """
    weights = rarity(question, [found.text for found in retrieved])
    best: dict[tuple[str, int, int], Candidate] = {}
    for found, of_passage in zip(retrieved, spans, strict=True):
        text = found.text
        sentences = [
            (start, end, coverage(weights, text[start:end]))
            for start, end in sentence_spans(text, found.article.language)
        ]
        for span in of_passage:
            if not text[span.start : span.end].strip():
                continue
            covered = next(
                (share for start, end, share in sentences if start <= span.start < end), 0.0
            )
            start, end = found.passage.start + span.start, found.passage.start + span.end
            sure = confidence(span.score, found.score, covered)
            key = found.article.id, start, end
            if key not in best or sure > best[key].confidence:
                best[key] = Candidate(found.article, start, end, sure)
    return sorted(best.values(), key=lambda c: (-c.confidence, c.article.id, c.start, c.end))
