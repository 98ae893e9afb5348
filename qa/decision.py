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
from qa.confidence import Calibration, Evidence
from qa.retriever import Retrieved
from qa.spans import Span

__all__ = ["Candidate", "candidates", "coverage", "rarity"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of an article (characters ``start`` to ``end`` of its text) that may answer."""

    article: Article
    start: int
    end: int
    evidence: Evidence
    confidence: float

    @property
    def text(self) -> str:
        """The words of the span."""
        return self.article.text[self.start : self.end]


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
    question: str,
    retrieved: Sequence[Retrieved],
    spans: Sequence[Sequence[Span]],
    calibration: Calibration,
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
            evidence = Evidence(span.score, found.score, covered)
            sure = calibration.probability(evidence)
            key = found.article.id, start, end
            if key not in best or sure > best[key].confidence:
                best[key] = Candidate(found.article, start, end, evidence, sure)
    return sorted(best.values(), key=lambda c: (-c.confidence, c.article.id, c.start, c.end))
