"""Stand-ins for the models, whose results can be worked out by hand."""

import re
import zlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

from embeddings.encoder import Vectors, unit
from qa.spans import Span

WORD = re.compile(r"\w+|[^\w\s]")


class FakeEncoder:
    """Counts words into 64 bins: texts with words in common have a cosine above 0."""

    name = "fake"
    dimension = 64
    limit = 30

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.encoded: list[str] = []

    def pieces(self, text: str, /) -> list[tuple[int, int]]:
        """One piece for every word and every mark."""
        return [match.span() for match in WORD.finditer(text)]

    def encode(
        self, texts: Sequence[str], /, kind: Literal["passage", "question"] = "passage"
    ) -> Vectors:
        """Rows of counts, brought to length 1."""
        if kind == "passage":
            self.encoded += texts
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in WORD.findall(text.lower()):
                row[zlib.crc32(word.encode()) % self.dimension] += 1
        return unit(rows)


class FakeReader:
    """Finds fixed words, each with its score: a reader of known answers."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores
        self.questions: list[str] = []

    def read(self, questions: Sequence[str], texts: Sequence[str], /) -> list[list[Span]]:
        """Every occurrence of every known answer."""
        self.questions += dict.fromkeys(questions)
        return [
            sorted(
                (
                    Span(match.start(), match.end(), score)
                    for words, score in self.scores.items()
                    for match in re.finditer(re.escape(words), text)
                ),
                key=lambda span: -span.score,
            )
            for text in texts
        ]


class NameReader:
    """Finds names, two words with capitals, the first ones surest: a reader of made-up articles."""

    def __init__(self, model: object = None) -> None:
        pass

    def read(self, questions: Sequence[str], texts: Sequence[str], /) -> list[list[Span]]:
        """At most five in each text."""
        return [
            [
                Span(match.start(), match.end(), 12.0 - rank)
                for rank, match in enumerate(re.finditer(r"[A-Z]\w+ [A-Z]\w+", text))
            ][:5]
            for text in texts
        ]
