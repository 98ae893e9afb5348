"""From logits to spans, with logits that can be worked out by hand."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.spans import Span, Window, best_spans, decode, word_edges


def window(
    starts: list[float], ends: list[float], null: float = 0.0, text: int = 0, first: int = 0
) -> Window:
    """Pieces of two characters each, one after the other."""
    offsets = np.array(
        [(first + 2 * i, first + 2 * i + 2) for i in range(len(starts))], dtype=np.int64
    )
    return Window(
        text, offsets.reshape(-1, 2), np.array(starts, np.float32), np.array(ends, np.float32), null
    )


def test_the_best_span_is_the_highest_sum() -> None:
    """Start at piece 1, end at piece 2: characters 2 to 6, 5 + 4 above a null of 3."""
    assert decode(window([0, 5, 1], [0, 1, 4], null=3), k=1) == [Span(2, 6, 6.0)]


def test_an_end_before_its_start_is_no_span() -> None:
    """The two highest logits in the wrong order do not make an answer."""
    spans = decode(window([0, 0, 9], [9, 0, 0]), k=9)
    assert all(span.start < span.end for span in spans)
    assert spans[0].score == 9.0


def test_no_span_is_longer_than_allowed() -> None:
    """With two pieces at most, the far end cannot be reached."""
    spans = decode(window([9, 0, 0, 0], [0, 1, 0, 9]), k=20, max_pieces=2)
    assert max(span.end - span.start for span in spans) == 4
    assert spans[0] == Span(0, 4, 10.0)


def test_a_window_without_text_has_no_spans() -> None:
    """A passage of white space is no error."""
    assert decode(window([], []), k=3) == []


def test_windows_of_one_text_are_joined() -> None:
    """The same span in two windows counts once, with the higher score; texts stay apart."""
    windows = [
        window([5, 0], [0, 5], null=4, text=0),
        window([5, 0], [0, 5], null=1, text=0),
        window([1, 0], [0, 1], null=0, text=1, first=10),
    ]
    first, second = best_spans(windows, texts=2, k=2)
    assert first[0] == Span(0, 4, 9.0)
    assert len({(s.start, s.end) for s in first}) == 2
    assert second[0] == Span(10, 14, 2.0)


@given(
    st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)), min_size=1, max_size=25),
    st.integers(1, 10),
    st.integers(1, 8),
)
def test_decode_against_plain_loops(
    logits: list[tuple[float, float]], k: int, longest: int
) -> None:
    """The same scores as trying every pair."""
    starts, ends = map(list, zip(*logits, strict=True))
    starts32, ends32 = np.float32(starts), np.float32(ends)
    every = sorted(
        (
            float(starts32[i] + ends32[j])
            for i in range(len(starts))
            for j in range(i, min(len(starts), i + longest))
        ),
        reverse=True,
    )
    scores = [span.score for span in decode(window(starts, ends), k, longest)]
    assert scores == pytest.approx(every[:k])


def test_no_span_is_a_part_of_a_word_or_a_number() -> None:
    """Pieces open a span where a word or a number begins, and close it where one ends."""
    text = "In 1992, at 2:12:42, 1,275 of them paid 3.5 %, or 61."
    pieces = [m.span() for m in re.finditer(r"\w{1,2}|[^\w\s]", text)]
    whole = [m.span() for m in re.finditer(r"\w+|[^\w\s]", text)]
    words = [next(n for n, (a, b) in enumerate(whole) if a <= s < b) for s, _ in pieces]
    opens, closes = word_edges(text, np.array(pieces), np.array(words))
    starts = {start for (start, _), may in zip(pieces, opens, strict=True) if may}
    ends = {end for (_, end), may in zip(pieces, closes, strict=True) if may}
    for words_ in (
        "1992",
        "1,275",
        "them",
        "3.5",
        "61",
        "2:12:42, 1,275 of them",
        "3.5 %",
        "2:12:42",
    ):
        start = text.index(words_)
        assert start in starts
        assert start + len(words_) in ends
    for part in ("275", "75", "992", "hem", "5 %", ",275", "1.", "12:42", ":42"):
        assert text.index(part) not in starts or text.index(part) + len(part) not in ends
    text = "The 3rd Infantry Division came on the 3rd day."
    pieces = [m.span() for m in re.finditer(r"\w+|[^\w\s]", text)]
    opens, _ = word_edges(text, np.array(pieces), np.arange(len(pieces)))
    begun = [text[a:b] for (a, b), may in zip(pieces, opens, strict=True) if may]
    assert begun == [word for word in text[:-1].split() if word != "Infantry"] + ["."]
    empty = word_edges("", np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert [len(edges) for edges in empty] == [0, 0]
