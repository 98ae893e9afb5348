"""Nearest vectors by inner product (cosine, since all are unit vectors), in FAISS.

Exact up to ``EXACT`` vectors. Above it an approximate index holds most of them, and those
that came later are searched exactly beside it until they are worth taking in.
"""

from collections.abc import Callable, Sequence

import faiss
import numpy as np

from embeddings.approximate import Approximate
from embeddings.encoder import Vectors
from embeddings.store import Ids

__all__ = ["EXACT", "DenseIndex"]

EXACT = 50_000
"""So many vectors are searched exactly in some 8 ms on two cores."""

Stored = Callable[[Sequence[int]], dict[int, Vectors]]
"""The exact vectors of these ids."""


class DenseIndex:
    """Vectors by passage id: ``recent`` ones, shapes (n,) and (n, dimension), and a ``base``."""

    def __init__(
        self, ids: Ids, vectors: Vectors, base: Approximate | None = None, held: int = 0,
        gone: Ids | None = None, stored: Stored | None = None,
    ) -> None:  # fmt: skip
        """``held`` counts the passages that the base stands for, without those that are ``gone``
        though it may still hold them; ``stored`` gives exact vectors in place of its compressed ones."""
        self._ids = ids
        self._recent = faiss.IndexFlatIP(vectors.shape[1])
        self._recent.add(np.ascontiguousarray(vectors))
        self._base, self._held, self._stored = base, held, stored
        self._live = (
            faiss.IDSelectorNot(_selector(gone)) if gone is not None and len(gone) else None
        )

    def __len__(self) -> int:
        return len(self._ids) + self._held

    def search(self, vector: Vectors, k: int, only: Ids | None = None) -> list[tuple[int, float]]:
        """The ``k`` passages nearest to ``vector``, shape (dimension,): (id, cosine), best first;
        of all, or of those whose ids are given."""
        k = min(k, len(self) if only is None else len(only))
        if k < 1:
            return []
        found = self._search_recent(vector, k, only)
        if self._base is not None:
            share = 1.0 if only is None else len(only) / max(1, len(self))
            allowed = self._live if only is None else _selector(only)
            near = self._base.search(vector, k, allowed, share)
            found += self._exactly(vector, [i for i, _ in near])
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _search_recent(self, vector: Vectors, k: int, only: Ids | None) -> list[tuple[int, float]]:
        how = None
        if only is not None:
            places = np.flatnonzero(np.isin(self._ids, only, assume_unique=True))
            how = faiss.SearchParameters(sel=_selector(places))  # type: ignore[call-arg]
        # Not FAISS's IndexIDMap: its threads wait for each other, longer than a search takes.
        scores, places = self._recent.search(vector.reshape(1, -1), k, params=how)
        kept = places[0] >= 0
        return list(zip(self._ids[places[0][kept]].tolist(), scores[0][kept].tolist(), strict=True))

    def _exactly(self, vector: Vectors, ids: Sequence[int]) -> list[tuple[int, float]]:
        assert self._stored is not None
        return [(i, float(other @ vector)) for i, other in self._stored(ids).items()]


def _selector(ids: Ids) -> faiss.IDSelector:
    """These ids, as a bit for each: to ask it costs a search next to nothing."""
    chosen = np.zeros(int(ids.max(initial=0)) + 1, dtype=bool)
    chosen[ids] = True
    bits = np.packbits(chosen, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
