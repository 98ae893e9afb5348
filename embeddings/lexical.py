"""Words in common: BM25 over titles and passages, in tantivy.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with
tantivy's constants k1 = 1.2 and b = 0.75.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

import tantivy

__all__ = ["LexicalIndex", "terms"]

_MAX_TERMS = 64  # of a question: beyond that the rarest words have long decided
_TITLE_WEIGHT = 0.5
_HEAP = 64_000_000


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
    builder.add_integer_field("id", stored=True)
    for name in ("title", "text"):
        builder.add_text_field(name, tokenizer_name="words", index_option="freq")
    return builder.build()


class LexicalIndex:
    """Words of passages, by passage id."""

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
        writer = index.writer(heap_size=_HEAP, num_threads=1)
        for number, title, text in documents:
            writer.add_document(
                tantivy.Document(id=number, title=_undotted(title), text=_undotted(text))
            )
        writer.commit()
        writer.wait_merging_threads()
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Raises ValueError if the folder holds no tantivy index."""
        index = tantivy.Index.open(str(folder))
        index.register_tokenizer("words", _analyzer())
        return cls(index)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(
        self, question: str, k: int, only: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
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
        depth = k
        while True:  # further down the list until there are enough of those asked for
            depth = min(depth * 8, len(self))
            found = [hit for hit in self._found(query, depth) if hit[0] in only][:k]
            if len(found) >= min(k, len(only)) or depth == len(self):
                return found

    def _found(self, query: tantivy.Query, k: int) -> list[tuple[int, float]]:
        hits = self._searcher.search(query, k).hits
        return [(self._searcher.doc(address)["id"][0], float(score)) for score, address in hits]
