"""Feedback: what people say of answers, and the questions with known answers made of it."""

import json
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from corpus import Article
from corpus.errors import UnusableIndexError
from qa import Answer, Citation, Quoth, RankedPassage, Source
from qa.cli import main
from qa.datasets import read_squad
from qa.feedback import LONGEST, Feedback, Opinion
from qa.feedback_squad import exported
from qa.people import DATABASE
from tests.fakes import FakeEncoder, FakeReader

OWNER = "Who owns the bakery in Mill Lane?"
CARS = "How many cars crossed the bridge?"
CEILING = "Who painted the ceiling of the church?"
PERSON = "ada.birch@example.org"
ODD = "\ud83d<script>alert('x')</script>\x00\u202e"


@pytest.fixture(autouse=True)
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = {"Tom Ferrow": 9.0, "42": 8.0}
    for place in ("embeddings.encoder.SentenceEncoder", "qa.session.SentenceEncoder"):
        monkeypatch.setattr(place, lambda name=None: FakeEncoder())
    for place in ("qa.session.SpanReader", "qa.reader.SpanReader"):
        monkeypatch.setattr(place, lambda name=None: FakeReader(scores))


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


@pytest.fixture
def quoth(news: Path, tmp_path: Path) -> Quoth:
    """A session over the three articles, whose index is in ``tmp_path / "index"``."""
    return Quoth(
        news,
        index=tmp_path / "index",
        encoder=FakeEncoder(),
        reader=FakeReader({"Tom Ferrow": 9.0, "42": 8.0}),
    )


@pytest.fixture
def feedback(quoth: Quoth) -> Feedback:
    return Feedback(quoth.index.folder)


def refused(quoth: Quoth, question: str = CEILING) -> Answer:
    """The closest passages, and no answer."""
    answer = quoth.answer(question)
    return replace(answer, status="not_found", text=None, citations=(), disagreements=())


def questions(data: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every question with its context and itself; each answer has to stand where it says."""
    found = {}
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                for answer in qa["answers"]:
                    start = answer["answer_start"]
                    there = paragraph["context"][start : start + len(answer["text"])]
                    assert there == answer["text"] != ""
                assert qa["is_impossible"] is not bool(qa["answers"])
                found[qa["question"]] = paragraph["context"], qa
    return found


def said(text: str, correction: str, article_id: str = "a") -> Opinion:
    """A refusal over a passage, called wrong, with what would have been right."""
    passage = RankedPassage(1, 1.0, Source(article_id, "T"), text, 0, len(text))
    asked = Answer("Who did it?", "not_found", None, 0.0, passages=(passage,))
    return Opinion(asked, False, correction)


# Keeping it


def test_what_is_said_is_kept(feedback: Feedback, quoth: Quoth) -> None:
    """With the whole answer, in order, and without who said it."""
    answer = quoth.answer(OWNER)
    feedback.note(PERSON, answer, True)
    feedback.note("bob", answer, False, "  Ada Birch\n")
    first, second = feedback.entries()
    assert (first.good, first.correction, second.good, second.correction) == (
        True,
        "",
        False,
        "Ada Birch",
    )
    assert first.answer.citations == answer.citations
    assert [w.text for w in first.answer.weighed] == [w.text for w in answer.weighed]
    assert first.at <= second.at
    assert PERSON not in repr(first)


def test_who_says_another_thing_has_changed_their_mind(feedback: Feedback, quoth: Quoth) -> None:
    """Of the same question, however typed, and answer; what is said of others stays."""
    answer = quoth.answer(OWNER)
    feedback.note(PERSON, answer, True)
    feedback.note(PERSON, quoth.answer(CARS), True)
    feedback.note(PERSON, replace(answer, resolved_question=f" {OWNER.upper()} "), False, "x")
    feedback.note(PERSON, replace(answer, text="another"), True)
    assert [e.good for e in feedback.entries()] == [True, False, True]


@pytest.mark.parametrize("text", [ODD, "x" * LONGEST, "'); DROP TABLE feedback; --"])
def test_hostile_text_is_only_text(feedback: Feedback, quoth: Quoth, text: str) -> None:
    """Kept letter for letter, listed without steering the terminal, of no use for the export."""
    answer = replace(quoth.answer(OWNER), question=text, resolved_question=text)
    feedback.note(text, answer, False, text)
    (entry,) = feedback.entries()
    assert (entry.correction, entry.answer.question) == (text, text)
    listed = run("feedback", "list", "--index", quoth.index.folder)
    assert listed.exit_code == 0
    assert not set("\x00\u202e\ud83d") & set(listed.stdout)
    assert len(listed.stdout.splitlines()) == 1
    assert questions(feedback.squad(quoth.index.store)) == {}


def test_too_long_a_correction_is_refused(feedback: Feedback, quoth: Quoth) -> None:
    """In one line that says how long it may be."""
    with pytest.raises(ValueError, match="at most 10,000"):
        feedback.note(PERSON, quoth.answer(OWNER), False, "x" * (LONGEST + 1))
    assert feedback.entries() == []


def test_the_file_names_nobody(feedback: Feedback, quoth: Quoth) -> None:
    """Neither the database nor what is exported and listed holds who said it."""
    feedback.note(PERSON, quoth.answer(OWNER), True)
    raw = b"".join(p.read_bytes() for p in quoth.index.folder.glob(f"{DATABASE}*"))
    assert b"Tom Ferrow" in raw
    assert b"ada.birch" not in raw
    with closing(sqlite3.connect(quoth.index.folder / DATABASE)) as db:
        ((person,),) = db.execute("SELECT person FROM feedback").fetchall()
    assert re.fullmatch("[0-9a-f]{64}", person)
    for command in ("list", "export"):
        shown = run("feedback", command, "--index", quoth.index.folder).output
        assert "Tom Ferrow" in shown
        assert "ada.birch" not in shown
        assert person not in shown
        assert person[:16] not in shown


def test_threads_note_at_once(feedback: Feedback, quoth: Quoth) -> None:
    """Eight people at the same moment: what each said is there."""
    answer = quoth.answer(OWNER)
    start = threading.Barrier(8)
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            start.wait()
            for number in range(10):
                feedback.note(name, replace(answer, resolved_question=f"{number}?"), True)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(feedback.entries()) == 80


def test_a_damaged_file_is_said_in_one_line(feedback: Feedback, quoth: Quoth) -> None:
    """By every method and command; the articles can be asked all the same."""
    (quoth.index.folder / DATABASE).write_bytes(b"no database" * 1000)
    for use in (lambda: feedback.note(PERSON, quoth.answer(OWNER), True), feedback.entries):
        with pytest.raises(UnusableIndexError, match="or remove it, and with it") as caught:
            use()
        assert "\n" not in str(caught.value)
    for command in ("list", "export"):
        done = run("feedback", command, "--index", quoth.index.folder)
        assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert quoth.answer(OWNER).text == "Tom Ferrow"


def test_an_entry_that_cannot_be_read_is_left_out(
    feedback: Feedback, quoth: Quoth, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are read; the log names the file."""
    feedback.note(PERSON, quoth.answer(OWNER), True)
    feedback.note("bob", quoth.answer(CARS), True)
    with closing(sqlite3.connect(quoth.index.folder / DATABASE)) as db, db:
        db.execute("UPDATE feedback SET said = '{}' WHERE rowid = 1")
    assert [e.answer.text for e in feedback.entries()] == ["42"]
    assert DATABASE in caplog.messages[0]


def test_nothing_said_makes_no_file(feedback: Feedback, quoth: Quoth) -> None:
    """To look is not to write."""
    assert feedback.entries() == []
    assert run("feedback", "list", "--index", quoth.index.folder).output == ""
    assert not (quoth.index.folder / DATABASE).exists()


# Questions with known answers


def test_an_answer_called_right(feedback: Feedback, quoth: Quoth) -> None:
    """Its question as it was understood, the text around it, its place in it."""
    typed = quoth.answer("Who owns it?", history=["When was the bakery in Mill Lane opened?"])
    assert typed.text == "Tom Ferrow"
    feedback.note(PERSON, typed, True)
    ((asked, (context, qa)),) = questions(feedback.squad(quoth.index.store)).items()
    assert asked == typed.resolved_question != typed.question
    assert qa["answers"][0]["text"] == "Tom Ferrow"
    article = quoth.index.store.article("bakery.txt")
    assert article is not None
    assert context in article.text
    assert "bakes 300 loaves" in context


def test_a_refusal_called_right(feedback: Feedback, quoth: Quoth) -> None:
    """The question is impossible for the closest passage."""
    answer = refused(quoth)
    feedback.note(PERSON, answer, True)
    context, qa = questions(feedback.squad(quoth.index.store))[CEILING]
    assert qa["is_impossible"] is True
    assert context == answer.passages[0].text


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Mayor Ada Birch", "Mayor Ada Birch"),
        ("ada   BIRCH", "Ada Birch"),
        ("“9 million euros.”", "9 million euros"),
        ("300", "300"),
        ("14 windows", "14 windows"),
    ],
)
def test_a_correction_that_stands_there(feedback: Feedback, quoth: Quoth, typed: str, text: str) -> None:  # fmt: skip
    """As the article has it, whatever case, spaces or marks it was typed with."""
    feedback.note(PERSON, replace(quoth.answer(OWNER), question="Q?", resolved_question="What is it?"), False, typed)  # fmt: skip
    context, qa = questions(feedback.squad(quoth.index.store))["What is it?"]
    assert [a["text"] for a in qa["answers"]] == [text]
    assert text in context


def test_where_a_correction_is_looked_for() -> None:
    """First in what was read, then in the whole article; as typed before in another case; whole words."""
    text = "In 1942 tom came, 42 of them. Tom left.\n\nLater 7 came."
    article = Article("a", "T", text)
    passage = text[: text.index("\n")]
    for typed, start in [("42", 18), ("Tom", 30), ("TOM", 8), ("7", text.index("7"))]:
        data, unused = exported([said(passage, typed)], {"a": article}.get)
        ((context, qa),) = questions(data).values()
        assert not unused
        assert text.index(context) + qa["answers"][0]["answer_start"] == start
    for nowhere in ("94", "om", "Tom went"):
        assert exported([said(passage, nowhere)], {"a": article}.get)[0]["data"] == []
    apart = Article("a", "T", unicodedata.normalize("NFD", "Jose, café, José."))
    data, _ = exported([said(apart.text, "josé"), said(apart.text, "cafe")], {"a": apart}.get)
    assert questions(data)["Who did it?"][1]["answers"] == [
        {"text": unicodedata.normalize("NFD", "José"), "answer_start": 13}
    ]
    chinese = Article("a", "T", "市长是王小明。")
    data, _ = exported([said(chinese.text, "王小明")], {"a": chinese}.get)
    assert questions(data)["Who did it?"][1]["answers"] == [{"text": "王小明", "answer_start": 3}]


WORD = st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=8)


@given(st.lists(WORD, min_size=1, max_size=60), st.data())
def test_an_answer_stands_where_it_says(words: list[str], data: st.DataObject) -> None:
    """Letters of every script, paragraphs or none: the answer is that stretch of its context."""
    gaps = data.draw(
        st.lists(
            st.sampled_from([" ", ". ", "\n\n", "! "]), min_size=len(words), max_size=len(words)
        )
    )
    text = "".join(map("".join, zip(words, gaps, strict=True))).strip()
    article = Article("a", "T", text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    source = Source("a", "T")
    first, last = max(0, start - 3), min(len(text), end + 3)
    citation = Citation(1, source, text[first:last], first, last, start, end)
    right = Answer("Who did it?", "answered", text[start:end], 0.5, (citation,))
    found, unused = exported([Opinion(right, True)], {"a": article}.get)
    context, qa = questions(found)["Who did it?"]
    assert (qa["answers"][0]["text"], unused) == (text[start:end], {})
    assert text.index(context) >= 0


@given(st.lists(WORD, min_size=1, max_size=40), st.data())
def test_a_correction_of_whole_words_is_found(words: list[str], data: st.DataObject) -> None:
    """In every script, whatever spaces it was typed with; and it is those letters."""
    gaps = st.sampled_from([" ", "\n", "\n\n", "\u00a0 "])
    text = "".join(word + data.draw(gaps) for word in words).strip()
    parts = text.split()
    first = data.draw(st.integers(0, len(parts) - 1))
    last = data.draw(st.integers(first + 1, len(parts)))
    typed = "  ".join(parts[first:last])
    found, unused = exported([said(text, typed)], {"a": Article("a", "T", text)}.get)
    if not any(c.isalnum() for c in typed):
        assert unused == {"with no word of what would be right": 1}
        return
    context, qa = questions(found)["Who did it?"]
    assert context in text
    assert qa["answers"][0]["text"].split() == typed.split()


@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=20))
def test_no_correction_breaks_the_export(text: str, typed: str) -> None:
    """Any text at all, in the article and in the correction: used rightly, or counted."""
    data, unused = exported([said(text, typed)], {"a": Article("a", "T", text)}.get)
    assert len(questions(data)) + sum(unused.values()) == 1


def test_an_article_without_an_end_gives_a_part_of_it() -> None:
    """A context is never much longer than what it is for."""
    text = "word " * 20_000 + "Ada Birch " + "word " * 20_000
    data, _ = exported([said(text, "Ada Birch")], {"a": Article("a", "T", text)}.get)
    ((context, _),) = questions(data).values()
    assert len(context) <= 3000


def test_the_same_context_is_there_once(feedback: Feedback, quoth: Quoth) -> None:
    """Several questions in one paragraph, several answers to one question, none twice."""
    answer = quoth.answer(OWNER)
    feedback.note(PERSON, answer, True)
    feedback.note("bob", replace(answer, question=OWNER.lower()), True)
    feedback.note("eve", replace(answer, resolved_question="Who bakes?"), True)
    feedback.note("eve", replace(answer, text="other"), False, "Its owner, Tom Ferrow")
    data = feedback.squad(quoth.index.store)
    ((paragraph,),) = [article["paragraphs"] for article in data["data"]]
    assert [qa["question"] for qa in paragraph["qas"]] == [OWNER, "Who bakes?"]
    assert [a["text"] for a in paragraph["qas"][0]["answers"]] == [
        "Tom Ferrow",
        "Its owner, Tom Ferrow",
    ]
    assert len({qa["id"] for qa in paragraph["qas"]}) == 2


def test_what_people_differ_about(feedback: Feedback, quoth: Quoth) -> None:
    """As many against as for: left out. A question that somebody answered is not impossible."""
    feedback.note("a", quoth.answer(OWNER), True)
    feedback.note("b", quoth.answer(OWNER), False)
    feedback.note("a", refused(quoth), True)
    feedback.note("b", refused(quoth), True)
    feedback.note("c", refused(quoth), False, "Ada Birch")
    data, unused = exported(feedback.entries(), quoth.index.store.article)
    assert list(questions(data)) == [CEILING]
    assert questions(data)[CEILING][1]["answers"][0]["text"] == "Ada Birch"
    assert sorted(unused.values()) == [1, 1, 2]


def test_what_has_changed_since(feedback: Feedback, quoth: Quoth, news: Path) -> None:
    """Words that moved are found where they are now; words that are gone are counted."""
    feedback.note(PERSON, quoth.answer(OWNER), True)
    feedback.note(PERSON, quoth.answer(CARS), True)
    feedback.note(PERSON, refused(quoth), True)
    bakery = news / "bakery.txt"
    bakery.write_text(bakery.read_text().replace("A bakery", "Yesterday a bakery"))
    (news / "bridge.txt").unlink()
    quoth.sync()
    data, unused = exported(feedback.entries(), quoth.index.store.article)
    assert questions(data)[OWNER][1]["answers"][0]["text"] == "Tom Ferrow"
    assert CARS not in questions(data)
    assert "of words that stand in no article any more" in unused


def test_a_greeting_is_no_question(feedback: Feedback, quoth: Quoth) -> None:
    """That it was rightly refused tells nothing of the articles."""
    feedback.note(PERSON, quoth.answer("Hello!"), True)
    assert exported(feedback.entries(), quoth.index.store.article)[0]["data"] == []


# The commands


@pytest.fixture
def noted(feedback: Feedback, quoth: Quoth) -> Path:
    """An index's folder with feedback of every kind."""
    feedback.note(PERSON, quoth.answer(OWNER), True)
    feedback.note(PERSON, quoth.answer(CARS), False, "its last day")
    feedback.note(PERSON, refused(quoth), True)
    feedback.note("bob", quoth.answer(CARS), False)
    feedback.note("bob", quoth.answer(OWNER), False, "somebody else")
    feedback.note("eve", quoth.answer(OWNER), True)
    return quoth.index.folder


def test_list(noted: Path) -> None:
    """A line for each, separated by tabs."""
    rows = [
        line.split("\t") for line in run("feedback", "list", "--index", noted).stdout.splitlines()
    ]
    assert [row[1:] for row in rows] == [
        ["right", OWNER, "Tom Ferrow", ""],
        ["wrong", CARS, "42", "its last day"],
        ["right", CEILING, "(not found)", ""],
        ["wrong", CARS, "42", ""],
        ["wrong", OWNER, "Tom Ferrow", "somebody else"],
        ["right", OWNER, "Tom Ferrow", ""],
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row[0]) for row in rows)


@pytest.mark.parametrize("mode", ["reading", "open"])
def test_what_is_exported_can_be_evaluated(noted: Path, tmp_path: Path, mode: str) -> None:
    """By the command itself, in both modes; what could not be used is said and counted."""
    file = tmp_path / "feedback.json"
    done = run("feedback", "export", "--index", noted, "-o", file)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == (
        "2 could not be used: 1 with no word of what would be right, "
        "1 with a correction that stands in none of its articles\n"
    )
    data = read_squad(file)
    assert {q.text: q.answers for q in data.questions} == {
        OWNER: ("Tom Ferrow",),
        CARS: ("its last day",),
        CEILING: (),
    }
    for question in data.questions:
        context = data.paragraphs[question.paragraph].text
        for text, start in zip(question.answers, question.starts, strict=True):
            assert context[start : start + len(text)] == text
    measured = run("evaluate", file, "--mode", mode, "--json")
    assert measured.exit_code == 0, measured.output
    figures = json.loads(measured.stdout)
    assert figures["questions"] == 3
    assert figures["has_answer_f1"] == 50  # the reader says 42, the person its last day
    assert figures.get("not_indexed", 0) == 0


@pytest.mark.parametrize("mode", ["reading", "open"])
def test_refusals_alone_can_be_evaluated(
    feedback: Feedback, quoth: Quoth, tmp_path: Path, mode: str
) -> None:
    """A file of questions that nothing answers."""
    feedback.note(PERSON, refused(quoth), True)
    file = tmp_path / "feedback.json"
    assert run("feedback", "export", "--index", quoth.index.folder, "-o", file).exit_code == 0
    figures = json.loads(run("evaluate", file, "--mode", mode, "--json").stdout)
    assert (figures["questions"], figures["has_answer_f1"]) == (1, None)


def test_standard_output_is_the_same(noted: Path, tmp_path: Path) -> None:
    """Without -o it is printed; twice the same."""
    file = tmp_path / "feedback.json"
    run("feedback", "export", "--index", noted, "-o", file)
    assert run("feedback", "export", "--index", noted).stdout == file.read_text(encoding="utf-8")


def test_a_folder_asked_directly(news: Path) -> None:
    """--corpus means the same index as for asking it."""
    answer = json.loads(run("ask", OWNER, "--corpus", news, "--json").stdout)
    from qa.places import cache_for
    from qa.stored import answer_from

    Feedback(cache_for(news, "fake")).note(PERSON, answer_from(answer), True)
    assert "Tom Ferrow" in run("feedback", "list", "--corpus", news).stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (lambda place: ["--index", place], "no feedback to export"),
        (lambda place: ["--index", place / "nowhere"], "no index here"),
    ],
)
def test_nothing_to_export(quoth: Quoth, args: Callable[[Path], list[object]], message: str) -> None:  # fmt: skip
    """One line says so, and the status is 1."""
    done = run("feedback", "export", *args(quoth.index.folder))
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_cannot_be_written(noted: Path, tmp_path: Path) -> None:
    """One line names it."""
    done = run("feedback", "export", "--index", noted, "-o", tmp_path / "no" / "file.json")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr.splitlines()[-1]
