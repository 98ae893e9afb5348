"""A corpus made up for measuring: no sense in it, but the statistics of words.

Words follow Zipf's law in the order of the packaged encoder's vocabulary. Each article mixes
in two topics, a word and its neighbours among the word embeddings, so that vectors lie in
clusters as real ones do; and it has names, figures and dates of its own, so that questions
can be asked that it alone answers. All of it follows from a seed.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import count, islice, pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.sentences import sentence_spans
from embeddings.encoder import unit
from qa.benchmarks.stand_in import packaged_tokenizer, word_vectors, zipf

__all__ = ["PASSAGES_EACH", "Question", "Row", "articles", "question", "questions", "write_rows"]

Row = dict[str, str]
"""An article as a line of a JSONL file has it."""

PASSAGES_EACH = 6
"""Passages that an article comes to, on average, split for the packaged encoder."""

_FILE = 5000  # articles in a file
_BLOCK = 500  # articles drawn together
_TOPICS, _TOPIC_WORDS = 1000, 64
_MAIN, _TOPICAL = 0.18, 0.25  # share of words from the first topic, and from both
_NAMES = 3  # of its own; the first stands in the article before it, too
_MENTIONS = (0, 0, 0, 1, 1, 1, 2, 2, 3, 3)  # which of the names, in turn
_FIGURES, _DATES = 8, 3
_DRAWS = 1 << 22  # a word of the table of draws per so many: rarest words have a few
_CONSONANTS = (*"bcdfghjklmnprstvwz", "br", "tr")
_SYLLABLES = [a + b for a, b in product(_CONSONANTS, "aeiou")]
_OPENERS = ("Who", "What", "When", "Where", "How many")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+(?: [A-Z]\w+)*")
_PLAIN = re.compile(r"\b[a-z]{5,}\b")

Words = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the id in an index of the article that its words are from."""

    text: str
    article: str


@lru_cache(maxsize=1)
def _vocabulary() -> list[str]:
    """The tokenizer's whole words of three letters and more, commonest first."""
    known = packaged_tokenizer().get_vocab()
    words = sorted(known, key=known.__getitem__)
    return [w for w in words if len(w) > 2 and w.isascii() and w.isalpha()]


@lru_cache(maxsize=1)
def _forms() -> npt.NDArray[Any]:
    """Each word as it stands in, begins and ends a sentence: shape (3 × vocabulary,)."""
    words = _vocabulary()
    return np.array([*words, *(w.capitalize() for w in words), *(f"{w}." for w in words)], object)


@lru_cache(maxsize=1)
def _draws() -> Words:
    """Each word as often as Zipf's law has it; one entry drawn evenly is one word."""
    odds = zipf(len(_vocabulary()))
    edges = np.round(np.cumsum(odds) * _DRAWS).astype(np.int64)
    return np.repeat(np.arange(len(odds), dtype=np.int32), np.diff(edges, prepend=0))


@lru_cache(maxsize=1)
def _topics() -> Words:
    """The words of each topic, nearest to its seed first: shape (topics, words)."""
    known = packaged_tokenizer().get_vocab()
    ids = [known[word] for word in _vocabulary()]
    rows = unit(word_vectors()[ids])
    seeds = np.random.default_rng(0).choice(np.arange(300, 12_000), _TOPICS, replace=False)
    near = [
        np.argsort(-(part @ rows.T), axis=1)[:, :_TOPIC_WORDS]
        for part in np.array_split(rows[seeds], 20)  # no matrix of a hundred megabytes
    ]
    return np.concatenate(near).astype(np.int32)


def articles(seed: int = 0) -> Iterator[Row]:
    """Articles without end; those of one seed are always the same."""
    for block in count():
        yield from _block(seed, block)


def _block(seed: int, block: int) -> Iterator[Row]:
    rng = np.random.default_rng([seed, block])
    size = len(_vocabulary())
    sentences = rng.integers(25, 49, _BLOCK)  # on average six passages
    lengths = rng.integers(8, 31, int(sentences.sum()))
    ends = np.cumsum(lengths)
    starts = ends - lengths
    article = np.repeat(np.repeat(np.arange(_BLOCK), sentences), lengths)
    words = _draws()[rng.integers(0, _DRAWS, len(article))]

    mix = rng.random(len(article), dtype=np.float32)
    topics = rng.integers(0, _TOPICS, (_BLOCK, 2))
    (topical,) = np.nonzero(mix < _TOPICAL)
    topic = topics[article[topical], (mix[topical] > _MAIN).astype(np.int64)]
    words[topical] = _topics()[topic, rng.choice(_TOPIC_WORDS, len(topical), p=zipf(_TOPIC_WORDS))]
    words[starts] += size
    words[ends - 1] += 2 * size

    number = (block * _BLOCK + 111_111 * seed) * _NAMES  # another seed, other names
    names = [_name(number + more) for more in range(_BLOCK * _NAMES)]
    rare = [*names, *_figures(rng, _BLOCK * _FIGURES), *_days(rng, _BLOCK * _DATES)]
    own = np.arange(_BLOCK)[:, None]
    kinds = [
        # The fourth name is the first of the next article.
        (own * _NAMES + np.array(_MENTIONS)) % len(names),
        len(names) + own * _FIGURES + np.arange(_FIGURES),
        len(names) + _BLOCK * _FIGURES + own * _DATES + np.arange(_DATES),
    ]
    first = np.cumsum(sentences) - sentences
    for kind in kinds:
        sentence = first[:, None] + (rng.random(kind.shape) * sentences[:, None]).astype(np.int64)
        inside = (rng.random(kind.shape) * (lengths[sentence] - 2)).astype(np.int64)
        words[starts[sentence] + 1 + inside] = 3 * size + kind

    said = np.concatenate([_forms(), np.array(rare, object)])[words].tolist()
    for a in range(_BLOCK):
        edges = [
            *starts[first[a] : first[a] + sentences[a] : 5].tolist(),
            int(ends[first[a] + sentences[a] - 1]),
        ]
        title = [_vocabulary()[w] for w in _topics()[topics[a, 0], rng.permutation(8)[:5]]]
        yield {
            "id": str(block * _BLOCK + a),
            "title": f"{title[0].capitalize()} {' '.join(title[1:])} {names[a * _NAMES]}",
            "publisher": f"{_name(int(topics[a, 1]) % 200)} Gazette",
            "published": str(date(1990, 1, 1) + timedelta(int(rng.integers(12_000)))),
            "text": "\n\n".join(" ".join(said[i:j]) for i, j in pairwise(edges)),
        }


def _name(number: int) -> str:
    """A forename and a surname; surnames repeat after a million."""
    mixed = number * 618_033 % 1_000_000  # neighbours are not alike, and none the same
    parts = [_SYLLABLES[mixed // place % 100] for place in (1, 100, 10_000)]
    forename = _SYLLABLES[31 * number % 97] + _SYLLABLES[57 * number % 89]
    return f"{forename.capitalize()} {''.join(parts).capitalize()}"


def _figures(rng: np.random.Generator, size: int) -> list[str]:
    return [f"{number:,}" for number in np.exp(rng.normal(5, 2.5, size)).astype(np.int64).tolist()]


def _days(rng: np.random.Generator, size: int) -> list[str]:
    days = (date(1900, 1, 1) + timedelta(d) for d in rng.integers(0, 45_000, size).tolist())
    return [f"{day.day} {day:%B %Y}" for day in days]


def write_rows(folder: Path, rows: Iterable[Row]) -> int:
    """Write articles into ``folder``, 5,000 a JSONL file; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    left, written = iter(rows), 0
    for number in count():
        part = list(islice(left, _FILE))
        if not part:
            break
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in part)
        (folder / f"articles-{number:05}.jsonl").write_text(lines, encoding="utf-8")
        written += len(part)
    return written


def question(text: str, rng: random.Random) -> str:
    """A question of a few words of one sentence of ``text``, where there is one with a name, and of
    that name; not good English, but with the words that a good question would have."""
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    named = [s for s in sentences if _NAME.search(s) and len(_PLAIN.findall(s)) > 2]
    sentence = rng.choice(named or [max(sentences, key=len)])
    plain = _PLAIN.findall(sentence) or sentence.split()
    words = rng.sample(plain, min(5, len(plain)))
    if name := _NAME.search(sentence):
        words.insert(rng.randint(0, len(words)), name[0])
    return f"{rng.choice(_OPENERS)} {' '.join(words)}?"


def questions(folder: Path, wanted: int, seed: int = 0) -> list[Question]:
    """So many questions about articles chosen at random from the JSONL files of a folder."""
    rng = random.Random(seed)
    files = sorted(folder.glob("*.jsonl"))
    found = []
    for file, share in sorted(Counter(rng.choices(files, k=wanted)).items()):
        lines = file.read_text(encoding="utf-8").splitlines()
        for number in rng.choices(range(len(lines)), k=share):
            row: Row = json.loads(lines[number])
            found.append(Question(question(row["text"], rng), f"{file.name}#{row['id']}"))
    rng.shuffle(found)
    return found
