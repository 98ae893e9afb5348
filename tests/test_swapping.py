"""Questions with one word changed, for learning to refuse."""

import random

from qa.examples import Example
from qa.swapping import with_swapped_words

_CITIES = ["Prague", "Warsaw", "Vienna", "Berlin", "Madrid", "Lisbon"]
_ORDERS = ["first", "second", "third"]


def _examples() -> list[Example]:
    found = []
    for city in _CITIES:
        for order in _ORDERS:
            text = f"The {order} bridge in {city} was built by Ada Birch after the flood."
            place = text.index("Ada")
            for question in (
                f"Who built the {order} bridge in {city}?",
                f"Who came to {city} {order}?",
            ):
                found.append(Example(question, text, place, place + len("Ada Birch"), city))
    found.append(Example("Who built the first tower in Prague?", "Nothing is known.", -1, -1))
    return found


def test_one_word_is_changed_and_the_text_no_longer_answers() -> None:
    """What there was stays as it was; each new question differs in one word, which stands in the
    text, from one that had an answer; the new word does not stand there, and no teacher is asked."""
    examples = _examples()
    found = with_swapped_words(examples, 1.0, random.Random(1))
    assert found[: len(examples)] == examples
    new = found[len(examples) :]
    assert len(new) > 5
    asked = [(e.question.split(), e.context) for e in examples]
    for example in new:
        assert not example.answerable
        assert not example.taught
        words = example.question.split()
        changed = [
            [(a.strip("?"), b.strip("?")) for a, b in zip(words, old, strict=True) if a != b]
            for old, context in asked
            if context == example.context and len(old) == len(words)
        ]
        ((word, before),) = min(changed, key=len)
        assert word not in example.context
        assert before in example.context


def test_no_share_changes_nothing_and_a_seed_repeats() -> None:
    """Without a share there are the examples; the same seed makes the same questions."""
    examples = _examples()
    assert with_swapped_words(examples, 0.0, random.Random(1)) == examples
    once, again = (with_swapped_words(examples, 0.5, random.Random(3)) for _ in range(2))
    assert once == again
