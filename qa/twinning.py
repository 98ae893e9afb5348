"""Questions asked of a text with what another text says of it: to learn to tell the same fact from a like one."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from corpus.article import Article
from qa.citing import quote_span
from qa.examples import Example

__all__ = ["said_elsewhere", "with_what_the_twin_says"]

_LEFT_OUT = "…"  # stands for the value of a sentence whose value is asked for
_SHARED = 2  # questions that two texts have in common if they are twins


def said_elsewhere(question: str, text: str, start: int, end: int) -> str:
    """The question, and behind it the sentence of ``text`` in which characters ``start`` to ``end``
    are an answer to it, without that answer."""
    first, last = quote_span(Article("", "", text), start, end)
    return " ".join(f"{question} {text[first:start]}{_LEFT_OUT}{text[end:last]}".split())


def with_what_the_twin_says(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    """Of two texts that stand one behind the other and are asked the same questions: each question
    that the one answers, asked of the other with the sentence of the one behind it, or as that
    sentence alone.

    What is to be found is the other's value for the same fact, or that it has none, though it
    may have one for a fact that is called the same.
    """
    for one, other in _twins(examples):
        for mine, theirs in ((one, other), (other, one)):
            for question, example in mine.items():
                if example.answerable and question in theirs:
                    alone = rng.random() < 0.5
                    asked = said_elsewhere(
                        "" if alone else question, example.context, example.start, example.end
                    )
                    yield replace(theirs[question], question=asked, taught=False)


def _twins(examples: Iterable[Example]) -> Iterator[tuple[dict[str, Example], dict[str, Example]]]:
    """Of each pair of twins the examples of both, by question."""
    texts: dict[str, dict[str, Example]] = {}
    for example in examples:
        texts.setdefault(example.context, {})[example.question] = example
    left: dict[str, Example] = {}
    for asked in texts.values():
        if len(left.keys() & asked.keys()) >= _SHARED:
            yield left, asked
            left = {}
        else:
            left = asked
