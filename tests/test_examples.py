"""Training examples: offsets stay exact whatever is done to the texts."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from qa.examples import (
    Example,
    _joined,
    asked_again,
    read_squad,
    text_key,
    titled,
    with_retrieved_negatives,
)

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


def test_further_questions_on_the_same_texts(write: Callable[..., Path]) -> None:
    """They are asked of the text and title that their key names, answered or not, without teachers."""
    (name, job), *_ = FACTS
    text = f"The {job} of Harlow is {name}."
    start, end = _span(name, job)
    row = {"text": text_key(text), "asked": [["Whom did they elect?", start, end], ["Since when?", -1, -1]]}  # fmt: skip
    found = list(asked_again(write("more.jsonl", json.dumps(row)), [Example("?", text, 0, 3, job)]))
    assert found == [
        Example("Whom did they elect?", text, start, end, job, taught=False),
        Example("Since when?", text, -1, -1, job, taught=False),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": "0123456789abcdef", "asked": []}', "asks of a text that is in none of the files"),
        ('{"text": "KEY", "asked": [["Who?", 5, 99]]}', "no such characters: 5 to 99"),
        ('{"text": "KEY", "asked": [["Who?", 3, -1]]}', "no such characters: 3 to -1"),
        ('{"text": "KEY", "asked": [["Who?", "a", 3]]}', "expected lines of text, asked"),
        ('{"text": "KEY"}', "no 'asked'; expected lines of text, asked"),
        ("[1]", "expected lines of text, asked"),
        ("{", "expected lines of text, asked"),
    ],
)  # fmt: skip
def test_bad_further_questions_are_one_line(
    write: Callable[..., Path], line: str, said: str
) -> None:
    """A text that is not there, offsets beyond it, another form: one line that says which line."""
    row = {"text": text_key("A text."), "asked": []}
    file = write("more.jsonl", f"{json.dumps(row)}\n{line.replace('KEY', text_key('A text.'))}")
    with pytest.raises(CorpusError) as error:
        list(asked_again(file, [Example("?", "A text.", -1, -1)]))
    assert f"{file}, line 2: " in str(error.value)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def _span(name: str, job: str) -> tuple[int, int]:
    start = len(f"The {job} of Harlow is ")
    return start, start + len(name)
