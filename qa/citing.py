"""From the spans that were chosen to citations: whole sentences, numbered."""

from collections.abc import Sequence

from corpus.article import Article
from corpus.sentences import sentence_spans
from qa.agreement import copies
from qa.decision import Candidate
from qa.result import Citation, Source

__all__ = ["cite", "quote_span"]

_LONGEST_QUOTE = 1000  # characters; a sentence beyond that is quoted in part


def cite(spans: Sequence[Candidate], first: int = 1) -> tuple[Citation, ...]:
    """A citation for each span, numbered from ``first``, with the sentences that it stands in."""
    citations = []
    repeated = copies([span.article for span in spans])
    for number, (span, copied) in enumerate(zip(spans, repeated, strict=True), first):
        start, end = quote_span(span.article, span.start, span.end)
        citations.append(
            Citation(
                number=number,
                article=Source.of(span.article),
                quote=span.article.text[start:end],
                start=start,
                end=end,
                answer_start=span.start,
                answer_end=span.end,
                copy_of=None if copied is None else copied + first,
                hash=span.article.hash,
            )
        )
    return tuple(citations)


def quote_span(article: Article, start: int, end: int) -> tuple[int, int]:
    """Offsets of the whole sentences of ``article`` that characters ``start`` to ``end``
    stand in; of an endless sentence only the part around them."""
    first, last = start, end
    for sentence_start, sentence_end in sentence_spans(article.text, article.language):
        if sentence_start < end and start < sentence_end:
            first, last = min(first, sentence_start), max(last, sentence_end)
    if last - first > max(_LONGEST_QUOTE, end - start):
        room = max(0, _LONGEST_QUOTE - (end - start)) // 2
        first = _word_edge(article.text, max(first, start - room), start)
        last = min(last, end + room)
        if last < len(article.text):
            cut = max(article.text.rfind(" ", end, last), article.text.rfind("\n", end, last))
            last = cut if cut > end else last
        while first < start and article.text[first].isspace():
            first += 1
        while last > end and article.text[last - 1].isspace():
            last -= 1
    return first, last


def _word_edge(text: str, place: int, before: int) -> int:
    """The start of the next word after ``place``, if there is one up to ``before``."""
    if place == 0 or text[place - 1].isspace():
        return place
    gaps = [gap for mark in " \n" if (gap := text.find(mark, place, before)) >= 0]
    return min(gaps) + 1 if gaps else place
