"""Articles in, passages with character offsets out."""

from pathlib import Path

from corpus.article import Article, Passage, Problem
from corpus.chunking import split_passages
from corpus.reading import read_articles
from corpus.sentences import sentence_spans

__all__ = [
    "BUNDLED",
    "Article",
    "Passage",
    "Problem",
    "read_articles",
    "sentence_spans",
    "split_passages",
]

BUNDLED = Path(__file__).parent / "articles"
"""The folder of the digests that come with Quoth."""
