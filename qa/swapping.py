"""Questions with one word changed, which their text no longer answers: to learn how to refuse by."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qa.examples import Example
from qa.mentions import ASKING, AUXILIARIES, PREPOSITIONS

__all__ = ["with_swapped_words"]

_WORD = re.compile(r"[^\W_]+")
_KEPT = (ASKING | AUXILIARIES | PREPOSITIONS | {"the", "and", "many", "much", "name"}) - {
    "before", "after", "during", "without", "under", "over", "into", "since", "until", "inside", "outside",
}  # fmt: skip
_NEIGHBOURS = 12
_COMMON = 5  # questions that a word must stand in to be put into others
_NEAR = 200  # characters around the answer, where a changed word must not stand
_SAME = 0.9  # cosine from which on the encoder takes two questions for one


def with_swapped_words(
    examples: Sequence[Example], share: float, rng: random.Random
) -> list[Example]:
    """The examples, and for a share of the answerable ones a second without an answer: of its
    question one word, which stands in the text, is changed for one of like use ("first" for
    "second", "Prague" for "Warsaw"), so that another thing is asked.

    Words of like use are those whose embeddings in the encoder are next to each other; where the
    encoder takes both questions for the same, the change is dropped. After Zhu et al., "Learning
    to Ask Unanswerable Questions for Machine Reading Comprehension" (2019), who train a model for it.
    """
    from embeddings.encoder import SentenceEncoder

    chosen = [e for e in examples if e.answerable and rng.random() < share]
    counts = Counter(word for e in examples for word in set(_WORD.findall(e.question)))
    words = sorted(word for word, count in counts.items() if count >= _COMMON and _usable(word))
    neighbours = _neighbours(words)
    seen = _word_pairs({e.context for e in examples} | {e.question for e in examples})
    pairs = []
    for example in chosen:
        question = _swapped(example, neighbours, seen, rng)
        if question:
            pairs.append((example, question))
    encoder = SentenceEncoder()
    before = encoder.encode([example.question for example, _ in pairs])
    after = encoder.encode([question for _, question in pairs])
    likeness = (before * after).sum(axis=1)
    return list(examples) + [
        replace(example, question=question, start=-1, end=-1, taught=False)
        for (example, question), alike in zip(pairs, likeness, strict=True)
        if alike < _SAME
    ]


def _usable(word: str) -> bool:
    return len(word) > 1 and word.lower() not in _KEPT


def _swapped(
    example: Example,
    neighbours: dict[str, list[str]],
    seen: set[tuple[str, str]],
    rng: random.Random,
) -> str | None:
    """The question with one word changed, or None where no word can be."""
    near = example.context[max(0, example.start - _NEAR) : example.end + _NEAR].lower()
    matches = list(_WORD.finditer(example.question))
    places = [
        i for i, match in enumerate(matches) if match[0] in neighbours and match[0].lower() in near
    ]
    rng.shuffle(places)
    for i in places:
        before, after = (
            _kind(matches[j][0]) if 0 <= j < len(matches) else "" for j in (i - 1, i + 1)
        )
        others = [
            word
            for word in neighbours[matches[i][0]]
            if word.lower() not in near
            and (not before or (before, _kind(word)) in seen)
            and (not after or (_kind(word), after) in seen)
        ]
        if others:
            start, end = matches[i].span()
            return example.question[:start] + rng.choice(others) + example.question[end:]
    return None


def _word_pairs(texts: Iterable[str]) -> set[tuple[str, str]]:
    """Which words (capitalised ones and numbers as kinds) stand beside each other, twice at least."""
    counts: Counter[tuple[str, str]] = Counter()
    for text in texts:
        kinds = [_kind(word) for word in _WORD.findall(text)]
        counts.update(pairwise(kinds))
    return {pair for pair, count in counts.items() if count > 1}


def _kind(word: str) -> str:
    if word[0].isdigit():
        return "0"
    return "A" if word[0].isupper() else word


def _neighbours(words: Sequence[str]) -> dict[str, list[str]]:
    """Of each word those of like use, written alike (capital, number) and of another stem."""
    vectors = _vectors(words)
    found = {}
    for first in range(0, len(words), 1024):
        near = vectors[first : first + 1024] @ vectors.T
        best = np.argsort(-near, axis=1)[:, 1 : 4 * _NEIGHBOURS]
        for word, row in zip(words[first : first + 1024], best, strict=True):
            others = [words[i] for i in row.tolist() if _exchangeable(word, words[i])]
            found[word] = others[:_NEIGHBOURS]
    return found


def _exchangeable(word: str, other: str) -> bool:
    kinds = [(w[0].isupper(), w[0].isdigit()) for w in (word, other)]
    a, b = word.lower(), other.lower()
    stem = min(len(a), len(b), 4)
    return kinds[0] == kinds[1] and (a[0].isdigit() or a[:stem] != b[:stem])


def _vectors(words: Sequence[str]) -> npt.NDArray[np.float32]:
    """The mean of the input embeddings of each word's pieces, of length 1: shape (words, dimension)."""
    from transformers import AutoModel, AutoTokenizer

    from embeddings.loading import quiet
    from embeddings.packaged import packaged_folder

    with quiet():
        tokenizer = AutoTokenizer.from_pretrained(packaged_folder(), local_files_only=True)
        model = AutoModel.from_pretrained(packaged_folder(), local_files_only=True)
    table = model.get_input_embeddings().weight.detach().float().numpy()
    pieces = tokenizer(list(words), add_special_tokens=False)["input_ids"]
    means = np.stack([table[ids].mean(axis=0) for ids in pieces])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means / lengths, dtype=np.float32)
