"""Answers of the length and form that the question asks for."""

from pathlib import Path

import pytest

from qa import Answer, Quoth, export, terminal
from qa.form import form_of, plainly
from qa.page.answers import Turn, conversation
from qa.verify import check
from tests.fakes import FakeEncoder, FakeReader


@pytest.mark.parametrize(
    ("asked", "form"),
    [
        ("Who built the bridge?", "span"),
        ("How many cars crossed it?", "span"),
        ("How long is the bridge?", "span"),
        ("What is the bridge called?", "span"),
        ("What was the bridge made of?", "span"),
        ("Which class won?", "span"),
        ("Why was the bridge closed?", "sentences"),
        ("How did the fire start?", "sentences"),
        ("What happened in May?", "sentences"),
        ("Which countries signed?", "list"),
        ("In which countries is it sold?", "list"),
        ("What other towns were flooded?", "list"),
        ("Who were the signatories?", "list"),
        ("Name the members of the board.", "list"),
        ("Did the mayor resign?", "evidence"),
        ("Is the bridge closed?", "evidence"),
        ("Which countries recognise it?", "list"),
        ("Which parliaments have recognised it?", "list"),
        ("Which news agency reported it?", "span"),
        ("What sports team won?", "span"),
        ("What causes it?", "span"),
        ("Which Texas town was flooded?", "span"),
        ("Which boss resigned?", "span"),
        ("Can you tell me how many were hurt?", "span"),
        ("Do you know why it burned?", "sentences"),
        ("May 1992: who was mayor?", "span"),
        ("And which countries signed?", "list"),
        ("But did the mayor resign?", "evidence"),
        ("So why was it closed?", "sentences"),
        ("So far, how many died?", "span"),
        ("Didn't the mayor know?", "evidence"),
        ("Do you know whether he resigned?", "evidence"),
        ("Tell me why he resigned", "sentences"),
        ("Please list the victims", "list"),
        ("What will happen next?", "sentences"),
        ("What was the main cause of the fire?", "sentences"),
        ("What is the reason for the strike?", "sentences"),
        ("On what grounds was he dismissed?", "sentences"),
        ("How expensive was it?", "span"),
        ("How young was she?", "span"),
        ("How thick is the report, in pages?", "span"),
        ("How common is the name?", "span"),
        ("Which two countries signed?", "list"),
        ("Which European countries signed?", "list"),
        ("Which US president resigned?", "span"),
        ("Which of the countries signed?", "list"),
        ("Which women were killed?", "list"),
        ("Which women's team won?", "span"),
        ("What books has he written?", "list"),
        ("What charges does the mayor face?", "list"),
        ("What charges does Trump face?", "list"),
        ("Which bus has arrived?", "span"),
        ("What analysis does it rest on?", "span"),
        ("For which films did she win?", "list"),
        ("What are his demands?", "list"),
        ("Who are the Beatles?", "span"),
        ("Who are the Republican candidates?", "list"),
        ("", "span"),
    ],
)
def test_form_of(asked: str, form: str) -> None:
    """The first words tell."""
    assert form_of(asked) == form


@pytest.fixture
def session(tmp_path: Path) -> Quoth:
    corpus = tmp_path / "c"
    corpus.mkdir()
    (corpus / "a.txt").write_text(
        "The bridge was closed on Monday because the river rose. Norway and Chad signed the treaty on bridges."
    )
    (corpus / "b.txt").write_text(
        "Peru signed the treaty on bridges later. The bridge stayed closed for a week."
    )
    (corpus / "c.txt").write_text(
        "Treaties are long. Norway and Chad were first to sign the treaty on bridges, it is said."
    )
    return Quoth(corpus, index=tmp_path / "ix", encoder=FakeEncoder(), reader=SIGNED)


SIGNED = FakeReader({"Norway": 9.0, "Norway and Chad": 8.8, "Chad": 8.0, "Peru": 8.5})
CLOSED = FakeReader({"because the river rose": 12.0, "closed on Monday": 7.0, "stayed closed": 6.0})


@pytest.fixture
def closed(session: Quoth, tmp_path: Path) -> Quoth:
    """The same articles, read for what is said of the closing."""
    return Quoth(index=tmp_path / "ix", encoder=FakeEncoder(), reader=CLOSED)


def verified(session: Quoth, answer: Answer, folder: Path) -> None:
    for name, text in (("a.json", answer.to_json()), ("a.md", export.markdown([answer]))):
        (folder / name).write_text(text)
        assert check(folder / name, session.index.store.article)[1] == []


def test_why_is_answered_by_sentences(closed: Quoth, tmp_path: Path) -> None:
    """The whole sentence, once."""
    answer = closed.answer("Why was the bridge closed?")
    assert answer.form == "sentences"
    assert answer.text == "The bridge was closed on Monday because the river rose."
    assert answer.citations[0].quote == answer.text
    assert terminal.render(answer, 3).lstrip().startswith("“")  # no heading of the same words
    assert '<p class="answer">' not in conversation([Turn("q", answer)], 3)
    verified(closed, answer, tmp_path)


def test_lists_hold_all_items(session: Quoth, tmp_path: Path) -> None:
    """What stands together in one piece, then what stands elsewhere, each with its citation."""
    answer = session.answer("Which countries signed the treaty on bridges?")
    assert (answer.form, answer.text) == ("list", "Norway and Chad")
    assert "Peru" in [item.text for item in answer.items]
    assert not {"Norway", "Chad"} & {item.text for item in answer.items}
    assert [c.number for c in answer.quotes] == list(range(1, len(answer.quotes) + 1))
    assert answer.disagreements == ()
    shown = terminal.render(answer, 3)
    assert "Peru" in shown
    assert "Peru signed the treaty" in conversation([Turn("q", answer)], 3)
    verified(session, answer, tmp_path)


def test_yes_or_no_is_left_to_the_asker(closed: Quoth, tmp_path: Path) -> None:
    """Sentences that bear on it, no verdict of our own."""
    answer = closed.answer("Was the bridge closed?")
    assert answer.form == "evidence"
    assert 1 <= len(answer.items) <= 2
    assert "without a verdict" in terminal.render(answer, 3)
    assert "without a verdict" in conversation([Turn("q", answer)], 3)
    assert answer.text == answer.citations[0].quote
    assert answer.support == 1  # one may deny what the other says
    verified(closed, answer, tmp_path)


def test_forms_can_be_left_out(closed: Quoth, tmp_path: Path) -> None:
    """As collections of questions have it: a span for every question."""
    plain = Quoth(index=tmp_path / "ix", encoder=FakeEncoder(), reader=CLOSED, forms=False)
    answer = plain.answer("Why was the bridge closed?")
    assert (answer.form, answer.text) == ("span", "because the river rose")


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("Could you please tell me when it was built?", "when it was built?"),
        ("And tell me, who was it?", "who was it?"),
        ("Do you know whether she came?", "whether she came?"),
        ("And when was it built?", "And when was it built?"),
        ("Tell me about the bridge", "Tell me about the bridge"),
        ("I'd like to know why", "I'd like to know why"),
        ("Please", "Please"),
        ("So Yong Kim directed which film?", "So Yong Kim directed which film?"),
    ],
)
def test_polite_words_are_not_read(asked: str, read: str) -> None:
    """Only they go, and only where a question stands behind them."""
    assert plainly(asked) == read
