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


@pytest.mark.parametrize("file", ["conversations.jsonl", "more_conversations.jsonl"])
def test_conversations(
    file: str, tmp_path: Path, real_encoder: object, real_reader: SpanReader
) -> None:
    """Conversations of two or three turns: follow-ups answered right from the right article.

    The second file was written by somebody who knew neither the first nor the rules.
    """
    session = Quoth(BUNDLED, index=tmp_path / "ix", encoder=real_encoder, reader=real_reader)  # type: ignore[arg-type]
    right = {"first": 0, "later": 0}
    count = {"first": 0, "later": 0}
    for conversation in rows(file):
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
    assert count == COUNTS[file]
    first, later = FLOORS[file]
    assert right["first"] >= first
    assert right["later"] >= later


@pytest.mark.parametrize(
    "name", ["disagreements.jsonl", "more_disagreements.jsonl", "blind_disagreements.jsonl"]
)
def test_pairs_of_articles(real_encoder: object, real_reader: SpanReader, name: str) -> None:
    """Pairs that give one fact differently, alike, or another fact.

    The rules were mended on the first two; nobody has looked at the third: leave it so.
    """
    found = of_pairs(list(answered(rows(name), real_encoder, real_reader)))  # type: ignore[arg-type]
    print(", ".join(f"{what} {value:.1f}" for what, value in found.items()))
    pairs, precision, recall = PAIRS[name]
    assert found["pairs"] == pairs
    assert found["precision"] >= precision
    assert found["recall"] >= recall


COUNTS = {
    "conversations.jsonl": {"first": 46, "later": 64},
    "more_conversations.jsonl": {"first": 24, "later": 44},
}
FLOORS = {"conversations.jsonl": (38, 51), "more_conversations.jsonl": (20, 28)}
PAIRS = {
    "disagreements.jsonl": (80, 86, 86),
    "more_disagreements.jsonl": (72, 76, 58),
    "blind_disagreements.jsonl": (90, 58, 50),
}
# Measured 39 and 55, 22 and 29; 92.5 and 92.5, 80.0 and 66.7 (48.5 and 44.4 before anybody had looked at the second),
# 65.2 and 66.7; another CPU's precision may turn a question or two.
