"""Nearest vectors, exactly: inner product in FAISS (cosine, since all are unit vectors)."""

from collections.abc import Collection, Sequence
from pathlib import Path

import faiss
import numpy as np

from embeddings.encoder import Vectors

__all__ = ["DenseIndex"]

FILE = "dense.faiss"


class DenseIndex:
    """Vectors by passage id."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, ids: Sequence[int], vectors: Vectors) -> "DenseIndex":
        """``vectors`` has shape (len(ids), dimension), unit rows."""
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        index.add_with_ids(np.ascontiguousarray(vectors), np.asarray(ids, dtype=np.int64))
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> "DenseIndex":
        """Raises RuntimeError if the file is not FAISS's."""
        return cls(faiss.read_index(str(folder / FILE)))

    def save(self, folder: Path) -> None:
        """Write the index into ``folder``."""
        faiss.write_index(self._index, str(folder / FILE))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, vector: Vectors, k: int, only: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """The ``k`` passages nearest to ``vector``, shape (dimension,): (id, cosine), best first;
        of all, or of those whose ids are given."""
        k = min(k, len(self) if only is None else len(only))
        if k == 0:
            return []
        chosen = None
        if only is not None:
            wanted = faiss.IDSelectorBatch(np.fromiter(only, dtype=np.int64, count=len(only)))
            chosen = faiss.SearchParameters(sel=wanted)  # type: ignore[call-arg]
        scores, ids = self._index.search(vector.reshape(1, -1), k, params=chosen)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """The cosine of ``vector`` with each of these passages; unknown ids are left out."""
        found = {}
        for i in ids:
            try:
                found[i] = float(self._index.reconstruct(i) @ vector)
            except RuntimeError:  # the id is not in this generation
                continue
        return found
