"""Words in common: BM25 over titles and passages, in tantivy.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with
tantivy's constants k1 = 1.2 and b = 0.75.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tantivy

from embeddings.store import Ids

__all__ = ["LexicalIndex", "terms"]

_MAX_TERMS = 64  # of a question: beyond that the rarest words have long decided
_TITLE_WEIGHT = 0.5
_HEAP = 128_000_000
_FEW = 20_000  # passages that a search is told one by one to keep to


def _analyzer() -> tantivy.TextAnalyzer:
    """Words in lower case, accents and English endings removed, stop words left out."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stopword("english"))
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


_ANALYZER = _analyzer()
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?![^\W_])")


def _undotted(text: str) -> str:
    """ "U.S." as "US": the analyzer would take it for two words of a letter."""
    return _DOTTED.sub(lambda match: match[0].replace(".", "") + " ", text)


def terms(text: str) -> list[str]:
    """The words of ``text`` as the index knows them, each once, in order."""
    return list(dict.fromkeys(_ANALYZER.analyze(_undotted(text))))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=False, indexed=True, fast=True)
    for name in ("title", "text"):
        builder.add_text_field(name, stored=False, tokenizer_name="words", index_option="freq")
    return builder.build()


class LexicalIndex:
    """Words of passages, by passage id."""

    _aside: TemporaryDirectory[str] | None = None

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._index = index
        # No thread that watches the files: they never change, and are removed when outdated.
        index.config_reader(reload_policy="manual")
        index.reload()
        self._searcher = index.searcher()

    @classmethod
    def build(
        cls, documents: Iterable[tuple[int, str, str]], folder: Path | None = None
    ) -> "LexicalIndex":
        """``documents`` are (passage id, title, text); without a folder it stays in memory."""
        index = tantivy.Index(_schema(), path=str(folder) if folder else None)
        index.register_tokenizer("words", _analyzer())
        _write(index, (), documents)
        return cls(index)

    def changed(
        self, gone: Iterable[int], documents: Iterable[tuple[int, str, str]]
    ) -> "LexicalIndex":
        """Without the passages ``gone`` and with others: written where this index is, whose
        files stay as they are."""
        _write(self._index, gone, documents)
        return LexicalIndex(self._index)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Raises ValueError if the folder holds no tantivy index."""
        try:
            return cls(_opened(folder))
        except ValueError:
            if os.access(folder, os.W_OK):
                raise
        # To read it tantivy wants to write a lock beside it: on a read-only disk, beside links to it.
        aside = TemporaryDirectory(prefix="quoth-")
        for file in folder.iterdir():
            if file.suffix != ".lock":
                Path(aside.name, file.name).symlink_to(file)
        found = cls(_opened(Path(aside.name)))
        found._aside = aside  # removed with the index
        return found

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, question: str, k: int, only: Ids | None = None) -> list[tuple[int, float]]:
        """The ``k`` passages with the highest BM25 score: (id, score), best first; of all, or
        of those whose ids are given."""
        words = terms(question)[:_MAX_TERMS]
        if not words or k < 1 or len(self) == 0:
            return []
        clauses = []
        for term in words:
            text = tantivy.Query.term_query(self._schema, "text", term, index_option="freq")
            title = tantivy.Query.term_query(self._schema, "title", term, index_option="freq")
            clauses.append((tantivy.Occur.Should, text))
            clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(title, _TITLE_WEIGHT)))
        query = tantivy.Query.boolean_query(clauses)
        if only is None:
            return self._found(query, k)
        if len(only) <= _FEW:
            chosen = tantivy.Query.term_set_query(self._schema, "id", only.tolist())
            chosen = tantivy.Query.const_score_query(chosen, 0.0)
            must = tantivy.Occur.Must
            return self._found(tantivy.Query.boolean_query([(must, chosen), (must, query)]), k)
        depth = k
        while True:  # further down the list until there are enough of those asked for
            depth = min(depth * 8, len(self))
            hits = self._found(query, depth)
            found = [hits[i] for i in np.flatnonzero(np.isin([i for i, _ in hits], only))[:k]]
            if len(found) == k or len(hits) < depth or depth == len(self):
                return found

    def _found(self, query: tantivy.Query, k: int) -> list[tuple[int, float]]:
        # Counting all hits would mean to score all of them.
        hits = self._searcher.search(query, k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        return [(int(i), float(score)) for i, (score, _) in zip(ids, hits, strict=True)]


def _opened(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    index.register_tokenizer("words", _analyzer())
    return index


def _write(
    index: tantivy.Index, gone: Iterable[int], documents: Iterable[tuple[int, str, str]]
) -> None:
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    for number in gone:
        writer.delete_documents_by_term("id", number)
    for number, title, text in documents:
        writer.add_document(
            tantivy.Document(id=number, title=_undotted(title), text=_undotted(text))
        )
    writer.commit()
    writer.wait_merging_threads()
