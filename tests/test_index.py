"""The index: kept true to its files, searched, refused when another made it."""

import json
import multiprocessing
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from corpus import Article, split_passages
from corpus.errors import CorpusError, UnusableIndexError
from corpus.reading import read_file
from embeddings import derived
from embeddings.database import DATABASE
from embeddings.dense import DenseIndex
from embeddings.encoder import unit
from embeddings.index import Index
from embeddings.lexical import LexicalIndex, terms
from embeddings.store import Entry, Store
from tests.fakes import FakeEncoder


def counts(index: Index, path: Path) -> tuple[int, int, int, int]:
    done = index.sync(path)
    return done.added, done.changed, done.unchanged, done.forgotten


def found(index: Index, question: str) -> list[str]:
    """The articles of the lexical and the dense list, best first."""
    vector = index.encoder.encode([question], "question")[0]
    ids = [i for i, _ in index.lexical(question, 5)] + [i for i, _ in index.dense(vector, 5)]
    passages = index.passages(ids)
    return [passages[i][1].id for i in ids]


def test_only_what_is_new_or_changed_is_encoded(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """A second look at the same folder encodes nothing; a change, only what changed."""
    index = Index(tmp_path / "index", encoder)
    assert counts(index, news) == (3, 0, 0, 0)
    encoder.encoded.clear()
    assert counts(index, news) == (0, 0, 3, 0)
    assert encoder.encoded == []
    (news / "bakery.txt").write_text("Bakery closes\n\nThe bakery in Mill Lane closed.")
    (news / "storm.txt").unlink()
    (news / "flood.txt").write_text("Flood in Harlow\n\nThe river rose by 2 metres.")
    assert counts(index, news) == (1, 1, 1, 1)
    assert len(encoder.encoded) == 2
    assert found(index, "How far did the river rise?")[0] == "flood.txt"
    assert "storm.txt" not in found(index, "Who said that a storm broke windows?")


def test_articles_from_elsewhere_stay(tmp_path: Path, news: Path, encoder: FakeEncoder) -> None:
    """Adding one folder forgets nothing of another, and equal names stay apart."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "storm.txt").write_text("Another storm\n\nA second storm broke 3 windows.")
    index = Index(tmp_path / "index", encoder)
    index.sync(news)
    assert counts(index, other) == (1, 0, 0, 0)
    assert {a.id for a in index.store.articles()} == {
        "bakery.txt",
        "bridge.txt",
        "storm.txt",
        "other/storm.txt",
    }
    assert counts(index, other / "storm.txt") == (0, 0, 1, 0)  # the same file, named by itself
    assert counts(index, news) == (0, 0, 3, 0)


def test_a_file_that_becomes_unreadable_is_not_lost(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """What was read before stays, with the problem said; a folder without articles changes nothing."""
    index = Index(tmp_path / "index", encoder)
    index.sync(news)
    (news / "storm.txt").write_bytes(b"\xff\xfe\xff")
    done = index.sync(news)
    assert (done.unchanged, done.forgotten, len(done.problems)) == (2, 0, 1)
    for file in news.iterdir():
        file.unlink()
    with pytest.raises(CorpusError, match="no articles"):
        index.sync(news)
    assert index.store.counts()[0] == 3


def test_folders_with_names_alike_stay_apart(tmp_path: Path, encoder: FakeEncoder) -> None:
    """A folder's articles are those below it, and one folder has one spelling."""
    index = Index(tmp_path / "index", encoder)
    for name in ("C#", "C#net", "C"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text(f"Article of {name}.")
        assert counts(index, tmp_path / name) == (1, 0, 0, 0)
    (tmp_path / "link").symlink_to(tmp_path / "C")
    assert counts(index, tmp_path / "C" / ".." / "C") == (0, 0, 1, 0)
    assert counts(index, tmp_path / "link") == (0, 0, 1, 0)


def test_a_line_that_becomes_unreadable_is_not_lost(tmp_path: Path, encoder: FakeEncoder) -> None:
    """As with files: what was read of it before stays."""
    feed = tmp_path / "feed.jsonl"
    feed.write_text('{"id": "a", "text": "First."}\n{"id": "b", "text": "Second."}')
    index = Index(tmp_path / "index", encoder)
    assert counts(index, feed) == (2, 0, 0, 0)
    feed.write_text('{"id": "a", "text": "First."}\n{"id": "b", "tex')
    assert counts(index, feed) == (0, 0, 1, 0)
    feed.write_text('{"id": "a", "text": "First."}')
    assert counts(index, feed) == (0, 0, 1, 1)


def test_a_busy_database_is_not_called_damaged(
    tmp_path: Path, news: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process writes, opening works and writing says who is in the way."""
    Index(tmp_path, encoder).sync(news)
    connect = sqlite3.connect
    monkeypatch.setattr(
        "sqlite3.connect", lambda *args, **kwargs: connect(*args, **kwargs | {"timeout": 0.1})
    )
    with connect(tmp_path / DATABASE, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        index = Index(tmp_path, encoder)
        assert found(index, "Who owns the bakery?")[0] == "bakery.txt"
        (news / "new.txt").write_text("A new article.")
        with pytest.raises(UnusableIndexError, match="in use by another process"):
            index.sync(news)
        other.execute("ROLLBACK")
    assert counts(Index(tmp_path, encoder), news) == (1, 0, 3, 0)


@pytest.mark.parametrize("stamp", ["{}", "[]", "null", ""])
def test_a_stamp_that_lists_nothing_is_no_stamp(
    tmp_path: Path, news: Path, encoder: FakeEncoder, stamp: str
) -> None:
    """Then nothing is trusted, and all is made again."""
    Index(tmp_path, encoder).sync(news)
    before = found(Index(tmp_path, encoder), "bakery bridge storm")
    next(tmp_path.glob("derived-*/stamp.json")).write_text(stamp)
    assert found(Index(tmp_path, encoder), "bakery bridge storm") == before
    assert len(next(tmp_path.glob("derived-*/stamp.json")).read_text()) > 100


def test_another_encoder_is_refused_and_rebuilt(tmp_path: Path, news: Path) -> None:
    """The message names both encoders and the command; rebuilding needs no files."""
    Index(tmp_path / "index", FakeEncoder("first")).sync(news)
    second = FakeEncoder("second")
    with pytest.raises(UnusableIndexError, match=r"encoder first.*encoder second.*--rebuild"):
        Index(tmp_path / "index", second)
    for file in news.iterdir():
        file.unlink()
    index = Index(tmp_path / "index", second, check=False)
    assert index.rebuild() == 3
    assert found(Index(tmp_path / "index", second), "Who owns the bakery?")[0] == "bakery.txt"


def test_a_rebuild_that_fails_leaves_the_index(tmp_path: Path, news: Path) -> None:
    """Until the new vectors are all there the old ones stay."""
    Index(tmp_path / "index", FakeEncoder("first")).sync(news)

    class Failing(FakeEncoder):
        def encode(self, texts, /, kind="passage"):  # type: ignore[no-untyped-def]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Index(tmp_path / "index", Failing("second"), check=False).rebuild()
    index = Index(tmp_path / "index", FakeEncoder("first"))
    assert found(index, "Who owns the bakery?")[0] == "bakery.txt"


def test_another_schema_is_refused(tmp_path: Path, news: Path, encoder: FakeEncoder) -> None:
    """An index of another version says so and how to go on."""
    Index(tmp_path / "index", encoder).sync(news)
    with sqlite3.connect(tmp_path / "index" / DATABASE) as db:
        db.execute("UPDATE manifest SET value = '0' WHERE key = 'schema'")
    with pytest.raises(UnusableIndexError, match=r"schema 0.*quoth index"):
        Index(tmp_path / "index", encoder)


def test_a_file_that_is_no_database(tmp_path: Path, encoder: FakeEncoder) -> None:
    """Something else under the database's name is left as it is, with a message."""
    (tmp_path / DATABASE).write_text("my holiday notes " * 100)
    with pytest.raises(UnusableIndexError, match="not a usable Quoth database"):
        Index(tmp_path, encoder)
    assert (tmp_path / DATABASE).read_text().startswith("my holiday")


def replace_file(file: Path, content: bytes) -> None:
    """Put a damaged file in the place of a sound one.

    Not in place: an open index maps its files into memory, and the system kills a process
    that reads what was cut off under it.
    """
    damaged = file.with_name(f"{file.name}.damaged")
    damaged.write_bytes(content)
    damaged.replace(file)


def derived_files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("derived-*/**/*") if p.is_file())


@pytest.mark.parametrize("damage", ["delete", "truncate", "flip", "garbage"])
def test_damage_to_derived_files_loses_nothing(
    tmp_path: Path, news: Path, encoder: FakeEncoder, damage: str
) -> None:
    """FAISS file, lexical files and stamp: each is made again, without encoding."""
    folder = tmp_path / "index"
    Index(folder, encoder).sync(news)
    before = found(Index(folder, encoder), "bakery bridge storm windows")
    encoder.encoded.clear()
    for number in range(len(derived_files(folder))):
        file = derived_files(folder)[number]
        content = file.read_bytes()
        if damage == "delete":
            file.unlink()
        elif damage == "truncate":
            replace_file(file, content[: len(content) // 2])
        elif damage == "flip":
            if not content:
                continue
            middle = len(content) // 2
            replace_file(
                file, content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
            )
        else:
            replace_file(file, b"\x00garbage")
        assert found(Index(folder, encoder), "bakery bridge storm windows") == before, file
    assert encoder.encoded == []


def test_a_stale_derived_index_is_not_used(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """Files of an earlier generation under the new one's name would return other texts."""
    folder = tmp_path / "index"
    index = Index(folder, encoder)
    index.sync(news)
    (old,) = folder.glob("derived-*")
    (news / "flood.txt").write_text("Flood\n\nThe river rose by 2 metres.")
    copy = {p.relative_to(old): p.read_bytes() for p in old.rglob("*") if p.is_file()}
    index.sync(news)
    (new,) = folder.glob("derived-*")
    assert new != old
    for name, content in copy.items():
        (new / name).write_bytes(content)
    again = Index(folder, encoder)
    assert len(again._current().lexical) == len(again._current().dense) == index.store.counts()[1]


def test_a_disk_that_cannot_be_written_can_be_asked(
    tmp_path: Path, news: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a place for the derived indexes they are kept in memory."""
    Index(tmp_path / "index", encoder).sync(news)
    for folder in (tmp_path / "index").glob("derived-*"):
        folder.rename(tmp_path / "elsewhere")

    def full(*args: object, **kwargs: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    index = Index(tmp_path / "index", encoder)
    assert found(index, "Who owns the bakery?")[0] == "bakery.txt"
    assert not list((tmp_path / "index").glob("derived-*"))


def test_a_full_disk_is_said_and_loses_nothing(
    tmp_path: Path, news: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is about the disk, and what was there before can be asked."""
    index = Index(tmp_path, encoder)
    index.sync(news)
    ((pages,),) = index.store._rows("PRAGMA page_count")
    connect = index.store._connect

    def small() -> sqlite3.Connection:
        connection = connect()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    index.store.close()
    monkeypatch.setattr(index.store, "_connect", small)
    (news / "long.txt").write_text("A very long article. " * 5000)
    with pytest.raises(UnusableIndexError, match=r"full.*see to the disk"):
        index.sync(news)
    again = Index(tmp_path, encoder)
    assert again.store.complaints() == []
    assert found(again, "Who owns the bakery?")[0] == "bakery.txt"


def test_an_open_index_notices_a_rebuild(tmp_path: Path, news: Path) -> None:
    """Vectors of another encoder are not compared with this one's, whatever their length."""
    index = Index(tmp_path, FakeEncoder("first"))
    index.sync(news)
    found(index, "bakery")
    Index(tmp_path, FakeEncoder("second"), check=False).rebuild()
    with pytest.raises(UnusableIndexError, match="encoder second"):
        found(index, "bakery")


def test_what_was_done_before_an_error_can_be_asked(tmp_path: Path, news: Path) -> None:
    """Ctrl-C in the midst of it: the articles that are in are found, by those already open too."""

    class Stopped(FakeEncoder):
        def encode(self, texts, /, kind="passage"):  # type: ignore[no-untyped-def]
            if kind == "passage" and any("river" in text for text in texts):
                raise KeyboardInterrupt
            return super().encode(texts, kind)

    index = Index(tmp_path, Stopped())
    index.sync(news)
    (news / "flood.txt").write_text("Flood in Harlow\n\nThe river rose by 2 metres.")
    (news / "bakery.txt").write_text("Bakery moves\n\nThe bakery moved to Church Road.")
    with pytest.raises(KeyboardInterrupt):
        index.sync(news)
    assert index._current().generation == index.store.generation


def test_a_generation_that_nobody_finished_is_finished(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """A killed writer's articles are found by an index that was open all the time."""
    index = Index(tmp_path, encoder)
    index.sync(news)
    killed = Index(tmp_path, encoder)
    article = Article("flood.txt", "Flood", "The river rose by 2 metres.")
    passages = split_passages(article, encoder.pieces, limit=encoder.limit)
    killed.store.put([Entry("elsewhere", article, passages, encoder.encode([article.text]))])
    assert found(index, "river metres")[0] == "flood.txt"


def test_searching_while_the_index_grows(tmp_path: Path, encoder: FakeEncoder) -> None:
    """Threads that start cold and search during a sync get whole passages of their articles."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for n in range(40):
        (corpus / f"{n}.txt").write_text(
            f"Article {n}\n\nThe bakery of street {n} sells bread. It opened in {1900 + n}."
        )
    index = Index(tmp_path / "index", encoder)
    index.sync(corpus)
    for file in corpus.iterdir():
        file.write_text(file.read_text() + " It is closed on Sunday.")
    (vector,) = encoder.encode(["the bakery"], "question")

    def search(_: int) -> bool:
        ids = [i for i, _ in index.dense(vector, 10)] + [i for i, _ in index.lexical("bakery", 10)]
        return all(p.text(a) == a.text[p.start : p.end] for p, a in index.passages(ids).values())

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(Index(tmp_path / "index", encoder).sync, corpus)
        assert all(pool.map(search, range(200)))
        assert writing.result().changed == 40
    assert index._current().generation == index.store.generation


def test_forgetting_a_folder_that_is_gone(tmp_path: Path, news: Path, encoder: FakeEncoder) -> None:
    """What was moved away can be taken out by its old name."""
    index = Index(tmp_path / "index", encoder)
    index.sync(news)
    news.rename(tmp_path / "moved")
    assert index.forget(news) == 3
    assert index.store.counts() == (0, 0)


def test_dense_scores_are_those_of_numpy() -> None:
    """FAISS returns the same cosines and the same order as the plain product."""
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(200, 16)))
    ids = [3 * i + 5 for i in range(200)]
    query = unit(rng.normal(size=(1, 16)))[0]
    index = DenseIndex(np.array(ids), vectors)
    expected = vectors @ query
    order = np.argsort(-expected)[:10]
    hits = index.search(query, 10)
    assert [i for i, _ in hits] == [ids[n] for n in order]
    np.testing.assert_allclose([s for _, s in hits], expected[order], rtol=1e-5)
    assert index.search(query, 1000)[-1][0] == ids[int(np.argmin(expected))]


def test_lexical_scores_are_bm25() -> None:
    """Scores equal the formula of BM25 (k1 1.2, b 0.75), worked out by hand."""
    texts = ["bridge closed today", "bakery opened today in town", "bridge bridge repaired"]
    index = LexicalIndex.build((i, "", text) for i, text in enumerate(texts))
    lengths = [len([w for w in text.split() if w != "in"]) for text in texts]
    hits = dict(index.search("bridge", 5))
    assert set(hits) == {0, 2}
    idf = np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    average = sum(lengths) / 3
    for number, frequency in ((0, 1), (2, 2)):
        norm = 1.2 * (0.25 + 0.75 * lengths[number] / average)
        assert hits[number] == pytest.approx(idf * frequency * 2.2 / (frequency + norm), rel=1e-4)
    assert terms(texts[0]) == ["bridg", "close", "today"]
    assert terms("The U.S. states, the U.S.A.; e.g. a.b") == terms("the US states the USA eg a.b")


@pytest.mark.parametrize(
    "question",
    ["", "the of and", '"; DROP TABLE (', "a:b^2 AND NOT +x", "?" * 10_000, "x" * 100_000, "😀"],
)
def test_any_question_can_be_searched(question: str) -> None:
    """A question is words, never a query language."""
    index = LexicalIndex.build([(1, "Title", "Some words here")])
    assert index.search(question, 3) == []


def test_search_sees_what_another_process_added(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """An open index takes over the newest generation once it is complete."""
    reader = Index(tmp_path / "index", encoder)
    reader.sync(news)
    found(reader, "bakery")
    (news / "flood.txt").write_text("Flood in Harlow\n\nThe river rose by 2 metres.")
    Index(tmp_path / "index", encoder).sync(news)
    assert found(reader, "river metres")[0] == "flood.txt"


def _sync(folder: str, news: str) -> None:
    Index(folder, FakeEncoder()).sync(news)


def test_two_indexers_at_once(tmp_path: Path, news: Path, encoder: FakeEncoder) -> None:
    """One waits for the other; the result is that of one."""
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_sync, args=(str(tmp_path / "index"), str(news))) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    index = Index(tmp_path / "index", encoder)
    assert index.store.counts()[0] == 3
    assert index.store.complaints() == []


def _open_new(folder: str, start: float) -> None:
    time.sleep(max(0.0, start - time.time()))
    Index(folder, FakeEncoder())


def test_many_open_a_new_index_at_once(tmp_path: Path) -> None:
    """The moment in which the database is made is nobody's failure."""
    context = multiprocessing.get_context("spawn")
    start = time.time() + 3
    workers = [
        context.Process(target=_open_new, args=(str(tmp_path / "index"), start)) for _ in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 6


def test_complaints_of_a_damaged_database(tmp_path: Path, news: Path, encoder: FakeEncoder) -> None:
    """Vectors of a wrong length and passages outside their article are found."""
    Index(tmp_path, encoder).sync(news)
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.execute("UPDATE vectors SET vector = x'00' WHERE id = 1")
        db.execute("UPDATE passages SET end = 100000 WHERE id = 2")
    complaints = Store(tmp_path).complaints()
    assert len(complaints) == 2
    assert derived.load(Store(tmp_path), 10_000) is None


def test_a_file_that_has_not_changed_is_not_read(
    tmp_path: Path, news: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it has been as it is for a while; its problems are told each time; changing only its
    time reads it again and encodes nothing."""
    (news / "feed.jsonl").write_text('{"id": "a", "text": "A first article."}\n{"id": "b"')
    for file in news.iterdir():
        os.utime(file, (1_600_000_000, 1_600_000_000))
    index = Index(tmp_path / "index", encoder)
    assert index.sync(news).added == 4
    read: list[str] = []
    monkeypatch.setattr(
        "embeddings.syncing.read_file",
        lambda file, root: read.append(file.path.name) or read_file(file, root),  # type: ignore[func-returns-value]
    )
    done = index.sync(news)
    assert (done.unchanged, len(done.problems), read) == (4, 1, [])
    os.utime(news / "bakery.txt", (1_700_000_000, 1_700_000_000))
    encoder.encoded.clear()
    assert index.sync(news).unchanged == 4
    assert (read, encoder.encoded) == (["bakery.txt"], [])
    generation = index.store.generation
    index.sync(news)
    assert index.store.generation == generation
    (news / "feed.jsonl").write_text('{"id": "b", "text": "A second article."}')
    done = index.sync(news)
    assert (done.added, done.forgotten, done.problems) == (1, 1, ())
    assert index.forget(news / "feed.jsonl") == 1
    assert index.sync(news).added == 1


def test_an_answer_to_a_busy_index_does_not_wait(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """While one thread opens the next generation, others search in the last one."""
    index = Index(tmp_path, encoder)
    index.sync(news)
    before = index._current()
    article = Article("flood.txt", "Flood", "The river rose by 2 metres.")
    passages = split_passages(article, encoder.pieces, limit=encoder.limit)
    index.store.put([Entry("elsewhere", article, passages, encoder.encode([article.text]))])
    with index._loading:
        assert index._current() is before
    assert index._current().generation == index.store.generation


def test_a_file_whose_reading_was_broken_off_is_forgotten_when_it_goes(
    tmp_path: Path, news: Path
) -> None:
    """Articles of it that are in the index stay no longer than the file."""

    class Stopped(FakeEncoder):
        def encode(self, texts, /, kind="passage"):  # type: ignore[no-untyped-def]
            if len(self.encoded) > 300:
                raise KeyboardInterrupt
            return super().encode(texts, kind)

    feed = news / "feed.jsonl"
    feed.write_text("".join(f'{{"id": "{n}", "text": "Line {n}."}}\n' for n in range(2000)))
    with pytest.raises(KeyboardInterrupt):
        Index(tmp_path / "index", Stopped()).sync(news)
    index = Index(tmp_path / "index", FakeEncoder())
    assert index.store.counts()[0] > 100
    feed.unlink()
    index.sync(news)
    assert index.store.counts()[0] == 3


def test_a_file_that_failed_midway_is_read_again(
    tmp_path: Path, news: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the disk is no property of the file."""
    feed = news / "feed.jsonl"
    feed.write_text('{"id": "a", "text": "First."}\n{"id": "b", "text": "Second."}\n')
    for file in news.iterdir():
        os.utime(file, (1_600_000_000, 1_600_000_000))

    def failing(path: Path):  # type: ignore[no-untyped-def]
        yield '{"id": "a", "text": "First."}', 30
        raise OSError(5, "Input/output error")

    index = Index(tmp_path / "index", encoder)
    with monkeypatch.context() as patch:
        patch.setattr("corpus.reading.lines", failing)
        assert len(index.sync(news).problems) == 1
    done = index.sync(news)
    assert (done.added, done.problems) == (1, ())


def test_a_file_swapped_for_one_of_the_same_size_and_time_is_read(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """As copying programs do that keep times: the system knows better."""
    index = Index(tmp_path / "index", encoder)
    for name, number in (("storm.txt", 14), ("other.part", 15)):
        (news / name).write_text(f"Storm\n\nA storm broke {number} windows.")
        os.utime(news / name, (1_600_000_000, 1_600_000_000))
    index.sync(news)
    (news / "other.part").replace(news / "storm.txt")
    assert counts(index, news) == (0, 1, 2, 0)


def test_nothing_but_unreadable_files_is_an_error(tmp_path: Path, encoder: FakeEncoder) -> None:
    """And says what was wrong with the first."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CorpusError, match=r"no article could be read: .*a\.txt"):
        Index(tmp_path / "index", encoder).sync(corpus)


def test_an_index_that_was_rebuilt_meanwhile_is_not_written_with_the_old_encoder(
    tmp_path: Path, news: Path
) -> None:
    """A long-lived index notices before it writes."""
    index = Index(tmp_path, FakeEncoder("first"))
    index.sync(news)
    Index(tmp_path, FakeEncoder("second"), check=False).rebuild()
    (news / "flood.txt").write_text("Flood\n\nThe river rose.")
    with pytest.raises(UnusableIndexError, match="encoder second"):
        index.sync(news)
    assert Index(tmp_path, FakeEncoder("second")).store.complaints() == []


def test_a_copy_put_back_does_not_take_over_later_indexes(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """An older database has another future than the one whose indexes still lie there."""
    folder = tmp_path / "index"
    index = Index(folder, encoder)
    index.sync(news)
    index.store.close()
    copy = (folder / DATABASE).read_bytes()
    (news / "new.txt").write_text("Flood\n\nThe river rose by 2 metres.")
    later = Index(folder, encoder)
    later.sync(news)
    later.store.close()
    for log in folder.glob(f"{DATABASE}-*"):
        log.unlink()
    replace_file(folder / DATABASE, copy)
    (news / "new.txt").write_text("Fair\n\nThe fair opened with 9 stalls.")
    again = Index(folder, encoder)
    again.sync(news)
    assert found(again, "fair stalls")[0] == "new.txt"
    assert again.lexical("river metres", 3) == []
    assert found(Index(folder, encoder), "fair stalls")[0] == "new.txt"


def test_a_connection_left_in_the_midst_is_not_used_again(tmp_path: Path, news: Path) -> None:
    """Ctrl-C can come between SQLite's BEGIN and ours."""
    index = Index(tmp_path, FakeEncoder())
    with index.store._connection() as db:
        db.execute("BEGIN IMMEDIATE")
    index.sync(news)
    assert index.store.counts()[0] == 3


def test_a_text_that_has_changed_on_the_disk_is_never_quoted(
    tmp_path: Path, news: Path, encoder: FakeEncoder
) -> None:
    """One letter is enough: searching, showing and the doctor's look all say so."""
    index = Index(tmp_path, encoder)
    index.sync(news)
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.execute("UPDATE articles SET text = replace(text, '300', '308')")
    for use in (
        lambda: index.store.article("bakery.txt"),
        lambda: found(index, "Who owns the bakery?"),
        lambda: index.store.newest(5),
    ):
        with pytest.raises(UnusableIndexError, match=r"'bakery\.txt' is damaged.*restore"):
            use()
    assert index.store.article("storm.txt")
    assert "damaged" in index.store.complaints()[0]


def test_a_record_without_text_keeps_no_other(tmp_path: Path, encoder: FakeEncoder) -> None:
    """A record that says that it has no text is known, so what is gone beside it is forgotten; of
    bytes that are no text nobody knows what they were, and the lines behind them are read."""
    feed = tmp_path / "feed.jsonl"
    rows = [{"id": name, "text": f"Article {name}."} for name in "abc"]
    feed.write_text("\n".join(map(json.dumps, rows)))
    index = Index(tmp_path / "index", encoder)
    assert counts(index, feed) == (3, 0, 0, 0)
    odd = {"id": "b", "text": {"html": "Article b."}, "body": None}
    feed.write_text("\n".join(map(json.dumps, [rows[0], odd])))
    assert counts(index, feed) == (0, 0, 1, 0)
    feed.write_text("\n".join(map(json.dumps, [rows[0], {"id": "b", "text": " "}])))
    assert counts(index, feed) == (0, 0, 1, 2)
    feed.write_bytes(b'{"id": "a", "text": "caf\xe9"}\n{"id": "d", "text": "Article d."}')
    assert counts(index, feed) == (1, 0, 0, 0)
    assert {a.id for a in index.store.articles()} == {"feed.jsonl#a", "feed.jsonl#d"}


def test_a_file_that_changed_is_stale_however_new_it_was(
    tmp_path: Path, encoder: FakeEncoder
) -> None:
    """Also one that was read as soon as it was written, or that could not be read."""
    (tmp_path / "news").mkdir()
    new, bad = tmp_path / "news" / "new.txt", tmp_path / "news" / "bad.txt"
    new.write_text("Three boats lay there.")
    bad.write_bytes(b"caf\xe9")
    index = Index(tmp_path / "index", encoder)
    index.sync(tmp_path / "news")
    assert index.stale(tmp_path / "news") == 0
    new.write_text("Four boats lay there, it seems.")
    assert index.stale(tmp_path / "news") == 1
    bad.write_text("A café.", encoding="utf-8")
    assert index.stale(tmp_path / "news") == 2


def test_forgetting_a_link(tmp_path: Path, news: Path, encoder: FakeEncoder) -> None:
    """A link to a file is one of its folder's; one to a folder is not followed, and that is said."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mill.txt").write_text("A mill burned.")
    (news / "linked.txt").symlink_to(tmp_path / "elsewhere" / "mill.txt")
    (news / "again.txt").symlink_to(news / "linked.txt")
    (news / "far").symlink_to(tmp_path / "elsewhere")
    index = Index(tmp_path / "index", encoder)
    done = index.sync(news)
    assert done.added == 5
    assert ["link to a folder" in problem.reason for problem in done.problems] == [True]
    assert index.forget(news / "again.txt") == 1
    assert index.forget(news / "linked.txt") == 1
    assert index.store.counts()[0] == 3
