"""The benchmarks: the corpus they make up, what they measure with, and that they run."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from corpus import Article, split_passages
from corpus.cleaning import clean
from corpus.sentences import sentence_spans
from embeddings.encoder import Encoder
from qa.benchmarks import index as benchmark_index
from qa.benchmarks import soak as benchmark_soak
from qa.benchmarks.changing import ChangingCorpus
from qa.benchmarks.generated import PASSAGES_EACH, Row, articles, questions, write_rows
from qa.benchmarks.measuring import Percentiles, in_fresh_process, memory, peak_bytes, timed
from qa.benchmarks.soak import soak, wrong_quotes
from qa.benchmarks.stand_in import StaticEncoder, packaged_tokenizer
from qa.benchmarks.tables import index_chart, soak_chart
from qa.session import Quoth
from tests.fakes import FakeEncoder, NameReader

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Articles of a generated corpus: a hundred thousand words and more."""
    return list(islice(articles(), 200))


@pytest.fixture(scope="module")
def stand_in() -> StaticEncoder:
    return StaticEncoder()


def of(row: Row) -> Article:
    return Article(row["id"], row["title"], row["text"])


def test_a_generated_corpus_is_the_same_for_the_same_seed(rows: list[Row]) -> None:
    """And another one for another seed; no article comes twice."""
    assert list(islice(articles(0), 20)) == rows[:20]
    assert list(islice(articles(1), 20)) != rows[:20]
    for key in ("id", "title", "text"):
        assert len({row[key] for row in rows}) == len(rows)


def test_a_generated_article_is_read_as_it_is(rows: list[Row]) -> None:
    """Cleaning leaves it alone, and its sentences are whole: 8 to 30 words, names being two."""
    for row in rows[:50]:
        assert clean(row["text"]).text == row["text"]
    sentences = [row["text"][a:b] for row in rows[:50] for a, b in sentence_spans(row["text"])]
    assert all(s[0].isupper() and s.endswith(".") for s in sentences)
    lengths = [len(s.split()) for s in sentences]
    assert min(lengths) >= 8
    assert 18 < np.mean(lengths) < 23


def test_words_of_a_generated_corpus_are_spread_as_in_a_language(rows: list[Row]) -> None:
    """Types grow with tokens to a power (Heaps), and the commonest word is a few in a hundred (Zipf)."""
    words = " ".join(row["text"].lower() for row in rows).replace(".", "").split()
    few, many = (len(set(words[:size])) for size in (10_000, 100_000))
    assert 0.4 < math.log10(many / few) < 0.8
    assert 0.02 < words.count("the") / len(words) < 0.06


def test_an_article_has_so_many_passages(rows: list[Row], stand_in: StaticEncoder) -> None:
    """As many as sizes are reckoned with, split for the packaged encoder."""
    split = [split_passages(of(row), stand_in.pieces, limit=stand_in.limit) for row in rows[:50]]
    assert abs(np.mean([len(passages) for passages in split]) - PASSAGES_EACH) < 1


def test_a_question_finds_the_article_it_was_made_from(
    tmp_path: Path, rows: list[Row], stand_in: StaticEncoder
) -> None:
    """Its words and its name are in no other; the same questions come for the same seed."""
    assert write_rows(tmp_path / "corpus", rows[:60]) == 60
    asked = questions(tmp_path / "corpus", 20)
    assert asked == questions(tmp_path / "corpus", 20) != questions(tmp_path / "corpus", 20, seed=1)
    quoth = Quoth(
        tmp_path / "corpus", index=tmp_path / "index", encoder=stand_in, reader=NameReader()
    )
    found = [[hit.article.id for hit in quoth.retrieve(one.text)] for one in asked]
    assert sum(one.article in ids for one, ids in zip(asked, found, strict=True)) >= 19


def test_the_stand_in_is_an_encoder(stand_in: StaticEncoder) -> None:
    """Unit vectors, one a text, whatever the text; words that are alike are near."""
    encoder: Encoder = stand_in
    texts = ["The cat slept.", "A dog barked.", "Taxes rose by 3 %.", "Zürich", "the"]
    vectors = encoder.encode(texts)
    assert vectors.shape == (5, encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[2:3], encoder.encode(texts[2:3], "question"))
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert encoder.encode([]).shape == (0, encoder.dimension)
    assert np.isfinite(encoder.encode(["", "…"])).all()


def test_the_stand_in_counts_pieces_as_the_packaged_encoder(
    rows: list[Row], stand_in: StaticEncoder
) -> None:
    """So passages come out as long; the offsets go up and lie in the text."""
    for text in (
        README,
        rows[0]["text"],
        "Zürich’s naïve façade: 3,5 µm_x 東京 e\u0301 \U0001f600",
        "",
    ):
        spans = stand_in.pieces(text)
        expected = packaged_tokenizer().encode(text, add_special_tokens=False).offsets
        assert len(spans) == len([end for start, end in expected if end > start])
        assert all(start < end <= len(text) for start, end in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_percentiles_are_of_milliseconds() -> None:
    """Half of the times, 95 and 99 in 100."""
    assert Percentiles.of([s / 1000 for s in range(101)]) == Percentiles(50.0, 95.0, 99.0)
    assert len(timed(str, range(3))) == 3


def test_a_fresh_process_has_its_own_memory() -> None:
    """Its peak is not that of the process that started it."""
    room = np.ones(50_000_000)
    assert memory().anon >= room.nbytes or not memory().anon
    assert in_fresh_process(peak_bytes) < room.nbytes < peak_bytes()


def test_the_index_benchmark_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small size from end to end; an exact index finds all that is nearest."""
    monkeypatch.setattr("qa.benchmarks.index.SpanReader", NameReader)
    file = tmp_path / "figures.json"
    options = "--stand-in --passages 200 --questions 10 --answers 2 --texts 0 --folder"
    printed = CliRunner().invoke(
        benchmark_index.main, [*options.split(), str(tmp_path), "--json", str(file)]
    )
    assert printed.exit_code == 0, printed.output
    assert "building, passages/s" in printed.output
    (size,) = json.loads(file.read_text())["sizes"]
    assert 170 < size["build"]["passages"] < 240
    assert size["serving"]["recall_at_10"] > 0.98
    assert size["serving"]["found"] == 1
    assert size["serving"]["update"]["found"]
    assert size["serving"]["update_corpus"]["found"]
    assert set(size["serving"]["answers_per_second"]) == {"1", "8", "32"}
    assert size["plain"]["vector_bytes"] == 4 * 384 * size["build"]["passages"]


def test_the_first_articles_of_a_corpus_can_be_measured(news: Path) -> None:
    """As many as have about so many passages, with what is known of them."""
    (row,) = benchmark_index.rows_of(news, 0.1)
    assert row["title"] == "Bakery opens in Harlow"
    assert len(list(benchmark_index.rows_of(news, 1000))) == 3


def test_a_chart_needs_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said in one line before anything is measured."""
    monkeypatch.setattr("qa.benchmarks.tables.find_spec", lambda name: None)
    for command in (benchmark_index.main, benchmark_soak.main):
        printed = CliRunner().invoke(command, ["--chart", "chart.png"])
        assert printed.exit_code == 1
        assert (
            printed.output == "quoth: a chart needs matplotlib; run: pip install 'quoth[bench]'\n"
        )


def test_charts_are_drawn(tmp_path: Path) -> None:
    """Where matplotlib is installed."""
    pytest.importorskip("matplotlib")
    times = {"p50": 1.0, "p95": 2.0, "p99": 3.0}
    parts = dict.fromkeys(("encode", "dense", "lexical", "retrieve", "answer"), times)
    room = {"anon_bytes": 5, "file_bytes": 6, "recall_at_10": 1.0, "found": 1.0}
    made = {"passages": 10, "disk_bytes": 1, "peak_bytes": 2, "passages_per_second": 3.0}
    plain = {"search": times, "vector_bytes": 7, "encoded_per_second": 2.0}
    sizes = [
        {"build": {**made, "passages": count}, "serving": {**parts, **room}, "plain": plain}
        for count in (10, 100)
    ]
    index_chart(sizes, tmp_path / "index.png")
    soak_chart([(0.0, 1_000_000, 0), (30.0, 2_000_000, 1)], tmp_path / "soak.png")
    for name in ("index.png", "soak.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_nothing_goes_wrong_while_a_corpus_changes(tmp_path: Path) -> None:
    """Two seconds of the soak: questions, changes, no error, no wrong quote."""
    done = soak(
        tmp_path, FakeEncoder(), NameReader(), seconds=2, askers=3, size=10, pause=0.02, every=0.5
    )
    assert (done.errors, done.wrong) == ([], [])
    assert done.questions
    assert done.changes
    assert done.quotes > done.answered > 0
    assert len(done.memory) >= 3
    json.dumps(done.figures())


@pytest.fixture
def changing(tmp_path: Path) -> tuple[ChangingCorpus, Quoth]:
    """Three articles, and a session that has them."""
    corpus = ChangingCorpus(tmp_path / "articles", articles())
    for _ in range(3):
        corpus.add()
    quoth = Quoth(
        corpus.folder, index=tmp_path / "index", encoder=FakeEncoder(), reader=NameReader()
    )
    corpus.settled()
    return corpus, quoth


def test_a_wrong_quote_is_noticed(changing: tuple[ChangingCorpus, Quoth]) -> None:
    """Another letter, another place, another version, or an answer of other words."""
    corpus, quoth = changing
    answer = quoth.answer("Who came to the old bridge?")
    ever = partial(corpus.versions, asked=0, answered=math.inf)
    first, *others = answer.citations

    def wrong(**changes: Any) -> int:
        return len(
            wrong_quotes(replace(answer, citations=(replace(first, **changes), *others)), ever)
        )

    assert not wrong()
    assert wrong(quote=first.quote[:-1] + "!") == wrong(end=first.end + 1) == wrong(hash="0") == 1
    assert wrong(answer_end=first.end + 1)
    assert len(wrong_quotes(replace(answer, text="Not said."), ever)) == 1
    passage = replace(answer.passages[0], text="Not said.")
    assert len(wrong_quotes(replace(answer, passages=(passage,)), ever)) == 1
    assert wrong_quotes(answer, lambda name: [])


def test_a_version_can_be_quoted_as_long_as_it_was_there(
    changing: tuple[ChangingCorpus, Quoth],
) -> None:
    """From the writing of its file until it is out of the index."""
    corpus, quoth = changing

    def indexed() -> dict[str, str]:
        return {article.id: article.hash for article in quoth.index.store.articles()}

    def quotable(asked: float) -> dict[str, list[str]]:
        found = {name: corpus.versions(name, asked, math.inf) for name in first}
        return {name: [one.hash for one in articles] for name, articles in found.items()}

    first = indexed()
    assert quotable(math.inf) == {name: [digest] for name, digest in first.items()}
    for _ in range(10):
        corpus.change()
    corpus.remove()
    assert sum(map(len, quotable(math.inf).values())) == 3 + 10
    quoth.sync()
    corpus.settled()
    assert sum(map(len, quotable(0).values())) == 3 + 10
    now = {name: hashes for name, hashes in quotable(math.inf).items() if hashes}
    assert now == {name: [digest] for name, digest in indexed().items()}


def test_no_fault_does_harm(tmp_path: Path) -> None:
    """Some of them once, at some moment: nothing lost, no wrong text, no unclear message."""
    file = tmp_path / "faults.json"
    kinds = (
        "forgetting",
        "settling",
        "files",
        "log damaged, open",
        "put back",
        "several",
        "becomes",
    )
    only = [option for kind in kinds for option in ("--only", kind)]
    command = [sys.executable, "-m", "qa.benchmarks.faults", "--times", "1", "--size", "60", *only]
    command += ["--json", str(file)]
    # In a process of its own: it starts others through a socket, which tests may not use.
    printed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert printed.returncode == 0, printed.stdout + printed.stderr
    done = json.loads(file.read_text())["faults"]
    assert [tally["tried"] for tally in done.values()] == [1] * len(kinds)
