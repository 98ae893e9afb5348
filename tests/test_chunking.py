"""Passages: they cover the article, their offsets are exact, and none is too long."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Article, Passage, sentence_spans, split_passages
from corpus.chunking import heading, passage_input
from tests.fakes import FakeEncoder

PIECES = FakeEncoder().pieces
WORDS = [
    "bridge",
    "Dr.",
    "U.S.",
    "3.5",
    "“so”",
    "עִבְרִית",
    "مرحبا",
    "世界。",
    "👩‍👩‍👧",
    "e\u0301a",
    "a" * 40,
    "\n\n",
    "\r\n",
    "!",
    ". ",
    "\u200f",
]
PROSE = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), max_size=120).map(" ".join)


def check(text: str, title: str, pieces, limit: int) -> list[Passage]:  # type: ignore[no-untyped-def]
    article = Article(id="a", title=title, text=text)
    passages = split_passages(article, pieces, limit=limit)
    head = heading(title, pieces, limit)
    covered = [False] * len(text)
    for passage in passages:
        assert 0 <= passage.start < passage.end <= len(text)
        words = passage.text(article)
        assert words == words.strip()
        assert len(pieces(passage_input(head, words))) <= limit
        covered[passage.start : passage.end] = [True] * (passage.end - passage.start)
    assert all(seen or character.isspace() for seen, character in zip(covered, text, strict=True))
    assert [p.start for p in passages] == sorted({p.start for p in passages})
    return passages


@given(PROSE, st.text(max_size=60), st.integers(8, 60))
def test_passages_of_any_text(text: str, title: str, limit: int) -> None:
    """All three properties, for text of all scripts."""
    check(text, title, PIECES, limit)


@pytest.mark.models
@settings(max_examples=60, deadline=None)
@given(text=PROSE, title=st.text(max_size=300))
def test_passages_with_the_real_tokenizer(real_encoder, text: str, title: str) -> None:  # type: ignore[no-untyped-def]
    """The same with the word pieces that the packaged encoder counts."""
    check(text, title, real_encoder.pieces, real_encoder.limit)


@pytest.mark.models
@pytest.mark.parametrize(
    "line",
    ["word " * 200_000, "x" * 1_000_000, "A b. " * 200_000, "世" * 300_000, "ñ👩‍👩‍👧" * 100_000],
)
def test_one_megabyte_lines(real_encoder, line: str) -> None:  # type: ignore[no-untyped-def]
    """A line of a megabyte is split like any other sentence."""
    check(line, "A title", real_encoder.pieces, real_encoder.limit)


def test_whole_sentences() -> None:
    """A passage ends where a sentence does, and the next repeats the last sentence."""
    text = " ".join(f"Sentence number {n} has eight words in it." for n in range(12))
    article = Article(id="a", title="T", text=text)
    sentences = sentence_spans(text)
    passages = split_passages(article, PIECES, limit=30, overlap=9)
    assert {p.start for p in passages} <= {start for start, _ in sentences}
    assert {p.end for p in passages} <= {end for _, end in sentences}
    assert all(
        later.start < earlier.end for earlier, later in zip(passages, passages[1:], strict=False)
    )


def test_a_long_sentence_is_split_between_words() -> None:
    """No word is cut where there are gaps, and nothing is lost."""
    text = "word " * 100 + "end"
    passages = check(text, "", PIECES, 20)
    assert all(p.text(Article("a", "", text)).split(" ")[-1] in ("word", "end") for p in passages)


def test_an_endless_title_leaves_room() -> None:
    """A title has at most a quarter of the word pieces."""
    head = heading("very " * 500, PIECES, 40)
    assert len(PIECES(head)) == 10
    check("A bridge closed. " * 30, "very " * 500, PIECES, 40)


def test_a_passage_of_another_article() -> None:
    """Offsets into one article cannot be used on another."""
    with pytest.raises(ValueError, match="'b'"):
        Passage("a", 0, 1).text(Article("b", "", "text"))


@given(PROSE)
def test_sentences_cover_the_text(text: str) -> None:
    """Every character but white space is in exactly one sentence, in order."""
    spans = sentence_spans(text)
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
