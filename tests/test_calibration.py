"""Fitting the confidence: what is asked of what, and what comes of it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa.calibration import _questions, _without, main
from qa.confidence import Calibration
from qa.datasets import Paragraph, Question, QuestionSet, read_squad
from tests.fakes import FakeEncoder, FakeReader

TOWNS = ["Harlow", "Ferrow", "Birch", "Orram", "Holt", "Lund", "Marsh", "Penn"]


def squad(file: Path, towns: list[str]) -> Path:
    """Of each town a right answer that the fake reader likes and a wrong one that it likes less."""
    data = []
    for number, town in enumerate(towns):
        context = f"In {town} {100 + number} cars crossed the bridge, and 7 did not cross it."
        qas = [
            {"id": f"{town}{i}", "question": f"How many cars crossed the bridge in {town}{'?' * i}",
             "answers": [{"text": str(100 + number), "answer_start": context.index("1")}]}
            for i in range(6)
        ]  # fmt: skip
        qas.append(
            {"id": f"{town}n", "question": f"Who is mayor in {town}?", "is_impossible": True}
        )  # type: ignore[dict-item]
        data.append({"title": town, "paragraphs": [{"context": context, "qas": qas}]})
    file.write_text(json.dumps({"data": data}))
    return file


@pytest.fixture
def fit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    scores = {str(100 + n): 6.0 for n in range(len(TOWNS))} | {"7": 2.0}
    monkeypatch.setattr("qa.calibration.SentenceEncoder", FakeEncoder)
    monkeypatch.setattr("qa.calibration.SpanReader", lambda _: FakeReader(scores))

    def run(*args: object) -> Result:
        return CliRunner().invoke(main, [str(a) for a in (*args, "--weights", tmp_path)])

    return run


def test_a_calibration_is_fitted_and_written(fit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The file says what it was made of and how good it is, and a reader can load it."""
    done = fit(squad(tmp_path / "a.json", TOWNS), "--removed", 0.5)
    assert done.exit_code == 0, done.output
    assert "expected calibration error" in done.output
    about = json.loads((tmp_path / "calibration.json").read_text())
    assert about["questions"]["own"] > about["questions"]["removed"] > 0
    assert about["questions"]["unanswerable"] == len(TOWNS)
    assert 0 <= about["held out"]["ece"] <= 1
    assert Calibration.beside(tmp_path).threshold == about["threshold"]


def test_too_little_to_fit_on_is_one_line(fit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Too few articles, or none left: said before anything is written."""
    file = squad(tmp_path / "a.json", TOWNS[:2])
    for more in ((), ("--without", file)):
        done = fit(file, *more)
        assert (done.exit_code, isinstance(done.exception, SystemExit)) == (1, True)
        assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "calibration.json").exists()


def test_left_out_articles(tmp_path: Path) -> None:
    """By title, and by text where it has none; questions keep their paragraphs."""
    data = read_squad(squad(tmp_path / "a.json", TOWNS))
    kept = _without(data, squad(tmp_path / "b.json", TOWNS[:3]))
    assert {p.title for p in kept.paragraphs} == set(TOWNS[3:])
    for question in kept.questions:
        assert kept.paragraphs[question.paragraph].title in question.text


def test_foreign_questions_are_foreign(tmp_path: Path) -> None:
    """Never about an article that the corpus has."""
    one = QuestionSet(
        (Paragraph("A", "a"),), tuple(Question(str(i), "?", 0, ("a",), (0,)) for i in range(50))
    )
    other = QuestionSet(
        (Paragraph("A", "a2"), Paragraph("B", "b")),
        (Question("x", "about A", 0, ("a",), (0,)), Question("y", "about B", 1, ("b",), (0,))),
    )
    asked = list(_questions(one, [one, other], one.questions[:50], 0.3, 0.5, 0))
    assert {q.text for kind, q, _ in asked if kind == "foreign"} == {"about B"}
    assert {group for kind, _, group in asked if kind == "foreign"} == {"B"}
    assert {kind for kind, _, _ in asked} == {"own", "removed", "foreign"}
