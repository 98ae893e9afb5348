"""What to ask next: questions whose answers stand plainly in the passages that were read.

Two patterns of plain prose are turned around: "613 people were killed" is an answer to "How many
people were killed?", and "Ada Birch, the mayor," to "Who is Ada Birch?". Every word but those of the
question's form comes from the articles, and only what is then answered so is suggested.
"""

import re
from collections.abc import Callable, Iterator

from qa.result import Answer

__all__ = ["suggestions"]

_COUNTED = re.compile(
    r"(?<![\w.,$€£])(?P<answer>\d[\d.,]{0,15}) (?P<asked>(?:[a-z-]{1,30} ){1,3}(?:were|are|have been) [a-z-]{1,30}(?: [a-z-]{1,30}){0,4})"
    r"(?=[,.;:]|$| and | including )"
)
_CAPITAL = r"[^\W\d_a-z][\w’-]{1,30}"
_NAMED = re.compile(
    rf"(?<![\w’-])(?!(?:The|A|An|In|On|At|And|But)\b)(?P<asked>{_CAPITAL}(?: (?:(?:of|the|for) ){{0,2}}{_CAPITAL}){{1,3}}), (?P<answer>(?:a|an|the|then|former) [^,.;:]{{1,100}})[,.]"
)
_SMALL = {"of", "the", "for"}

_TRIED = 6  # questions that are asked to see whether they are answered
_PASSAGES = 4
_LETTERS = 3000  # of a text: passages are shorter, quotes may be long


def suggestions(answer: Answer, ask: Callable[[str], Answer], count: int = 3) -> list[str]:
    """At most ``count`` questions to ask after ``answer``; ``ask`` answers a question."""
    found: list[str] = []
    for tried, (question, expected) in enumerate(_candidates(answer)):
        if tried == _TRIED or len(found) == count:
            break
        said = ask(question)
        if said.found and _same(said.text or "", expected):
            found.append(question)
    return found


def _candidates(answer: Answer) -> Iterator[tuple[str, str]]:
    """Questions with the answers that are expected, those of the quotes first."""
    known = {_plain(answer.question), _plain(answer.resolved_question)}
    told = _plain(answer.text or "")
    texts = [citation.quote for citation in answer.quotes]
    texts += [passage.text for passage in answer.passages[:_PASSAGES]]
    for text in texts:
        text = text[:_LETTERS]
        for pattern, form in ((_COUNTED, "How many {}?"), (_NAMED, "{} {}?")):
            for match in pattern.finditer(text):
                asked, expected = match["asked"], match["answer"]
                if pattern is _NAMED:
                    thing = bool(_SMALL & set(asked.split()))
                    question = form.format("What is" if thing else "Who is", asked)
                else:
                    question = form.format(asked)
                if _plain(question) not in known and _plain(expected) != told:
                    known.add(_plain(question))
                    yield question, expected


def _same(said: str, expected: str) -> bool:
    """Whether one has the words of the other."""
    ours, theirs = set(_plain(said).split()), set(_plain(expected).split())
    return bool(ours) and (ours <= theirs or theirs <= ours)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w,.]*\w", re.sub(r"(?<=\d),(?=\d)", "", text.casefold())))
