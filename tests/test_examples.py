"""Training examples: offsets stay exact whatever is done to the texts."""

import json
import random
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from qa.examples import Example, _joined, read_squad, titled, with_retrieved_negatives

FACTS = [
    ("Ada Birch", "mayor"),
    ("Tom Ferrow", "baker"),
    ("Lena Holt", "doctor"),
    ("Max Orr", "judge"),
]


@given(st.text(alphabet="ab .,'()$`\n\t", max_size=60))
def test_folded_text_keeps_its_places(text: str) -> None:
    """Every offset has a new one, in order, and folding folds nothing twice."""
    folded, places = _joined(text)
    assert len(places) == len(text) + 1
    assert places == sorted(places)
    assert places[-1] == len(folded)
    assert "  " not in folded


def test_tokenised_text_is_joined(write: Callable[..., Path]) -> None:
    """White space of both kinds of question is folded alike; the answer moves along."""
    context = "The firm 's  owner ( Tom Ferrow ) said ``  yes '' ."
    start = context.index("Tom")
    qas = [
        {
            "question": "Who  owns it ?",
            "answers": [
                {"text": "Tom", "answer_start": 0},
                {"text": " Tom Ferrow ", "answer_start": start - 1},
            ],
        },
        {"question": "Who sold\tit ?", "answers": [], "is_impossible": True},
        {"question": "Lost?", "answers": [{"text": "", "answer_start": -1}]},
        {"question": "Moved?", "answers": [{"text": "Tom Ferrow", "answer_start": start + 1}]},
    ]
    file = write("a.json", json.dumps({"data": [{"title": "A_firm", "paragraphs": [
        {"context": context, "qas": qas}]}]}))  # fmt: skip
    first, second = read_squad(file)
    assert first.context == second.context == 'The firm\'s owner (Tom Ferrow) said "yes".'
    assert first.context[first.start : first.end] == "Tom Ferrow"
    assert (first.question, second.question, first.title) == (
        "Who owns it?",
        "Who sold it?",
        "A firm",
    )
    assert first.answerable
    assert not second.answerable


def test_titles_and_retrieved_negatives() -> None:
    """A title moves the answer; a negative is a text that ranks high and lacks the answer."""
    examples = [
        Example(
            f"Who is the {job} of Harlow?",
            f"The {job} of Harlow is {name}.",
            *_span(name, job),
            job,
        )
        for name, job in FACTS
    ]
    more = with_retrieved_negatives(examples, 1.0, random.Random(0))
    assert more[: len(examples)] == examples
    negatives = more[len(examples) :]
    assert len(negatives) == len(examples)
    for example, negative in zip(examples, negatives, strict=True):
        assert not negative.answerable
        assert negative.question == example.question
        assert example.context[example.start : example.end] not in negative.context
    for example in titled(examples, 1.0, random.Random(0)):
        assert example.context.startswith(f"{example.title}\n")
        assert example.context[example.start : example.end] in dict(FACTS)


def _span(name: str, job: str) -> tuple[int, int]:
    start = len(f"The {job} of Harlow is ")
    return start, start + len(name)
