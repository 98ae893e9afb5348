"""The comparison with other systems: what is measured, with stand-ins for the systems."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.errors import CorpusError, QuothError
from embeddings.packaged import packaged_folder
from qa.benchmarks import peers as benchmark_peers
from qa.benchmarks.peer_systems import Result, System, Task, measured
from qa.benchmarks.peers import figures, main, measured_apart, part_of
from qa.datasets import Paragraph, Question, QuestionSet
from qa.reader import WEIGHTS

TEXTS = [
    "The Harlow bridge closed on 3 May 2019. 42 cars had crossed it.",
    "A bakery opened in Mill Lane. Its owner, Tom Ferrow, bakes bread.",
    "A storm broke 14 windows in the town hall.",
]
QUESTIONS = (
    Question("a", "How many cars crossed the Harlow bridge?", 0, ("42", "42 cars")),
    Question("b", "Who owns the bakery in Mill Lane?", 1, ("Tom Ferrow",)),
    Question("c", "Where did the bakery open?", 1, ("Mill Lane",)),
    Question("d", "Who designed the bakery in Mill Lane?", 1),
)
DATA = QuestionSet(tuple(Paragraph("", text) for text in TEXTS), QUESTIONS)
RESULT = Result(
    versions={"fake": "1.0"}, load=1.0, build=0.5, ms=[10.0, 20.0, 30.0],
    answers=["42", None, "in Mill Lane"], cited=[0, None, 2], ranked=[[0, 1], [0, 1], [1]],
    errors=["TypeError: none"], peak_bytes=10**9,
)  # fmt: skip


class Fake(System):
    """Knows one answer, and fails where it has none."""

    distributions = ("click", "not-installed-anywhere")

    def __init__(self, encoder: str, reader: str) -> None:
        self.texts: list[str] = []

    def build(self, texts: Sequence[str]) -> None:
        self.texts = list(texts)

    def ask(self, question: str) -> tuple[str | None, int | None]:
        if "cars" not in question:
            raise TypeError("no answer")
        return "42", 0

    def ranked(self, question: str) -> list[int]:
        return list(range(len(self.texts)))


def a_task(folder: str = "") -> Task:
    asked = [question.text for question in QUESTIONS[:2]]
    return Task(
        encoder=folder, reader=str(WEIGHTS), texts=TEXTS, warm_up=asked[1:], questions=asked
    )


def test_a_system_is_measured_at_its_task() -> None:
    """Answers, errors and times are those of the questions, not of the warm-up."""
    found = measured(Fake, a_task())
    assert found["answers"] == ["42", None]
    assert found["cited"] == [0, None]
    assert found["errors"] == ["TypeError: no answer"]
    assert found["ranked"] == [[0, 1, 2]] * 2
    assert len(found["ms"]) == 2
    assert list(found["versions"]) == ["click"]
    assert 10**6 < found["peak_bytes"] < 10**12


def test_figures_by_hand() -> None:
    """An answer that is not given is wrong; a citation counts among the answers that have one."""
    row = figures(RESULT, QUESTIONS[:3], 3)
    assert (row["exact_match"], row["f1"]) == (33.3, 60.0)
    assert (row["recall@1"], row["recall@5"], row["citation_accuracy"]) == (66.7, 100.0, 50.0)
    assert (row["paragraphs_per_s"], row["p50_ms"], row["p95_ms"]) == (6.0, 20.0, 29.0)
    assert (row["unanswered"], row["errors"], row["peak_gb"]) == (1, 1, 1.0)


def test_a_system_that_only_retrieves_has_no_answers() -> None:
    """Without answers there are no figures of them, and those of retrieval stay."""
    found = RESULT.copy()
    found["answers"], found["cited"] = None, [None] * 3
    row = figures(found, QUESTIONS[:3], 3)
    assert row["exact_match"] is row["f1"] is row["citation_accuracy"] is row["unanswered"] is None
    assert row["recall@1"] == 66.7


def test_a_part_has_only_questions_that_it_answers() -> None:
    """Questions are of the paragraphs that were kept, and point to them."""
    whole = part_of(DATA, 10, 10, 0)
    assert whole.paragraphs == DATA.paragraphs
    assert [question.id for question in whole.questions] == ["a", "b", "c"]
    some = part_of(DATA, 2, 10, seed=0)
    assert len(some.paragraphs) == 2
    for question in some.questions:
        assert question.answers[0] in some.paragraphs[question.paragraph].text
    with pytest.raises(CorpusError, match="no questions"):
        part_of(QuestionSet(DATA.paragraphs, QUESTIONS[3:]), 3, 3, 0)


def test_what_ails_a_peer_is_said_in_one_line(write: Callable[..., Path]) -> None:
    """A peer that is not installed, fails, or whose Python is not there, is named with the reason."""

    def python(does: str) -> str:
        path = write("python", f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)
        return str(path)

    without_packages = python(f'exec "{sys.executable}" -S "$@"')
    for name, package in (
        ("txtai", "txtai"),
        ("haystack", "haystack"),
        ("llamaindex", "llama_index"),
    ):
        with pytest.raises(QuothError, match=f"^not installed: No module named '{package}"):
            measured_apart(name, without_packages, a_task())
    with pytest.raises(QuothError, match=r"^it burst$"):
        measured_apart("txtai", python("echo began >&2; echo it burst >&2; exit 1"), a_task())
    with pytest.raises(QuothError, match="No such file"):
        measured_apart("txtai", "/nowhere/python", a_task())


def test_the_command_prints_a_table(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row for each system that is there, the others named; the same as JSON."""

    def apart(name: str, python: str, task: Task) -> Result:
        if name != "quoth":
            raise QuothError(f"not installed: {python}")
        found = RESULT.copy()
        found["answers"], found["cited"], found["ranked"] = ["42"], [0], [[0]]
        return found

    monkeypatch.setattr(benchmark_peers, "measured_apart", apart)
    qas = [{"id": "a", "question": QUESTIONS[0].text, "answers": [{"text": "42"}]}]
    file = write(
        "squad.json", json.dumps({"data": [{"paragraphs": [{"context": TEXTS[0], "qas": qas}]}]})
    )
    out = tmp_path / "out.json"
    options = ["--json", str(out), "--python", "haystack=/peer/python"]
    done = CliRunner().invoke(main, [str(file), *options])
    assert done.exit_code == 0, done.output
    assert "1 paragraphs, 1 questions" in done.output
    assert "haystack left out: not installed: /peer/python" in done.output
    assert f"txtai left out: not installed: {sys.executable}" in done.output
    systems = json.loads(out.read_text())["systems"]
    assert systems["quoth"]["exact_match"] == 100
    assert systems["haystack"] == {"left_out": "not installed: /peer/python"}
    wrong = CliRunner().invoke(main, [str(file), "--python", "elastic=/peer/python"])
    assert wrong.exit_code == 2
    assert "txtai, haystack, llamaindex" in wrong.output


@pytest.mark.models
def test_quoth_runs_apart() -> None:
    """In a process of its own Quoth answers with both models and cites the right text."""
    found = measured_apart("quoth", sys.executable, a_task(str(packaged_folder())))
    assert found["answers"] == ["42", "Tom Ferrow"]
    assert found["cited"] == [0, 1]
    assert [ranked[0] for ranked in found["ranked"]] == [0, 1]
    assert found["errors"] == []
