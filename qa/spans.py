"""From a model's logits to answer spans, step by step and each step testable alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Span", "Window", "best_spans", "decode", "word_edges"]

MAX_ANSWER_PIECES = 30

_WITHIN_NUMBER = re.compile(r"(?<=\d)[.,:](?=\d)")
_BEHIND_ORDINAL = re.compile(r"(?<=\d(?:st|nd|rd|th) )(?=[A-Z])")  # the 3rd Infantry Division


@dataclass(frozen=True, slots=True)
class Window:
    """What the model says of one stretch of a text.

    ``offsets`` has shape (pieces, 2): characters of the text. ``starts`` and ``ends``
    have shape (pieces,): logits of an answer starting or ending there. ``null`` is the
    sum of both logits at the no-answer position.
    """

    text: int
    offsets: npt.NDArray[np.int64]
    starts: npt.NDArray[np.float32]
    ends: npt.NDArray[np.float32]
    null: float


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` of a text, and by how much their logits are above
    those of no answer: the log-odds of this span against none."""

    start: int
    end: int
    score: float


def decode(window: Window, k: int, max_pieces: int = MAX_ANSWER_PIECES) -> list[Span]:
    """The ``k`` best spans of a window, best first, none longer than ``max_pieces``."""
    size = len(window.starts)
    if size == 0:
        return []
    sums = window.starts[:, None] + window.ends[None, :]
    first, last = np.indices((size, size))
    sums = np.where((last >= first) & (last < first + max_pieces), sums, -np.inf)
    flat = sums.ravel()
    best = np.argpartition(-flat, min(k, flat.size) - 1)[:k]
    best = best[np.argsort(-flat[best], kind="stable")]
    return [
        Span(
            int(window.offsets[i // size, 0]),
            int(window.offsets[i % size, 1]),
            float(flat[i]) - window.null,
        )
        for i in best.tolist()
        if np.isfinite(flat[i])
    ]


def word_edges(
    text: str, offsets: npt.NDArray[np.int64], words: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which pieces open a word and which close one: no answer is a part of a word, or of a
    number such as 1,275 or 18:30, or a name without its "3rd". ``words`` has the number of
    each piece's word."""
    opens, closes = np.ones((2, len(words)), dtype=bool)
    same = words[1:] == words[:-1]
    opens[1:], closes[:-1] = ~same, ~same
    inside = [place for mark in _WITHIN_NUMBER.finditer(text) for place in mark.span()]
    closes &= ~np.isin(offsets[:, 1], inside)
    inside += [place.start() for place in _BEHIND_ORDINAL.finditer(text)]
    return opens & ~np.isin(offsets[:, 0], inside), closes


def best_spans(windows: Iterable[Window], texts: int, k: int) -> list[list[Span]]:
    """For each of ``texts`` texts its ``k`` best spans, best first, over all its windows.

    A span seen in two overlapping windows counts once, with the higher score.
    """
    found: list[dict[tuple[int, int], Span]] = [{} for _ in range(texts)]
    for window in windows:
        spans = found[window.text]
        for span in decode(window, k):
            before = spans.get((span.start, span.end))
            if before is None or span.score > before.score:
                spans[span.start, span.end] = span
    return [sorted(spans.values(), key=lambda s: -s.score)[:k] for spans in found]
