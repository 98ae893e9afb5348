"""The benchmark of many askers: that it runs, and that it would notice what is wrong."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from qa.benchmarks import askers
from qa.benchmarks.asking import Failed, Visitor
from qa.benchmarks.facts import facts_of
from qa.benchmarks.generated import Row
from qa.benchmarks.measuring import memory
from qa.spans import Span
from tests.real_page import real_page
from tests.toy_page import ANN, BOB

ROW: Row = {"id": "9", "title": "A mill", "text": "The mill of the upper village burned down."}


class BuilderReader:
    """Reads who built what, where the text tells of the place that is asked for."""

    def read(self, questions: Sequence[str], texts: Sequence[str], /) -> list[list[Span]]:
        """At most one in each text."""
        return [
            [
                Span(match.start(1), match.end(1), 12.0)
                for match in re.finditer(r"built by (\w+ \w+)", text)
                if question.split()[-1].strip("?") in text
            ]
            for question, text in zip(questions, texts, strict=True)
        ]


def test_facts_have_no_word_in_common() -> None:
    """Names of one asker are those of no other."""
    words = [
        word
        for asker in range(300)
        for fact in facts_of(asker)
        for word in (fact.place, *fact.person.split())
    ]
    assert len(set(words)) == len(words)


def test_many_ask_at_once(tmp_path: Path) -> None:
    """Three seconds of it: own facts are found, nobody is told another's, files come and go."""
    with real_page(tmp_path, users=True, reader=BuilderReader()) as real:
        done = askers.ask_at_once(
            f"http://127.0.0.1:{real.running.port}", [ANN, ANN, BOB], [], iter([ROW] * 20),
            seconds=3, every=1, look=memory,
        )  # fmt: skip
    assert done.facts
    assert done.added
    assert done.right == done.facts
    assert done.crossed  # the first two are one user here: each sees the other's
    assert len(done.memory) >= 3
    assert done.errors == []
    json.dumps(done.figures())


def test_a_failure_is_none_of_the_answers(tmp_path: Path) -> None:
    """Wrong passwords, events that are not there, refusals: each is told apart."""
    with real_page(tmp_path, users=True) as real:
        address = f"http://127.0.0.1:{real.running.port}"
        with pytest.raises(Failed, match="401"):
            Visitor(address, "ann", "wrong", "s").enter()
        ann = Visitor(address, *ANN, "s")
        ann.enter()
        ann.numbers["forget"] = 999
        with pytest.raises(Failed, match="404"):
            ann.event("forget", [None])
        assert ann.call("Who owns the bakery?")["status"]
        assert ann.articles("storm") == ["storm.txt"]
