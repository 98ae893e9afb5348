"""From a question to a cited answer, with an encoder and a reader of known results."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Article, Passage
from corpus.errors import CorpusError, UnusableModelError
from qa import Quoth
from qa.citing import quote_span
from qa.confidence import Calibration, Evidence
from qa.decision import candidates, coverage, rarity
from qa.fitting import Asked, fit, with_sentences
from qa.metrics import calibration_error
from qa.reader import WEIGHTS
from qa.retriever import Retrieved, fuse, worth_reading
from qa.spans import Span
from qa.text import f1, normalized
from tests.fakes import FakeEncoder, FakeReader


def ask(news: Path, question: str, scores: dict[str, float], **options: object):  # type: ignore[no-untyped-def]
    return Quoth(news, encoder=FakeEncoder(), reader=FakeReader(scores), **options).answer(question)  # type: ignore[arg-type]


def test_an_answer_is_quoted_and_cited(news: Path) -> None:
    """Text, sentence, article and all four offsets are those of the article."""
    answer = ask(news, "Who owns the bakery in Mill Lane?", {"Tom Ferrow": 9.0})
    assert (answer.status, answer.text) == ("answered", "Tom Ferrow")
    (citation,) = answer.citations
    assert citation.article.id == "bakery.txt"
    assert citation.quote == "Its owner, Tom Ferrow, bakes 300 loaves a day."
    text = next(p for p in answer.passages if p.article.id == "bakery.txt")
    assert citation.answer == "Tom Ferrow"
    assert text.text[citation.start - text.start : citation.end - text.start] == citation.quote


def test_no_answer_is_a_value(news: Path) -> None:
    """What the reader doubts is withheld, and the closest passages are shown."""
    answer = ask(news, "Who owns the bakery in Mill Lane?", {"Tom Ferrow": -9.0})
    assert (answer.status, answer.text, answer.citations) == ("not_found", None, ())
    assert answer.passages[0].article.id == "bakery.txt"
    assert not answer.found
    assert ask(news, "Who owns the bakery?", {}).status == "not_found"


def test_one_poor_passage_does_not_swamp_the_good_one(news: Path) -> None:
    """Spans of other passages far below no answer change nothing."""
    scores = {"Tom Ferrow": 9.0, "Ada Birch": -30.0, "Nobody": -30.0}
    alone = ask(news, "Who owns the bakery in Mill Lane?", {"Tom Ferrow": 9.0})
    assert ask(news, "Who owns the bakery in Mill Lane?", scores).confidence == alone.confidence


def test_relevance_decides_between_equal_spans(news: Path) -> None:
    """Of two spans that the reader likes alike, that of the better passage wins."""
    scores = {"300": 5.0, "42": 5.0}
    assert ask(news, "How many loaves does the bakery bake a day?", scores).text == "300"
    assert ask(news, "How many cars crossed the bridge?", scores).text == "42"


def test_articles_that_say_the_same_are_cited_together(news: Path) -> None:
    """One citation for each article, the surest first."""
    (news / "again.txt").write_text(
        "More on the bakery\n\nThe bakery in Mill Lane is owned by Tom Ferrow."
    )
    answer = ask(news, "Who owns the bakery in Mill Lane?", {"Tom Ferrow": 9.0, "Ada Birch": 9.0})
    assert {c.article.id for c in answer.citations} == {"bakery.txt", "again.txt"}
    assert [c.number for c in answer.citations] == [1, 2]
    assert all(normalized(c.answer) == "tom ferrow" for c in answer.citations)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_the_threshold_can_be_set(news: Path, threshold: float) -> None:
    """0 answers always, 1 never."""
    answer = ask(news, "Who owns the bakery?", {"Tom Ferrow": 1.0}, threshold=threshold)
    assert answer.found == (threshold == 0.0)


@pytest.mark.parametrize("question", ["", "   ", "?!", "…"])
def test_a_question_without_words(news: Path, question: str) -> None:
    """Nothing is searched and nothing fails."""
    answer = ask(news, question, {"Tom Ferrow": 9.0})
    assert (answer.status, answer.passages) == ("not_found", ())


def test_bad_arguments_are_refused(news: Path) -> None:
    """With what was given and what was expected."""
    with pytest.raises(ValueError, match=r"1\.5"):
        ask(news, "?", {}, threshold=1.5)
    with pytest.raises(ValueError, match="passages is 0"):
        ask(news, "?", {}, passages=0)
    with pytest.raises(CorpusError, match="no such file or folder"):
        ask(news / "nowhere", "?", {})


def test_the_json_is_as_documented(news: Path) -> None:
    """Keys and their order are stable: programs are built on them."""
    session = Quoth(news, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": 9.0}))
    data = json.loads(session.answer("Who owns the bakery in Mill Lane?", id="q1").to_json())
    assert list(data) == [
        "id", "question", "resolved_question", "status", "text", "confidence", "citations",
        "disagreements", "passages", "support", "reason", "form", "items",
    ]  # fmt: skip
    assert (data["id"], data["resolved_question"]) == ("q1", "Who owns the bakery in Mill Lane?")
    assert list(data["citations"][0]) == [
        "number",
        "article",
        "quote",
        "start",
        "end",
        "answer_start",
        "answer_end",
        "copy_of",
        "hash",
    ]
    assert list(data["citations"][0]["article"]) == [
        "id",
        "title",
        "publisher",
        "author",
        "published",
        "source",
        "path",
    ]
    assert list(data["passages"][0]) == ["rank", "score", "article", "text", "start", "end"]


def test_many_threads_get_the_same_answers(news: Path) -> None:
    """A session is shared by threads, each with its own connection to the database."""
    session = Quoth(news, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": 9.0, "42": 8.0}))
    questions = ["Who owns the bakery in Mill Lane?", "How many cars crossed the bridge?"] * 40
    expected = [session.answer(q) for q in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(session.answer, questions)) == expected


def test_a_session_takes_in_what_has_changed(news: Path) -> None:
    """After sync a new article is found; without a change nothing is done."""
    session = Quoth(news, encoder=FakeEncoder(), reader=FakeReader({"2 metres": 9.0}))
    assert not session.answer("How far did the river rise?").found
    (news / "flood.txt").write_text("Flood in Harlow\n\nThe river rose by 2 metres.")
    assert session.sync().added == 1
    assert session.answer("How far did the river rise?").text == "2 metres"
    assert session.sync().added == 0


def test_an_answer_is_kept_while_the_index_is_the_same(news: Path) -> None:
    """Asked again, nothing is read; after a change it is worked out anew; an id of one asker is
    not another's."""
    reader = FakeReader({"Tom Ferrow": 9.0, "Ann Reed": 9.5})
    quoth = Quoth(news, encoder=FakeEncoder(), reader=reader)
    question = "Who owns the bakery in Mill Lane?"
    first = quoth.answer(question, id="1")
    again = quoth.answer(question)
    assert (first.id, again.id, again.text) == ("1", None, "Tom Ferrow")
    assert len(reader.questions) == 1
    (news / "bakery.txt").write_text(
        "Bakery in Harlow\n\nThe bakery in Mill Lane has another owner, Ann Reed."
    )
    quoth.sync()
    assert quoth.answer(question).text == "Ann Reed"


def test_an_answer_from_old_indexes_is_not_kept_for_the_new(
    news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the indexes of a change are not finished, the last ones answer; then no longer."""
    quoth = Quoth(news, encoder=FakeEncoder(), reader=FakeReader({"2 metres": 9.0}))
    quoth.answer("Who owns the bakery?")
    (news / "flood.txt").write_text("Flood in Harlow\n\nThe river rose by 2 metres.")
    with monkeypatch.context() as patch:
        patch.setattr(quoth.index, "_settle", lambda: None)
        quoth.sync()
        with quoth.index._loading:
            assert not quoth.answer("How far did the river rise?").found
    assert quoth.answer("How far did the river rise?").text == "2 metres"


def test_fusion_of_scores() -> None:
    """0.65 of the cosine and 0.35 of BM25's share of its best, by hand."""
    ranked = fuse({1: 0.8, 2: 0.4}, {2: 10.0, 3: 5.0}, lexical_weight=0.35)
    assert [i for i, _ in ranked] == [2, 1, 3]
    assert dict(ranked) == pytest.approx({1: 0.52, 2: 0.61, 3: 0.175})
    assert fuse({}, {}) == []


def test_confidence_grows_with_all_three() -> None:
    """A probability, higher for a better span, a better passage and a better sentence."""
    steps = [(-50, 0, 0), (0, 0.5, 0), (5, 0.5, 0), (5, 0.9, 0), (5, 0.9, 1)]
    shipped = Calibration.beside(WEIGHTS)
    sure = [shipped.probability(Evidence(*step)) for step in steps]
    assert 0 < sure[0] < sure[-1] < 1
    assert sure == sorted(set(sure))
    assert shipped.probability(Evidence(-1e9, 0, 0)) >= 0


def test_a_calibration_comes_with_its_reader(tmp_path: Path) -> None:
    """Saved and read again; of several folders the first that has one; damage is one line."""
    ours = Calibration(bias=-1.0, score=0.5, relevance=2.0, coverage=1.0, threshold=0.3)
    ours.save(tmp_path, {"data": "ours"})
    assert Calibration.beside("nowhere", tmp_path, WEIGHTS) == ours
    assert ours.probability(Evidence(2.0, 0.0, 0.0)) == 0.5
    for content in ("{", "[]", '{"bias": "much"}', '{"bias": 1}'):
        (tmp_path / "calibration.json").write_text(content)
        with pytest.raises(UnusableModelError, match=r"calibration\.json: .*expected"):
            Calibration.beside(tmp_path)
    with pytest.raises(UnusableModelError, match=r"no calibration\.json in nowhere"):
        Calibration.beside("nowhere")


def test_fitting_finds_what_tells() -> None:
    """On invented evidence where only the score tells, only the score counts, and what is
    said to be likely is as often right as said."""
    rng = np.random.default_rng(0)
    asked = []
    for i in range(1500):
        rows = rng.normal(0, 2, (3, 3))
        right = rng.random(3) < 1 / (1 + np.exp(2 - rows[:, 0]))
        evidence = tuple(Evidence(*map(float, row)) for row in rows)
        asked.append(
            Asked("own", str(i), evidence, tuple(map(bool, right)), tuple(map(float, right)))
        )
    fitted = fit(asked[:1000])
    assert fitted.score == pytest.approx(1, abs=0.2)
    assert abs(fitted.relevance) + abs(fitted.coverage) < 0.2
    best = [
        max(zip(a.evidence, a.right, strict=True), key=lambda p: fitted.odds(p[0]))
        for a in asked[1000:]
    ]
    sure = [fitted.probability(evidence) for evidence, _ in best]
    assert calibration_error(sure, [float(right) for _, right in best]) < 0.08


def test_fitting_whole_sentences() -> None:
    """Where sentences are right more often than their spans, the confidence for that form says
    so, whatever span is likeliest stays it, and other forms are as they were."""
    rng = np.random.default_rng(1)
    spans = Calibration(bias=-1.0, score=1.0, relevance=0.0, coverage=0.0, threshold=0.3)
    told = []
    for i in range(1500):
        score = float(rng.normal(0, 2))
        within = bool(rng.random() < 1 / (1 + np.exp(-1 - score / 2)))  # odds of 1 + score / 2
        evidence = (Evidence(score - 9, 0.0, 0.0), Evidence(score, 0.0, 0.0))
        told.append(
            Asked("own", str(i), evidence, (False, False), (0.0, 0.0), (not within, within))
        )
    fitted = with_sentences(spans, told)
    ours = fitted.for_form("sentences")
    assert (ours.bias, ours.score) == (pytest.approx(1, abs=0.2), pytest.approx(0.5, abs=0.1))
    assert ours == fitted.for_form("evidence")
    assert ours.threshold == spans.threshold
    assert fitted.for_form("span") == fitted.for_form("list") == fitted
    assert with_sentences(spans, told[:0]) == with_sentences(spans, told[:1]) == spans
    turned = [
        Asked("own", "a", (Evidence(x, 0, 0),), (False,), (0.0,), (x < 0,)) for x in (-1.0, 1.0)
    ]
    assert with_sentences(spans, turned) == spans


def test_why_is_answered_by_a_sentence_that_is_likelier_than_its_span(tmp_path: Path) -> None:
    """What is too unsure for a span may do for its sentence, and its confidence says so."""
    (tmp_path / "a.txt").write_text(
        "Mill burns\n\nThe mill at Ost is closed. A spark set it alight."
    )
    reader = FakeReader({"spark": 0.0})
    reader.calibration = Calibration(  # type: ignore[attr-defined]
        bias=-2.0, score=1.0, relevance=0.0, coverage=0.0, threshold=0.3, sentence_bias=3.0
    )
    quoth = Quoth(tmp_path, index=tmp_path / "index", encoder=FakeEncoder(), reader=reader)
    assert not quoth.answer("What set the mill alight?").found
    why = quoth.answer("Why did the mill burn?")
    assert why.text == "A spark set it alight."
    assert why.confidence == pytest.approx(1 / (1 + np.exp(-1)))
    assert why.weighed[0].confidence == why.confidence


def test_coverage_by_hand() -> None:
    """A word that no passage has counts most, one that all have hardly."""
    weights = rarity("owns the bakery in Harlow?", ["The bakery of Harlow.", "Harlow is small."])
    assert weights == pytest.approx({"own": np.log(6), "bakeri": np.log(2), "harlow": np.log(1.2)})
    assert coverage(weights, "The bakery closed.") == pytest.approx(np.log(2) / np.log(14.4))
    assert coverage(weights, "Harlow bakeries own bakeries.") == pytest.approx(1)
    assert coverage(weights, "Nothing.") == coverage({}, "Nothing.") == 0


def test_a_span_read_in_two_passages_counts_once() -> None:
    """Overlapping passages give one candidate, with the better of both."""
    article = Article("a", "T", "One two three four.")
    found = [
        Retrieved(Passage("a", 0, 13), article, 0.2),
        Retrieved(Passage("a", 4, 19), article, 0.6),
    ]
    (one,) = candidates(
        "What is two?", found, [[Span(4, 7, 1.0)], [Span(0, 3, 1.0)]], Calibration.beside(WEIGHTS)
    )
    assert (one.start, one.end, one.text) == (4, 7, "two")


@pytest.mark.parametrize(
    ("scores", "count"),
    [
        ([], 0),
        ([0.9, 0.1], 2),  # four are read whatever they are
        ([0.9, 0.44, 0.3, 0.2, 0.1], 4),
        ([0.9, 0.8, 0.7, 0.6, 0.45, 0.44], 5),  # of the others those at least half as near
        ([-0.1, -0.2, -0.3, -0.4, -0.5], 4),
    ],
)
def test_what_is_worth_reading(scores: list[float], count: int) -> None:
    """The first four passages, and further ones that match half as well as the best does."""
    article = Article("a", "T", "One two three four.")
    found = [Retrieved(Passage("a", 0, 13), article, score) for score in scores]
    assert worth_reading(found) == found[:count]


@given(st.text(max_size=300), st.data())
def test_a_quote_holds_its_span(text: str, data: st.DataObject) -> None:
    """Whatever the text, the quote begins before the span and ends after it."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = quote_span(Article("a", "T", text), start, end)
    assert 0 <= first <= start <= end <= last <= len(text)


def test_an_endless_sentence_is_quoted_in_part() -> None:
    """Around the span, between words, and not the whole megabyte."""
    text = "word " * 100_000 + "TARGET " + "word " * 100_000
    start = text.index("TARGET")
    first, last = quote_span(Article("a", "T", text), start, start + 6)
    assert last - first <= 1000
    assert text[first:last].startswith("word ")
    assert text[first:last].endswith(" word")


def test_answers_are_compared_as_squad_does() -> None:
    """Case, punctuation and articles do not count."""
    assert normalized("The  bridge.") == normalized("bridge") != normalized("bridges")
    assert f1("the old bridge", ["bridge"]) == pytest.approx(2 / 3)
    assert f1("", ["bridge"]) == 0.0
    assert f1("boat", []) == 0.0
