"""What to ask next: only what the passages plainly say, and what is then answered so."""

import pytest

from qa.result import Answer, Citation, RankedPassage, Source
from qa.suggestions import suggestions

SOURCE = Source("a.txt", "T")


def read(text: str, question: str = "Where is Harlow?", told: str | None = None) -> Answer:
    """An answer for which one passage was read."""
    passage = RankedPassage(1, 0.9, SOURCE, text, 0, len(text))
    return Answer(question, "answered" if told else "not_found", told, 0.9, passages=(passage,))


def says(answers: dict[str, str]) -> tuple[list[str], object]:
    """A way to ask that knows some answers, and what it was asked."""
    asked: list[str] = []

    def ask(question: str) -> Answer:
        asked.append(question)
        text = answers.get(question)
        return Answer(question, "answered" if text else "not_found", text, 0.8)

    return asked, ask


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("In all 613 people were killed.", "How many people were killed?", "613"),
        ("He says 1,275 residents were taken hostage, and", "How many residents were taken hostage?", "1275"),
        ("It was opened by Ada Birch, the mayor of Harlow.", "Who is Ada Birch?", "mayor of Harlow"),
        ("The Bank of Harlow, a savings bank, closed.", "What is Bank of Harlow?", "a savings bank"),
    ],
)  # fmt: skip
def test_plain_prose_is_turned_into_questions(text: str, question: str, answer: str) -> None:
    """A count and an apposition become the questions that they answer."""
    _, ask = says({question: answer})
    assert suggestions(read(text), ask) == [question]  # type: ignore[arg-type]


def test_only_what_is_answered_so_is_offered() -> None:
    """Not what is answered otherwise or not at all, nor the question just asked or its answer."""
    text = "In all 613 people were killed. Ada Birch, the mayor, spoke. 40 cars were burnt."
    _, ask = says({"How many people were killed?": "614", "How many cars were burnt?": "40"})
    assert suggestions(read(text), ask) == ["How many cars were burnt?"]  # type: ignore[arg-type]
    _, ask = says({"How many cars were burnt?": "40"})
    assert suggestions(read(text, told="40"), ask) == []  # type: ignore[arg-type]
    assert suggestions(read(text, "How many cars were burnt?"), ask) == []  # type: ignore[arg-type]
    assert suggestions(Answer("q", "not_found", None, 0.0), ask) == []  # type: ignore[arg-type]


def test_quotes_come_first_and_few_are_asked() -> None:
    """What stands in the quotes is asked first; never more than a handful of questions."""
    quote = "In all 7 boats were lost."
    text = " ".join(f"And {n} cars number {'x' * n} were burnt." for n in range(2, 40))
    answer = read(text)
    cited = Citation(1, SOURCE, quote, 0, len(quote), 0, 2)
    answer = Answer("q", "answered", "In", 0.9, (cited,), answer.passages)
    asked, ask = says({})
    assert suggestions(answer, ask) == []  # type: ignore[arg-type]
    assert asked[0] == "How many boats were lost?"
    assert len(asked) <= 6


@pytest.mark.parametrize(
    "text",
    ["Ab " * 100_000, "Of the " * 50_000, "a " * 200_000 + "were b", "1 " + "a-" * 200_000, "9," * 200_000, "Ab’" * 100_000],
)  # fmt: skip
def test_hostile_passages_take_no_time(text: str) -> None:
    """Hundreds of thousands of letters are no work without end."""
    _, ask = says({})
    assert suggestions(read(text), ask) == []  # type: ignore[arg-type]
