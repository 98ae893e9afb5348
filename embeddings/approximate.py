"""Nearest vectors among many: an inverted file of compressed vectors, in FAISS.

Vectors are put into the lists of their nearest centroids, a byte for each number, and only
the lists nearest to a question are searched. How many is settled when the index is made,
by what it takes to find what an exact search finds. Jégou, Douze and Schmid, "Product
Quantization for Nearest Neighbor Search" (2011), for the inverted file; Douze et al., "The
Faiss library" (2024).
"""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import faiss
import numpy as np

from embeddings.encoder import Vectors
from embeddings.store import Ids

__all__ = ["Approximate", "Batches", "lists_for", "sample_size", "spread"]

Batches = Callable[[], Iterable[tuple[Ids, Vectors]]]
"""All ids with their vectors, shapes (n,) and (n, dimension), a batch at a time; each call
begins anew."""

_RECALL = 0.995  # of the ten nearest, as measured on a sample when the index is made
_TRAINING = 40  # vectors for each centroid; FAISS warns of fewer than 39
_ROUNDS = 8  # of k-means: later ones move recall by less than a tenth of a point


def lists_for(count: int) -> int:
    """How many lists so many vectors are put in: about four times their square root, the
    FAISS wiki's advice, as a power of two."""
    return int(2 ** max(0, round(math.log2(4 * math.sqrt(max(1, count))))))


class Approximate:
    """A FAISS index of compressed vectors by id."""

    def __init__(self, index: faiss.IndexIVF) -> None:
        self.index = index

    @classmethod
    def build(
        cls, dimension: int, count: int, sample: Vectors, batches: Iterable[tuple[Ids, Vectors]]
    ) -> "Approximate":
        """Trained on ``sample``, shape (n, dimension), with all ``count`` vectors added. Takes a
        byte of memory for each number of each vector, and a batch."""
        lists = min(lists_for(count), len(sample) // _TRAINING)
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimension), dimension, max(1, lists),
            faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT,
        )  # fmt: skip
        index.cp.niter = _ROUNDS
        index.cp.max_points_per_centroid = _TRAINING
        index.train(sample)
        made = cls(index)
        made.change(None, batches)
        return made

    def change(self, gone: Ids | None, added: Iterable[tuple[Ids, Vectors]]) -> None:
        """Take vectors out and others in, without training again."""
        if gone is not None and len(gone):
            self.index.remove_ids(faiss.IDSelectorBatch(gone))
        for ids, vectors in added:
            self.index.add_with_ids(vectors, ids)

    def tune(self, queries: Vectors, batches: Batches, k: int = 10) -> float:
        """Look into ever more lists until the recall@10 against exact search is 0.995 for these
        queries, shape (n, dimension), or half of the lists are; returns it (0 to 1)."""
        exact = _nearest(queries, batches(), k)
        self.index.nprobe = min(8, self.index.nlist)
        while True:
            _, found = self.index.search(queries, k)
            recall = sum(
                len(set(a) & set(b)) for a, b in zip(found.tolist(), exact.tolist(), strict=True)
            ) / max(1, exact.size)
            if recall >= _RECALL or self.index.nprobe * 2 >= self.index.nlist:
                return recall
            self.index.nprobe *= 2

    def __str__(self) -> str:
        return f"{self.index.nlist} lists, {self.index.nprobe} of them searched, a byte a number"

    @classmethod
    def load(cls, file: Path, *, to_change: bool = False) -> "Approximate":
        """From disk, mapped into memory unless it is ``to_change``: opening takes no time, and
        memory only what is searched. Raises RuntimeError if the file is not FAISS's."""
        index = faiss.read_index(str(file), 0 if to_change else faiss.IO_FLAG_MMAP_IFC)
        if not isinstance(index, faiss.IndexIVF):
            raise RuntimeError(f"{file}: not an inverted file")
        return cls(index)

    def save(self, file: Path) -> None:
        """Write the index."""
        faiss.write_index(self.index, str(file))

    def search(
        self, vector: Vectors, k: int, allowed: faiss.IDSelector | None, share: float
    ) -> list[tuple[int, float]]:
        """Of those ``allowed``, a ``share`` (0 to 1) of all, the ``k`` nearest to ``vector``: (id,
        nearly its cosine), best first. The fewer are allowed, the more lists are looked into."""
        lists = self.index.nlist
        probes = min(lists, math.ceil(self.index.nprobe / max(share, self.index.nprobe / lists)))
        how = faiss.SearchParametersIVF(nprobe=probes, sel=allowed)  # type: ignore[call-arg]
        scores, ids = self.index.search(vector.reshape(1, -1), k, params=how)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]


def sample_size(count: int) -> int:
    """How many of ``count`` vectors the lists are to be trained on."""
    return min(count, lists_for(count) * _TRAINING)


def spread(count: int, wanted: int) -> list[int]:
    """``wanted`` places out of ``count``, evenly apart."""
    return [i * count // wanted for i in range(wanted)] if wanted < count else list(range(count))


def _nearest(queries: Vectors, batches: Iterable[tuple[Ids, Vectors]], k: int) -> Ids:
    """The ids, shape (n, k), that an exact search finds."""
    scores = np.full((len(queries), k), -np.inf, dtype=np.float32)
    ids = np.full((len(queries), k), -1, dtype=np.int64)
    for names, vectors in batches:
        some, places = faiss.knn(
            queries, vectors, min(k, len(vectors)), metric=faiss.METRIC_INNER_PRODUCT
        )
        scores = np.concatenate([scores, some], axis=1)
        ids = np.concatenate([ids, names[places]], axis=1)
        best = np.argsort(-scores, axis=1)[:, :k]
        scores = np.take_along_axis(scores, best, axis=1)
        ids = np.take_along_axis(ids, best, axis=1)
    return ids
