"""A stand-in for an encoder: fast enough for a million passages, and near enough to one.

A text's vector is the mean of the packaged model's word embeddings, weighted by smooth
inverse frequency: Arora, Liang and Ma, "A Simple but Tough-to-Beat Baseline for Sentence
Embeddings" (2017). It measures what an index does with vectors, not how well it finds.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from tokenizers import Tokenizer

from embeddings.encoder import PASSAGE_PIECES, Vectors, unit
from embeddings.packaged import packaged_folder

__all__ = ["StaticEncoder", "packaged_tokenizer", "word_vectors", "zipf"]

_SMOOTHING = 1e-3  # the paper's a: words rarer than this count fully
_FLATTENING = 2.7  # Mandelbrot's correction for the commonest words
_CACHE = 1 << 17  # words whose pieces are remembered
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")


def zipf(count: int) -> npt.NDArray[np.float64]:
    """The probability of each of ``count`` words by rank, shape (count,), sum 1.

    Zipf's law with Mandelbrot's correction, exponent 1.
    """
    weights: npt.NDArray[np.float64] = 1 / (np.arange(count) + _FLATTENING)
    weights /= weights.sum()
    return weights


@lru_cache(maxsize=1)
def packaged_tokenizer() -> Tokenizer:
    """The packaged encoder's tokenizer, without truncation and padding."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@lru_cache(maxsize=1)
def word_vectors() -> Vectors:
    """The packaged encoder's embedding of each word piece: shape (vocabulary, dimension)."""
    with safe_open(str(packaged_folder() / "model.safetensors"), "numpy") as weights:
        found: Vectors = weights.get_tensor("embeddings.word_embeddings.weight")
    return found


class StaticEncoder:
    """Weighted means of word embeddings; an Encoder. Safe to use from several threads."""

    name = "stand-in"
    limit = PASSAGE_PIECES - 2  # as the packaged encoder, which adds two pieces of its own

    def __init__(self) -> None:
        import torch

        rows = word_vectors()
        self.dimension = int(rows.shape[1])
        # The vocabulary stands in order of frequency from "the" on; single characters come before.
        first = packaged_tokenizer().token_to_id("the") or 0
        odds = zipf(len(rows) - first)[np.maximum(np.arange(len(rows)) - first, 0)]
        weights = _SMOOTHING / (_SMOOTHING + odds)
        # What an average text has is taken off every word, and so off every mean.
        share = (weights * odds)[first:].astype(np.float32)
        table = rows - share @ rows[first:] / share.sum()
        table *= weights[:, None].astype(np.float32)
        self._table = torch.from_numpy(table)
        self._ids = lru_cache(maxsize=_CACHE)(_piece_ids)

    def pieces(self, text: str, /) -> list[tuple[int, int]]:
        """See Encoder. As many as the packaged tokenizer finds, four times as fast; where a word
        has several, they are of equal length."""
        spans: list[tuple[int, int]] = []
        for match in _WORD.finditer(text):
            start, end = match.span()
            count = len(self._ids(match[0]))
            if count == 1:  # nearly always
                spans.append((start, end))
            elif count:
                spans += pairwise(start + (end - start) * i // count for i in range(count + 1))
        return spans

    def encode(
        self, texts: Sequence[str], /, kind: Literal["passage", "question"] = "passage"
    ) -> Vectors:
        """See Encoder; passages and questions are treated alike."""
        import torch

        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = [list(chain.from_iterable(map(self._ids, _WORD.findall(text)))) for text in texts]
        ids = np.fromiter(chain.from_iterable(rows), dtype=np.int64)
        starts = np.cumsum([0, *map(len, rows[:-1])])
        sums = torch.nn.functional.embedding_bag(
            torch.from_numpy(ids), self._table, torch.from_numpy(starts), mode="sum"
        )
        return unit(sums.numpy())


def _piece_ids(word: str) -> tuple[int, ...]:
    return tuple(packaged_tokenizer().encode(word, add_special_tokens=False).ids)
