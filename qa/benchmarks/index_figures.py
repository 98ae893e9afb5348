"""The figures of one size of index: building it, serving from it, and the plain recipe.

Each function is meant for a process of its own, so that memory is what it alone needs. The
plain recipe is sentence-transformers as it comes (float32, 32 texts at a time) and FAISS's
flat index, on the same texts and vectors.
"""

import gc
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder, Vectors
from embeddings.index import Index
from embeddings.loading import quiet
from embeddings.packaged import packaged_folder
from embeddings.store import Store, unpacked
from qa.benchmarks.generated import Question, Row, articles, question
from qa.benchmarks.measuring import Percentiles, TimedEncoder, disk_bytes, memory, peak_bytes, timed
from qa.reader import Reader
from qa.retriever import DEPTH
from qa.session import PASSAGES, Quoth

__all__ = ["Build", "MakeEncoder", "MakeReader", "Plain", "Serving", "build", "plain", "serve"]

MakeEncoder = Callable[[], Encoder]
MakeReader = Callable[[], Reader]

_NEAREST = 10  # of which the index should find all: recall@10
_RETRIEVED = 40  # passages that an answer looks through
_ASKERS = (1, 8, 32)
_NEW = 10  # articles of an update
_BATCH = 10_000  # vectors read together


@dataclass(frozen=True, slots=True)
class Build:
    """An index made from nothing. Seconds of the encoder, of its tokenizer and of what comes
    after the last article are parts of ``seconds``; the rest is reading, splitting, storing.
    ``model_bytes`` is the peak of memory before, when only the encoder was there."""

    articles: int
    passages: int
    seconds: float
    passages_per_second: float
    encoding_seconds: float
    tokenizing_seconds: float
    settling_seconds: float
    disk_bytes: int
    peak_bytes: int
    model_bytes: int


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain recipe. ``nearest`` has shape (questions, 10): ids of the nearest passages, exactly."""

    encoded_per_second: float
    search: Percentiles
    vector_bytes: int
    nearest: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Update:
    """Seconds from ten new articles in a folder until a question about one of them had its
    passages, and whether the article was among them."""

    seconds: float
    found: bool


@dataclass(frozen=True, slots=True)
class Serving:
    """An index that is asked. Bytes are what came on top of the models; ``found`` is the share of
    questions whose article is among the passages that would be read; an update comes in a folder of
    its own, or in the corpus's, all of which is then looked through for changes."""

    open_seconds: float
    anon_bytes: int
    file_bytes: int
    encode: Percentiles
    dense: Percentiles
    lexical: Percentiles
    retrieve: Percentiles
    answer: Percentiles
    answers_per_second: dict[int, float]
    found: float
    recall_at_10: float
    update: Update
    update_corpus: Update


def build(make_encoder: MakeEncoder, corpus: Path, folder: Path) -> Build:
    """Index ``corpus`` in ``folder``."""
    encoder = TimedEncoder(make_encoder())
    encoder.encode(["Ada Birch opened the old bridge."])
    encoder.encoding, models = 0.0, peak_bytes()
    started = last = time.perf_counter()

    def progress(done: int, total: int, name: str) -> None:
        nonlocal last
        last = time.perf_counter()

    index = Index(folder, encoder)
    index.sync(corpus, progress)
    ended = time.perf_counter()
    count, passages = index.store.counts()
    return Build(
        count, passages, ended - started, passages / (ended - started), encoder.encoding,
        encoder.splitting, ended - last, disk_bytes(folder), peak_bytes(),
        models,
    )  # fmt: skip


def plain(make_encoder: MakeEncoder, folder: Path, asked: Sequence[Question], texts: int) -> Plain:
    """The same vectors and questions in a flat index, and so many of the texts encoded."""
    encoder = make_encoder()
    index = Index(folder, encoder)
    flat = faiss.IndexFlatIP(encoder.dimension)
    known = []
    for some, vectors in _all_vectors(index.store):
        flat.add(vectors)
        known.append(some)
    ids = np.concatenate(known)
    sought = encoder.encode([one.text for one in asked], "question")
    times = timed(lambda vector: flat.search(vector[None], DEPTH), sought)
    _, nearest = flat.search(sought, min(_NEAREST, len(ids)))
    chosen = random.Random(0).sample(ids.tolist(), min(texts, len(ids)))
    found = index.passages(chosen).values()
    rate = _plainly_encoded([passage.text(article) for passage, article in found])
    return Plain(rate, Percentiles.of(times), len(ids) * encoder.dimension * 4, ids[nearest])


def _plainly_encoded(texts: Sequence[str]) -> float:
    """Texts a second."""
    if not texts:
        return 0.0
    from sentence_transformers import SentenceTransformer

    with quiet():
        model = SentenceTransformer(str(packaged_folder()), device="cpu", local_files_only=True)
    model.encode(list(texts[:8]))
    return len(texts) / timed(model.encode, [list(texts)])[0]


def _all_vectors(store: Store) -> Iterator[tuple[npt.NDArray[np.int64], Vectors]]:
    """Ids and vectors of all passages, batch by batch: shapes (n,) and (n, dimension)."""
    with store.reading() as db:
        rows = db.execute("SELECT id, vector FROM vectors ORDER BY id")
        while batch := rows.fetchmany(_BATCH):
            yield (
                np.array([number for number, _ in batch], np.int64),
                unpacked(*(vector for _, vector in batch)),
            )


def serve(
    make_encoder: MakeEncoder,
    make_reader: MakeReader,
    corpus: Path,
    folder: Path,
    asked: Sequence[Question],
    exact: npt.NDArray[np.int64],
    answers: int,
) -> Serving:
    """Ask an index: all the questions for passages, so many of them for answers.

    ``exact`` is what ``dense`` ought to find for each question. The corpus grows by ten articles.
    """
    encoder, reader = make_encoder(), make_reader()
    texts = [one.text for one in asked]
    encoder.encode(texts[:1], "question")
    reader.read(texts[:1] * PASSAGES, ["Ada Birch opened the old bridge. " * 25] * PASSAGES)
    gc.collect()
    before = memory()
    started = time.perf_counter()
    session = Quoth(index=folder, encoder=encoder, reader=reader)
    session.retrieve(texts[0])
    opened = time.perf_counter() - started
    index = session.index
    encode = timed(lambda text: encoder.encode([text], "question"), texts)
    vectors = encoder.encode(texts, "question")
    dense = timed(lambda vector: index.dense(vector, DEPTH), vectors)
    lexical = timed(lambda text: index.lexical(text, DEPTH), texts)
    retrieve = timed(lambda text: session.retrieve(text, _RETRIEVED), texts)
    grown = memory() - before
    hits = sum(
        any(found.article.id == one.article for found in session.retrieve(one.text))
        for one in asked
    )
    near = [{i for i, _ in index.dense(vector, exact.shape[1])} for vector in vectors]
    recall = np.mean(
        [len(got.intersection(row)) for got, row in zip(near, exact.tolist(), strict=True)]
    )
    # No question twice: answers are kept.
    fresh = cycle(texts)
    answer = timed(session.answer, islice(fresh, answers))
    speed = {
        askers: _throughput(session, list(islice(fresh, max(answers, 2 * askers))), askers)
        for askers in _ASKERS
    }
    new = list(islice(articles(seed=1_000_003), 2 * _NEW))
    return Serving(
        opened, grown.anon, grown.file, Percentiles.of(encode), Percentiles.of(dense),
        Percentiles.of(lexical), Percentiles.of(retrieve), Percentiles.of(answer), speed,
        hits / len(asked), float(recall) / exact.shape[1],
        _updated(session, corpus.with_name("new"), new[:_NEW]),
        _updated(session, corpus, new[_NEW:]),
    )  # fmt: skip


def _throughput(session: Quoth, asked: Sequence[str], askers: int) -> float:
    """Answers a second to so many who ask at the same time."""
    with ThreadPoolExecutor(askers) as pool:
        started = time.perf_counter()
        list(pool.map(session.answer, asked))
        return len(asked) / (time.perf_counter() - started)


def _updated(session: Quoth, folder: Path, rows: Sequence[Row]) -> Update:
    """Write new articles into a folder, index them, ask about the last of them."""
    folder.mkdir(exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "new.jsonl").write_text(lines, encoding="utf-8")
    sought = question(rows[-1]["text"], random.Random(0))
    started = time.perf_counter()
    session.index.sync(folder)
    found = session.retrieve(sought)
    seconds = time.perf_counter() - started
    return Update(seconds, any(one.article.title == rows[-1]["title"] for one in found))
