"""Questions asked of one text with what its twin says."""

import json
import random
from pathlib import Path

from qa.examples import Example, read_squad
from qa.twinning import said_elsewhere, with_what_the_twin_says

POST = "The mill burned on Monday. Nine people died, the mayor said. It was built in 1890."
ECHO = "At least 12 died in the fire at the mill. Nobody was arrested."
OTHER = "The river rose by two metres."


def example(question: str, text: str, answer: str | None) -> Example:
    start = text.index(answer) if answer else -1
    return Example(question, text, start, start + len(answer) if answer else -1)


EXAMPLES = [
    example("How many died?", POST, "Nine"),
    example("When was it built?", POST, "1890"),
    example("How many died?", ECHO, "12"),
    example("When was it built?", ECHO, None),
    example("How far did it rise?", OTHER, "two metres"),
]


def test_the_sentence_of_the_other_without_its_answer() -> None:
    start = POST.index("Nine")
    assert said_elsewhere("How many died?", POST, start, start + 4) == (
        "How many died? … people died, the mayor said."
    )
    assert said_elsewhere("", POST, start, start + 4) == "… people died, the mayor said."


def test_what_one_twin_answers_is_asked_of_the_other() -> None:
    found = list(with_what_the_twin_says(EXAMPLES, random.Random(0)))
    assert [(e.context, e.context[e.start : e.end] if e.answerable else None) for e in found] == [
        (ECHO, "12"), (ECHO, None), (POST, "Nine"),
    ]  # fmt: skip
    sentences = ["… people died, the mayor said.", "It was built in ….", "At least … died in the fire at the mill."]  # fmt: skip
    for one, sentence in zip(found, sentences, strict=True):
        assert one.question.endswith(sentence)
        assert not one.taught
    alone = [one.question in sentences for one in found]
    again = list(with_what_the_twin_says(EXAMPLES, random.Random(0)))
    assert again == found
    many = [with_what_the_twin_says(EXAMPLES, random.Random(seed)) for seed in range(9)]
    assert len({e.question for found in many for e in found}) == 6, alone  # with and without


def test_texts_with_few_questions_in_common_are_no_twins() -> None:
    assert not list(with_what_the_twin_says([EXAMPLES[0], EXAMPLES[2]], random.Random(0)))
    assert not list(with_what_the_twin_says(EXAMPLES[4:], random.Random(0)))


def test_the_lessons_hold_twins() -> None:
    file = Path(__file__).parents[1] / "qa/lessons/twins-dev.json"
    found = list(with_what_the_twin_says(list(read_squad(file)), random.Random(0)))
    texts = sum(len(article["paragraphs"]) for article in json.loads(file.read_text())["data"])
    assert texts / 2 < len(found)
    answered = sum(e.answerable for e in found)
    assert 0 < answered < len(found)
