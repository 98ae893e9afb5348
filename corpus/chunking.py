"""From an article to passages of whole sentences that fit an encoder.

A passage is encoded with the article's title in front, because a passage from the middle
of an article often does not name what it is about. Title and passage together never have
more word pieces than the encoder reads: what goes over is dropped by the encoder without
a word, and could then never be found.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from corpus.article import Article, Passage
from corpus.sentences import sentence_spans

__all__ = ["CHUNKER_VERSION", "Pieces", "heading", "passage_input", "split_passages"]

CHUNKER_VERSION = "1"
"""Goes into the manifest of an index: change it whenever passages would come out otherwise."""

OVERLAP = 48
"""At most this many word pieces of whole sentences are repeated in the next passage."""

_CHARS_PER_PIECE = 16
# A "word" of a million letters is one unknown piece to a BERT tokenizer, so the length in
# characters is bounded too. No ordinary text comes near 16 characters a piece.


class Pieces(Protocol):
    """What a tokenizer has to tell: where the word pieces of a text stand."""

    def __call__(self, text: str, /) -> Sequence[tuple[int, int]]:
        """Offsets (start, end) of the word pieces, special tokens not counted."""


def heading(title: str, pieces: Pieces, limit: int) -> str:
    """The part of ``title`` that is encoded in front: at most a quarter of ``limit``."""
    title = " ".join(title.split())[: limit // 4 * _CHARS_PER_PIECE]
    spans = pieces(title)
    return title if len(spans) <= limit // 4 else title[: spans[limit // 4 - 1][1]]


def passage_input(head: str, text: str) -> str:
    """What the encoder is given for a passage: the title's part, then the passage."""
    return f"{head}\n{text}" if head else text


def split_passages(
    article: Article, pieces: Pieces, *, limit: int, overlap: int = OVERLAP
) -> list[Passage]:
    """Passages that together cover ``article.text`` (all but white space), in order.

    ``limit`` is the number of word pieces that title and passage may have together (for
    an encoder that reads 256 with two special tokens: 254). Passages consist of whole
    sentences; only a sentence that alone is over the limit is split, between words where
    there is a gap. Raises ValueError for a limit under 8.
    """
    if limit < 8:
        raise ValueError(f"a limit of {limit} word pieces is too small, 8 are needed")
    text = article.text
    head = heading(article.title, pieces, limit)
    sentences = sentence_spans(text, article.language)
    budget = limit - len(pieces(head))
    while True:
        spans = _pack(list(_units(text, sentences, pieces, budget)), budget, overlap)
        over = max(
            (len(pieces(passage_input(head, text[a:b]))) - limit for a, b in spans), default=0
        )
        if over <= 0:
            return [Passage(article.id, a, b) for a, b in spans]
        # Some tokenizers need more pieces for a whole than for its parts: leave them room.
        budget = max(1, budget - over)


def _units(
    text: str, sentences: list[tuple[int, int]], pieces: Pieces, budget: int
) -> Iterator[tuple[int, int, int]]:
    """(start, end, word pieces) of each sentence, or of each part of a too long one."""
    starts = np.array([start for start, _ in pieces(text)], dtype=np.int64)
    edges = np.array(sentences, dtype=np.int64).reshape(-1, 2)
    counts = np.searchsorted(starts, edges[:, 1]) - np.searchsorted(starts, edges[:, 0])
    longest = budget * _CHARS_PER_PIECE
    for (start, end), count in zip(sentences, counts.tolist(), strict=True):
        if count <= budget and end - start <= longest:
            yield start, end, count
        else:
            yield from _parts(text, start, end, pieces, budget, longest)


def _parts(
    text: str, start: int, end: int, pieces: Pieces, budget: int, longest: int
) -> Iterator[tuple[int, int, int]]:
    while start < end:
        window = text[start : min(end, start + longest)]
        spans = pieces(window)
        cut = len(window) if len(spans) <= budget else max(1, spans[budget][0])
        if start + cut < end:
            gap = max(window.rfind(" ", 0, cut + 1), window.rfind("\n", 0, cut + 1))
            if gap > cut // 2:
                cut = gap
        part = text[start : start + cut]
        count = len(pieces(part))
        while count > budget and cut > 1:  # a word cut in two may need more pieces
            cut = max(1, cut * budget // count if budget < count else cut - 1)
            part = text[start : start + cut]
            count = len(pieces(part))
        kept = part.strip()
        if kept:
            first = start + len(part) - len(part.lstrip())
            yield first, first + len(kept), count
        start += cut


def _pack(units: list[tuple[int, int, int]], budget: int, overlap: int) -> list[tuple[int, int]]:
    """As many neighbouring units a passage as fit; the last ones begin the next passage."""
    spans = []
    first = 0
    while first < len(units):
        total, after = 0, first
        while after < len(units) and (after == first or total + units[after][2] <= budget):
            total += units[after][2]
            after += 1
        spans.append((units[first][0], units[after - 1][1]))
        if after == len(units):
            break
        repeated, back = 0, after
        room = min(overlap, budget - units[after][2])
        while back - 1 > first and repeated + units[back - 1][2] <= room:
            back -= 1
            repeated += units[back][2]
        first = back
    return spans
