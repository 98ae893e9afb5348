"""Which articles say the same, and which of them only repeat another."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from corpus.article import Article
from qa.decision import Candidate
from qa.retriever import Retrieved
from qa.sameness import differ, same
from qa.spelling import lacks
from qa.text import normalized
from qa.values import value_of, words_of

__all__ = ["best_supported", "copies", "mentioning", "supporting"]

_RIVAL = 0.5  # of the confidence of the likeliest span: less is outvoted by nobody
_OF_OTHERS, _OF_TELLING = 0.5, 0.1  # of the threshold, for an article that says the same
_WEIGHED = 12  # spans, the likeliest, whose support is summed
_SHINGLE = 5  # words; sentences that two writers have in common are shorter
_COPIED = 0.6  # share of the shorter text's shingles


def best_supported(
    candidates: Sequence[Candidate], threshold: float, needed: float = 0.0
) -> list[Candidate]:
    """Of ``candidates``, likeliest first, the answer that most articles give, weighed by how
    likely each gives it, and how likely beside what else it may give: its spans, the likeliest
    first. Copies of an article count once.
    ``threshold`` is the confidence of what is likely, ``needed`` that of an answer.

    On RAMDocs, where one of several articles misinforms, this puts the wrong answer first
    less often than the single likeliest span does; ``qa/benchmarks/sources.py`` measures it.
    """
    least = max(threshold, needed, candidates[0].confidence * _RIVAL)
    likely = [c for c in candidates if c.confidence >= least] or list(candidates[:1])
    own = {c.article.id: c.confidence for c in reversed(candidates)}  # of its likeliest span
    best: list[Candidate] = []
    most = -1.0
    for place, candidate in enumerate(likely[:_WEIGHED]):
        if candidate in best or any(_is_part(candidate, of) for of in likely[:place]):
            continue
        group = supporting(candidate, (c for c in candidates if c is not candidate), threshold)
        copied = copies([c.article for c in group])
        support = sum(
            c.confidence * c.confidence / (own[c.article.id] or 1.0)
            for c, of in zip(group, copied, strict=True)
            if of is None
        )
        if support > most:
            best, most = sorted(group, key=lambda c: -c.confidence), support
    return best


def _is_part(one: Candidate, other: Candidate) -> bool:
    """Whether a date is only a part of another: all the articles of that year would support it."""
    return (
        one.article.id == other.article.id
        and other.start <= one.start
        and one.end <= other.end
        and None not in {value_of(c.text, c.article.language).date for c in (one, other)}
    )


def supporting(chosen: Candidate, others: Iterable[Candidate], threshold: float) -> list[Candidate]:
    """``chosen``, then of each other article the likeliest span that says the same.

    Half of ``threshold`` is enough for those, and of a telling figure a tenth: that another
    article says the same makes what it says more likely too.
    """
    cited = {chosen.article.id: chosen}
    against: dict[str, list[Candidate]] = {}
    values = [value_of(chosen.text, chosen.article.language)]
    needed = threshold * (_OF_TELLING if values[0].telling else _OF_OTHERS)
    for other in others:
        if other.article.id in cited or other.confidence < needed:
            continue
        theirs = value_of(other.text, other.article.language)
        if differ(values[0], theirs):
            against.setdefault(other.article.id, []).append(other)
        # "2019" of an article that has "23 September 2019" there says nothing for the 30th.
        if any(c.start <= other.start < c.end for c in against.get(other.article.id, ())):
            continue
        # With each of them: "in 1992" goes with two days that do not go together.
        if all(same(value, theirs) for value in values):
            cited[other.article.id] = other
            values.append(theirs)
    return list(cited.values())


def mentioning(
    chosen: Candidate, cited: Iterable[Candidate], further: Iterable[Retrieved]
) -> list[Retrieved]:
    """Of ``further`` passages, those that have the answer's words, numbers written in any way;
    the first of each article that is not cited yet."""
    words = value_of(chosen.text, chosen.article.language).tokens
    known = {candidate.article.id for candidate in cited}
    found = []
    for passage in further:
        article = passage.article
        if article.id in known or lacks(passage.text, words):
            continue
        if _within(words, words_of(passage.text, article.language)):
            known.add(article.id)
            found.append(passage)
    return found


def _within(words: tuple[str, ...], text: tuple[str, ...]) -> bool:
    return bool(words) and f" {' '.join(words)} " in f" {' '.join(text)} "


def copies(articles: Sequence[Article]) -> list[int | None]:
    """For each article the place in the list of the earlier one whose text it repeats, or None.

    Wire copies share most of their words in order. Compared are runs of five words: Broder,
    "On the resemblance and containment of documents" (1997).
    """
    runs = [_shingles(article.text) for article in articles]
    found: list[int | None] = []
    for number, own in enumerate(runs):
        first = next((i for i in range(number) if _mostly(own, runs[i])), None)
        # A copy of a copy repeats the same original.
        found.append(first if first is None or found[first] is None else found[first])
    return found


def _mostly(one: frozenset[int], other: frozenset[int]) -> bool:
    shorter = min(len(one), len(other))
    return shorter > 0 and len(one & other) >= _COPIED * shorter


@lru_cache(maxsize=48)  # the same few articles are compared again and again
def _shingles(text: str) -> frozenset[int]:
    words = normalized(text).split()
    return frozenset(hash(tuple(words[i : i + _SHINGLE])) for i in range(len(words) - _SHINGLE + 1))
