"""Training examples for the reader, from SQuAD-format files and from retrieval."""

import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import CorpusError
from qa import datasets

__all__ = ["Example", "asked_again", "read_squad", "text_key", "titled", "with_retrieved_negatives"]


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a text, and where the answer stands: characters ``start`` to ``end`` of
    ``context``, or both -1 where the text does not answer it. ``taught``: teachers are asked too."""

    question: str
    context: str
    start: int
    end: int
    title: str = ""
    taught: bool = True

    @property
    def answerable(self) -> bool:
        """Whether the text holds the answer."""
        return self.start >= 0


def read_squad(path: str | Path) -> Iterator[Example]:
    """The questions of a SQuAD 1.1 or 2.0 file, white space folded and tokenised text joined.

    The same is done to answerable and unanswerable ones: where only one of them is spaced
    oddly a reader learns the spacing. Raises CorpusError if the file is not of this format.
    """
    data = datasets.read_squad(path)
    joined = [_joined(paragraph.text) for paragraph in data.paragraphs]
    for asked in data.questions:
        context, places = joined[asked.paragraph]
        question, title = _joined(asked.text)[0], data.paragraphs[asked.paragraph].title
        if not asked.answers:
            yield Example(question, context, -1, -1, title)
            continue
        text = data.paragraphs[asked.paragraph].text
        for answer, first in zip(asked.answers, asked.starts, strict=True):
            last = first + len(answer)
            if answer.strip() and first >= 0 and text[first:last] == answer:
                start, end = places[first], places[last]
                while context[end - 1].isspace():
                    end -= 1
                while context[start].isspace():
                    start += 1
                yield Example(question, context, start, end, title)
                break  # one answer is enough; none that is where it should be teaches nothing


_GAPS = re.compile(
    r"(?P<space>\s+)(?P<next>(?:[,.;:!?%)\]]|'s\b|n't\b|''|'(?:re|ve|ll|d|m)\b|$)?)|(?P<open>[(\[$])\s+|``\s*"
)


def _joined(text: str) -> tuple[str, list[int]]:
    """``text`` with single spaces and without those that a tokeniser put before marks, and
    for every old offset (0 to len(text)) the new one."""
    parts: list[str] = []
    places: list[int] = []
    length = last = 0

    def add(old: str, new: str) -> None:
        nonlocal length
        places.extend(length + min(i, len(new)) for i in range(len(old)))
        parts.append(new)
        length += len(new)

    for match in _GAPS.finditer(text):
        add(text[last : match.start()], text[last : match.start()])
        if match["open"]:
            add(match[0], match["open"])
        elif match["space"] is None:
            add(match[0], '"')
        else:
            at_edge = match.start() == 0 or match.end() == len(text)
            add(match["space"], "" if match["next"] or at_edge else " ")
            add(match["next"], '"' if match["next"] == "''" else match["next"])
        last = match.end()
    add(text[last:], text[last:])
    places.append(length)
    return "".join(parts), places


def asked_again(path: str | Path, examples: Iterable[Example]) -> Iterator[Example]:
    """Further questions on the texts of ``examples``: a file with a line of JSON for each text,
    ``{"text": its text_key, "asked": [[question, start, end], …]}``, offsets as in Example.

    So questions can be kept apart from texts that are somebody else's. No teacher is asked for
    them. Raises CorpusError if the file is not of this form, or if a text is none of the examples'.
    """
    texts = {text_key(example.context): example for example in examples}
    number = 0
    try:
        for number, line in enumerate(_lines(path), 1):
            row = json.loads(line)
            of = texts.get(row["text"])
            if of is None:
                raise CorpusError(
                    f"{path}, line {number}: asks of a text that is in none of the files; expected "
                    "questions on their texts (give the file that they were asked about as well)"
                )
            for question, start, end in row["asked"]:
                if not (0 <= start < end <= len(of.context) or start == end == -1):
                    raise ValueError(f"no such characters: {start} to {end}")
                yield Example(str(question), of.context, start, end, of.title, taught=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"no {error}" if isinstance(error, KeyError) else error
        raise CorpusError(
            f"{path}, line {number}: {why}; expected lines of text, asked[] → question, start, end"
        ) from error


def _lines(path: str | Path) -> list[str]:
    return Path(path).read_text(encoding="utf-8").rstrip("\n").split("\n")  # no other breaks


def text_key(text: str) -> str:
    """What stands for a text in such a file: the first 16 digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def titled(examples: Iterable[Example], share: float, rng: random.Random) -> Iterator[Example]:
    """The examples, a share of them with the article's title in front of the text."""
    for example in examples:
        if example.title and rng.random() < share:
            shift = len(example.title) + 1
            start, end = (
                (example.start + shift, example.end + shift) if example.answerable else (-1, -1)
            )
            example = replace(
                example, context=f"{example.title}\n{example.context}", start=start, end=end
            )
        yield example


def with_retrieved_negatives(
    examples: Sequence[Example], share: float, rng: random.Random
) -> list[Example]:
    """The examples, and for a share of the answerable ones a second: the same question with
    a text that the lexical index ranks high and that does not hold the answer."""
    from embeddings.lexical import LexicalIndex

    contexts = list(dict.fromkeys(example.context for example in examples))
    titles = {example.context: example.title for example in examples}
    index = LexicalIndex.build((i, titles[c], c) for i, c in enumerate(contexts))
    found = list(examples)
    for example in examples:
        if not example.answerable or rng.random() >= share:
            continue
        answer = example.context[example.start : example.end].lower()
        others = [
            contexts[i]
            for i, _ in index.search(example.question, 8)
            if contexts[i] != example.context and answer not in contexts[i].lower()
        ]
        if others:
            other = rng.choice(others[:4])
            found.append(Example(example.question, other, -1, -1, titles[other]))
    return found
