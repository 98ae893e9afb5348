"""Measuring: the field's metrics worked out by hand, and whole runs with fake models."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from qa.datasets import (
    Paragraph,
    Question,
    QuestionSet,
    read_beir,
    read_squad,
    with_articles_gone,
)
from qa.evaluation import evaluate_open, evaluate_reading, evaluate_retrieval, sample
from qa.metrics import auroc, best_threshold, calibration_error, exact_match, ndcg, recall, score
from tests.fakes import FakeEncoder, FakeReader

DATA = QuestionSet(
    (
        Paragraph("Bridge", "The Harlow bridge closed on 3 May 2019. 42 cars had crossed it."),
        Paragraph("Bakery", "A bakery opened in Mill Lane. Its owner, Tom Ferrow, bakes bread."),
    ),
    (
        Question("a", "How many cars crossed the Harlow bridge?", 0, ("42", "42 cars"), (40, 40)),
        Question("b", "Who owns the bakery in Mill Lane?", 1, ("Tom Ferrow",), (41,)),
        Question("c", "Where did the bakery open?", 1, ("Mill Lane",), (19,)),
        Question("d", "Who designed the bakery in Mill Lane?", 1),
    ),
)
READER = FakeReader({"42": 6.0, "Tom Ferrow": 2.0, "Mill": 1.0})


def squad(questions: list[dict[str, object]], context: object = "A text.") -> str:
    return json.dumps({"data": [{"paragraphs": [{"context": context, "qas": questions}]}]})


def test_exact_match_and_f1_as_squad_defines_them() -> None:
    """Case, punctuation and articles do not count; the best accepted answer does."""
    assert exact_match("The Harlow bridge.", ["harlow bridge"]) == 1
    assert score("42 cars", ["42", "42 cars"]) == (1, 1)
    assert score("the 42 red cars", ["42 cars"]) == (0, pytest.approx(0.8))
    assert score("", ["42"]) == (0, 0)
    assert score("", []) == (1, 1)
    assert score("42", []) == (0, 0)
    assert score("", ["the"]) == (1, 1), "as the official script has it"


@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(0, 1), st.booleans()), min_size=1))
def test_the_best_threshold_is_the_best_of_all(rows: list[tuple[int, float, bool]]) -> None:
    """No other threshold gives a better mean, and the mean is what that threshold gives."""
    scores, answered, refused = zip(*rows, strict=True)

    def mean(threshold: float) -> float:
        return sum(a if s >= threshold else r for s, a, r in rows) / len(rows)

    threshold, best = best_threshold(scores, answered, refused)
    assert mean(threshold) == pytest.approx(best)
    assert best >= max(map(mean, [*scores, 4.0])) - 1e-9


def test_calibration_error_by_hand() -> None:
    """Two bins: 0.9 said and 0.5 right, 0.1 said and none right."""
    assert calibration_error([0.9, 0.9, 0.1, 0.1], [1, 0, 0, 0]) == pytest.approx(0.25)
    assert calibration_error([1.0, 0.0], [1, 0]) == 0
    assert calibration_error([], []) == 0


def test_ranking_metrics_by_hand() -> None:
    """nDCG with grades as gains; recall over all relevant documents."""
    relevant = {"a": 3, "b": 1}
    assert ndcg(["a", "b"], relevant) == 1
    assert ndcg(["b", "a"], relevant) == pytest.approx((1 + 3 / 1.58496) / (3 + 1 / 1.58496))
    assert ndcg(["x"] * 10 + ["a"], relevant) == 0
    assert recall(["x", "a", "b"], relevant, 2) == 0.5


def test_reading_by_hand() -> None:
    """At threshold 0 all are answered: two right, one wrong, one that had no answer."""
    found = evaluate_reading(DATA, reader=READER)
    assert found == {
        "questions": 4, "exact_match": 50.0, "f1": 50.0, "best_f1": 50.0, "best_threshold": 6.0,
        "has_answer_f1": 66.67, "no_answer_accuracy": 0.0,
    }  # fmt: skip


def test_open_over_all_paragraphs() -> None:
    """Rankings, citations and refusals of questions asked of both paragraphs at once."""
    found = evaluate_open(DATA, encoder=FakeEncoder(), reader=READER, threshold=0)
    assert found["questions"] == 4
    assert found["recall@5"] == 100
    assert found["citation_accuracy"] is not None
    assert found["abstention_precision"] is None, "none was refused"
    assert found["abstention_recall"] == 0
    refusing = evaluate_open(DATA, encoder=FakeEncoder(), reader=READER, threshold=1)
    assert refusing["exact_match"] == refusing["abstention_precision"] == 25
    assert refusing["abstention_recall"] == refusing["no_answer_accuracy"] == 100
    assert refusing["citation_accuracy"] is None
    assert refusing["abstention_accuracy"] == 25
    assert 0 <= found["auroc"] <= 1
    assert (refusing["ece"], refusing["mrr"]) == (found["ece"], found["mrr"])


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    """And another for another; never more than there is."""
    items = list(range(100))
    assert sample(items, 10, 1) == sample(items, 10, 1) != sample(items, 10, 2)
    assert sample(items, 1000, 1) == sample(items, None, 1) == items


def test_a_squad_file(write: Callable[..., Path]) -> None:
    """Both versions; a paragraph that comes twice is one."""
    qas: list[dict[str, object]] = [
        {"id": 1, "question": "What?", "answers": [{"text": "text", "answer_start": 2}]},
        {"question": "Who?", "answers": [], "is_impossible": True},
    ]
    found = read_squad(write("a.json", squad(qas)))
    assert found.paragraphs == (Paragraph("", "A text."),)
    assert [(q.id, q.answers, q.starts) for q in found.questions] == [
        ("1", ("text",), (2,)),
        ("", (), ()),
    ]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", b"\xff\xfe\x00", squad([]), squad([{}]), squad([{"question": "x"}], 3),
     squad([{"question": "x", "answers": [{"start": 1}]}]), "[" * 100_000],
)  # fmt: skip
def test_what_is_no_squad_file(write: Callable[..., Path], content: str | bytes) -> None:
    """One line with the file's name and what was expected."""
    with pytest.raises(CorpusError, match=r"a\.json: ") as caught:
        read_squad(write("a.json", content))
    assert "\n" not in str(caught.value)


@pytest.fixture
def beir(write: Callable[..., Path]) -> Path:
    rows = [
        {"_id": str(i), "title": p.title, "text": p.text} for i, p in enumerate(DATA.paragraphs)
    ]
    write("beir/corpus.jsonl", "\n".join(map(json.dumps, rows)))
    write(
        "beir/queries.jsonl", '{"_id": "q", "text": "who bakes bread"}\n{"_id": "r", "text": "x"}'
    )
    return write("beir/qrels.tsv", "query-id\tcorpus-id\tscore\nq\t1\t2\nq\t0\t0\n").parent


def test_a_beir_folder(beir: Path) -> None:
    """Judged queries only; a grade of 0 is not relevant."""
    found = evaluate_retrieval(read_beir(beir), encoder=FakeEncoder())
    assert found == {"questions": 1, "ndcg@10": 100.0, "recall@100": 100.0, "not_indexed": 0}


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_what_is_no_beir_folder(beir: Path, missing: str) -> None:
    """The missing file is named; an empty one is as good as none."""
    (beir / missing).unlink()
    with pytest.raises(CorpusError, match=missing):
        read_beir(beir)
    (beir / missing).write_text("{}" if missing == "corpus.jsonl" else "")
    with pytest.raises(CorpusError, match="beir: "):
        read_beir(beir)


def test_ranks_and_citations_by_hand() -> None:
    """One paragraph found first and one second; of two answers one is from the right one."""
    first, second = (p for p in DATA.paragraphs)
    data = QuestionSet(
        (first, second),
        (
            Question("a", "How many cars crossed the Harlow bridge?", 0, ("42",), (40,)),
            Question("b", "How many cars crossed the Harlow bridge?", 1, ("Tom Ferrow",), (41,)),
        ),
    )
    found = evaluate_open(data, encoder=FakeEncoder(), reader=FakeReader({"42": 6.0}), threshold=0)
    assert (found["recall@1"], found["recall@5"], found["mrr"]) == (50, 100, 75)
    assert found["citation_accuracy"] == found["exact_match"] == 50
    assert 0 < found["ece"] < 0.5
    assert found["not_indexed"] == 0


def test_the_official_script_strips_ascii_punctuation_only() -> None:
    """Typographic quotes and dashes count, as they do there."""
    assert exact_match("Harris-Todaro!", ["HarrisTodaro"]) == 1
    assert exact_match("Harris–Todaro", ["HarrisTodaro"]) == 0
    assert exact_match("“Foo”", ["Foo"]) == 0


def test_odd_judgements(beir: Path) -> None:
    """Grades with a point, blank lines and quotes are read; what is short or no grade is one line."""
    start = "query-id\tcorpus-id\tscore\nq\t0\t1\n"
    for row in ("q\t1\t1.0", '"q\t1\t2', "\nq\t1\t2\n\n"):
        (beir / "qrels.tsv").write_text(start + row)
        assert read_beir(beir).relevant["q"]["0"] == 1
    for row in ("q\t1", "q\t1\tmuch"):
        (beir / "qrels.tsv").write_text(start + row)
        with pytest.raises(CorpusError, match="not a BEIR-format folder"):
            read_beir(beir)


def test_articles_taken_out() -> None:
    """What is asked about them has no answer any more; the rest is as it was."""
    data = QuestionSet(
        (Paragraph("A", "one"), Paragraph("B", "two"), Paragraph("A", "three")),
        tuple(Question(str(i), f"q{i}", i, ("x",), (0,)) for i in range(3)),
    )
    left = [with_articles_gone(data, 0.5, seed) for seed in range(8)]
    assert {len(one.paragraphs) for one in left} == {1, 2}
    for one in left:
        assert [q.text for q in one.questions] == ["q0", "q1", "q2"]
        for number, question in enumerate(one.questions):
            kept = bool(question.answers)
            assert kept == (question.paragraph >= 0)
            if kept:
                assert one.paragraphs[question.paragraph] == data.paragraphs[number]
    assert with_articles_gone(data, 0.0) == data


def test_auroc_by_hand() -> None:
    """Three of four pairs in order; ties count half; one kind alone has none."""
    assert auroc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.5, 0.7], [True, True]) is None
