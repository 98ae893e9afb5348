"""Conversations over the bundled articles, and pairs of invented articles, with the real models.

The figures of the last run are printed with ``pytest -rP``.
"""

import json
from pathlib import Path

import pytest

from corpus import BUNDLED
from qa import Answer, Quoth
from qa.benchmarks.sources import answered, of_pairs
from qa.reader import SpanReader
from qa.text import normalized
from tests.test_questions import is_right

pytestmark = pytest.mark.models

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


def test_conversations(tmp_path: Path, real_encoder: object, real_reader: SpanReader) -> None:
    """46 conversations of two or three turns: follow-ups answered right from the right article."""
    session = Quoth(BUNDLED, index=tmp_path / "ix", encoder=real_encoder, reader=real_reader)  # type: ignore[arg-type]
    right = {"first": 0, "later": 0}
    count = {"first": 0, "later": 0}
    for conversation in rows("conversations.jsonl"):
        history: list[Answer] = []
        for turn in conversation["turns"]:  # type: ignore[attr-defined]
            answer = session.answer(turn["question"], history=history)
            kind = "later" if history else "first"
            history.append(answer)
            cited = {c.article.id for c in answer.quotes} & set(turn["articles"])
            good = answer.found and is_right(answer.text or "", turn["answers"])
            if answer.form in ("sentences", "evidence", "list"):  # whole sentences, several items
                words = normalized(" ".join(c.quote for c in answer.quotes[:3]))
                good = good or any(f" {normalized(a)} " in f" {words} " for a in turn["answers"])
            right[kind] += bool(cited) and good
            count[kind] += 1
            if not (bool(cited) and good):
                print(
                    conversation["id"],
                    repr(turn["question"]),
                    "→",
                    repr(answer.resolved_question),
                    repr(answer.text),
                )
    print(
        f"first questions {right['first']}/{count['first']}, later ones {right['later']}/{count['later']}"
    )
    assert count == {"first": 46, "later": 64}
    assert right["first"] >= FIRST
    assert right["later"] >= LATER


def test_pairs_of_articles(real_encoder: object, real_reader: SpanReader) -> None:
    """80 pairs that give one fact differently, alike, or another fact."""
    found = of_pairs(list(answered(rows("disagreements.jsonl"), real_encoder, real_reader)))  # type: ignore[arg-type]
    print(", ".join(f"{name} {value:.1f}" for name, value in found.items()))
    assert found["pairs"] == 80
    assert found["precision"] >= PRECISION
    assert found["recall"] >= RECALL


FIRST, LATER = 38, 48
PRECISION, RECALL = 70, 72
# Measured 40 and 51, 75.6 and 77.5; another CPU's precision may turn a question or two.
