"""The texts and questions that were written to train the reader on."""

import json
import os
from pathlib import Path

import pytest

from qa import datasets
from qa.examples import asked_again, read_squad

LESSONS = Path(__file__).parent.parent / "qa" / "lessons"
FILES = sorted(LESSONS.glob("*.json"))
ASKED = LESSONS / "wikipedia-train.jsonl"
_RUN = 12  # words in a row that no two independent texts share


def runs(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_answer_is_where_it_is_said(file: Path) -> None:
    """All examples can be learned from: no answer is off its place, and some questions have none."""
    questions = datasets.read_squad(file).questions
    examples = list(read_squad(file))
    assert len(examples) == len(questions) > 100
    for question, example in zip(questions, examples, strict=True):
        found = example.context[example.start : example.end] if example.answerable else None
        assert found == (" ".join(question.answers[0].split()) if question.answers else None)
    assert 0.2 < sum(not example.answerable for example in examples) / len(examples) < 0.6


def test_questions_on_other_texts_have_their_form() -> None:
    """Each text stands once, no question is asked of it twice, and a share of them has no answer."""
    rows = [json.loads(line) for line in ASKED.read_text(encoding="utf-8").splitlines()]
    assert len({row["text"] for row in rows}) == len(rows) > 1000
    asked = [question for row in rows for question in row["asked"]]
    for row in rows:
        assert len({question for question, _, _ in row["asked"]}) == len(row["asked"]) > 0
    assert all(question == " ".join(question.split()) for question, _, _ in asked)
    assert 0.3 < sum(start < 0 for _, start, _ in asked) / len(asked) < 0.6


def test_questions_on_other_texts_find_them() -> None:
    """All their texts are in the training files that they were asked about, every answer is whole
    words, and none of the texts is in what is measured with."""
    folder = Path(os.environ.get("QUOTH_DATA", "")) / "data"
    files = [folder / f"{name}-train.json" for name in ("squad2", "qed", "tydiqa-en")]
    if not os.environ.get("QUOTH_DATA") or not all(file.is_file() for file in files):
        pytest.skip("QUOTH_DATA does not name a folder with data/squad2-train.json and others")
    measured = [folder / f"{name}-dev.json" for name in ("squad1", "squad2", "qed", "tydiqa-en")]
    held: set[tuple[str, ...]] = set()
    for file in filter(Path.is_file, measured):
        held.update(*(runs(text) for text in {e.context for e in read_squad(file)}))
    count = 0
    texts: set[str] = set()
    for example in asked_again(ASKED, [e for file in files for e in read_squad(file)]):
        count += 1
        texts.add(example.context)
        if example.answerable:
            text = f" {example.context} "
            edges = (text[at : at + 2] for at in (example.start, example.end))
            assert not any(edge.isalpha() for edge in edges), example
    assert count > 10_000
    assert not [text[:60] for text in texts if runs(text) & held]


def test_what_is_measured_with_is_not_learned() -> None:
    """No text of the training files is in the held-out ones, nor in the tests' own sets, nor in the
    bundled articles."""
    learned: set[tuple[str, ...]] = set()
    held: list[str] = []
    for file in FILES:
        texts = [paragraph.text for paragraph in datasets.read_squad(file).paragraphs]
        if file.stem.endswith("-dev"):
            held += texts
        else:
            learned.update(*map(runs, texts))
    for pairs in (Path(__file__).parent / "data").glob("*disagreements.jsonl"):
        for pair in pairs.read_text().splitlines():
            held += [json.loads(pair)[side]["text"] for side in "ab"]
    held += [
        path.read_text() for path in (LESSONS.parent.parent / "corpus" / "articles").glob("*.md")
    ]
    assert len(held) > 200
    shared = [text[:60] for text in held if runs(text) & learned]
    assert not shared
