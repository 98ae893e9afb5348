"""Many passages: the approximate index beside exact search, and how it grows and shrinks."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from corpus.article import Article, Passage
from embeddings import derived
from embeddings.approximate import Approximate, lists_for, spread
from embeddings.dense import DenseIndex
from embeddings.encoder import Vectors, unit
from embeddings.index import Index
from embeddings.store import Entry
from tests.fakes import FakeEncoder

DIMENSION = FakeEncoder.dimension


def clustered(count: int, seed: int = 0) -> Vectors:
    """Vectors around 50 centres, as texts on topics are."""
    centres = np.random.default_rng(1).normal(size=(50, DIMENSION))
    rng = np.random.default_rng(seed)
    return unit(centres[rng.integers(0, 50, count)] + 0.5 * rng.normal(size=(count, DIMENSION)))


def put(index: Index, vectors: Vectors, name: str) -> None:
    """Articles of one passage each, with these vectors."""
    entries = []
    for i, row in enumerate(vectors):
        article = Article(f"{name}{i}", "", f"Words of {name}{i}.")
        passage = Passage(article.id, 0, len(article.text))
        entries.append(Entry(article.id, article, [passage], row[None]))
    index.store.put(entries)
    index._settle()


def nearest(index: Index, vector: Vectors, k: int = 10) -> list[int]:
    """The ids that an exact search over the whole database finds."""
    ((last,),) = index.store._rows("SELECT max(id) FROM passages")
    cosines = index.cosines(vector, range(1, last + 1))
    return sorted(cosines, key=lambda i: (-cosines[i], i))[:k]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes at which all this happens, brought down to those of a test."""
    monkeypatch.setattr(derived, "EXACT", 1000)
    monkeypatch.setattr(derived, "_TAKEN_IN", 300)


@pytest.mark.usefixtures("small")
def test_a_large_index_finds_what_exact_search_finds(tmp_path: Path, encoder: FakeEncoder) -> None:
    """At least 97 of 100 of the ten nearest, with their exact cosines; recall is in the manifest."""
    index = Index(tmp_path, encoder)
    put(index, clustered(3000), "a")
    assert index._current().base == 3000
    assert float(index.store.manifest()["recall@10"]) >= 0.97
    hits = 0
    for vector in clustered(100, seed=5):
        found = index.dense(vector, 10)
        hits += len({i for i, _ in found} & set(nearest(index, vector)))
        exact = index.cosines(vector, [i for i, _ in found])
        assert all(score == pytest.approx(exact[i], abs=1e-6) for i, score in found)
        assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)
    assert hits >= 970


@pytest.mark.usefixtures("small")
def test_a_few_more_do_not_rebuild_it(tmp_path: Path, encoder: FakeEncoder) -> None:
    """The file of the base is the same one; what is new is found, what was removed is not; when
    enough has changed the base takes it in, and holds nothing that was removed."""
    index = Index(tmp_path, encoder)
    put(index, clustered(2000), "a")

    def base() -> int:
        return next(tmp_path.glob("derived-*/dense.faiss")).stat().st_ino

    before = base()
    new = clustered(20, seed=9)
    put(index, new, "b")
    assert base() == before
    assert index.dense(new[3], 1)[0][0] == 2000 + 4
    old = index.dense(clustered(2000)[7], 1)[0][0]
    index.store.forget("a7", "a7#")
    index._settle()
    assert base() == before
    assert index.dense(clustered(2000)[7], 1)[0][0] != old
    assert index.dense(new[3], 1)[0][0] == 2004
    assert len(index._current().dense) == len(index._current().lexical) == 2019
    put(index, clustered(400, seed=11), "c")
    assert base() != before
    assert index._current().base == 2420
    assert len(index._current().dense) == 2419
    assert Approximate.load(next(tmp_path.glob("derived-*/dense.faiss"))).index.ntotal == 2419
    assert list(index.store._rows("SELECT id FROM removed")) == []
    assert [i for i, _ in Index(tmp_path, encoder).lexical("a7 b3", 3)] == [2004]


@pytest.mark.usefixtures("small")
def test_a_selection_of_a_large_index(tmp_path: Path, encoder: FakeEncoder) -> None:
    """However few are asked for, the nearest of them are found."""
    index = Index(tmp_path, encoder)
    put(index, clustered(2000), "a")
    index.store.forget("a12", "a12#")
    index._settle()
    for few in (3, 40, 900):
        only = np.array([i for i in range(1, 2001, 2000 // few) if i != 13], dtype=np.int64)
        for vector in clustered(5, seed=few):
            exact = index.cosines(vector, only.tolist())
            wanted = sorted(exact, key=lambda i: -exact[i])[:5]
            found = [i for i, _ in index.dense(vector, 5, only)]
            assert set(found) <= set(only.tolist())
            assert len(set(found) & set(wanted)) >= len(wanted) - (few > 100)
            assert {i for i, _ in index.lexical("words", 2000, only)} == set(only.tolist())


@pytest.mark.usefixtures("small")
def test_without_a_place_on_disk_it_is_in_memory(
    tmp_path: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large index on a disk that cannot be written is searched all the same."""
    put(Index(tmp_path, encoder), clustered(1500), "a")
    derived._remove(next(tmp_path.glob("derived-*")))
    monkeypatch.setattr(derived, "_unfinished", lambda final: None)
    index = Index(tmp_path, encoder)
    (vector,) = clustered(1, seed=3)
    assert set(nearest(index, vector)) == {i for i, _ in index.dense(vector, 10)}
    assert not list(tmp_path.glob("derived-*"))


def test_another_folder_with_the_same_files_is_trusted_by_their_hashes(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """A copied index has other times: its files are read, and not made again."""
    import shutil

    Index(tmp_path / "index", encoder).sync(news)
    shutil.copytree(tmp_path / "index", tmp_path / "copy", copy_function=shutil.copyfile)
    index = Index(tmp_path / "copy", encoder)
    inode = next((tmp_path / "copy").glob("derived-*/lexical/meta.json")).stat().st_ino
    assert index.lexical("bakery", 3)
    assert next((tmp_path / "copy").glob("derived-*/lexical/meta.json")).stat().st_ino == inode


def test_lists_grow_with_the_square_root() -> None:
    """About four times the root, as a power of two; a sample is spread evenly."""
    assert [lists_for(n) for n in (0, 1, 50_000, 1_000_000)] == [4, 4, 1024, 4096]
    assert spread(10, 4) == [0, 2, 5, 7]
    assert spread(3, 7) == [0, 1, 2]


def test_recent_vectors_are_searched_exactly(encoder: FakeEncoder) -> None:
    """An index without a base is FAISS's exact one."""
    vectors = clustered(300)
    index = DenseIndex(np.arange(5, 305), vectors)
    _, ids = faiss.knn(vectors[:20], vectors, 5, metric=faiss.METRIC_INNER_PRODUCT)
    for row in range(20):
        assert {i for i, _ in index.search(vectors[row], 5)} == set((ids[row] + 5).tolist())


@pytest.mark.usefixtures("small")
def test_another_encoder_makes_a_large_index_anew(tmp_path: Path) -> None:
    """Lists trained on one encoder's vectors are not filled with another's."""

    class Wider(FakeEncoder):
        dimension = 96

    index = Index(tmp_path, FakeEncoder("first"))
    put(index, clustered(1500), "a")
    Index(tmp_path, Wider("second"), check=False).rebuild()
    again = Index(tmp_path, Wider("second"))
    assert again._current().base > 1500
    (vector,) = again.encoder.encode(["Words of a77."])
    assert again.dense(vector, 1)[0][1] == pytest.approx(1, abs=1e-3)
