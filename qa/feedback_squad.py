"""Feedback as questions with known answers, in SQuAD's format, version 2.0.

A context is a stretch of an article, letter for letter; who said something is nowhere in it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from unicodedata import normalize

from corpus.article import Article
from corpus.characters import whole
from corpus.sentences import sentence_spans
from qa.citing import quote_span
from qa.feedback import Opinion
from qa.people import hashed
from qa.refusal import no_question
from qa.result import Answer, Citation, RankedPassage

__all__ = ["exported"]

ArticleOf = Callable[[str], Article | None]

_SHORT, _LONG = 500, 1500  # characters: between them a context ends with its paragraph
_WRAPPING = (
    " \t\n\"'“”„‘’«»‹›.,;:!?…()[]"  # what may stand around a correction and is not part of it
)

_NOT_SAID = "with no word of what would be right"
_NOWHERE = "with a correction that stands in none of its articles"
_GONE = "of words that stand in no article any more"
_DENIED = "that as many people call wrong"
_ANSWERED = "said to have no answer, to which others know one"
_NO_QUESTION = "that are not questions"


@dataclass(frozen=True, slots=True)
class _Example:
    """A question of characters ``start`` to ``end`` of an article, and where in it the answer
    stands; None where these do not answer."""

    question: str
    article: Article
    start: int
    end: int
    answer: tuple[int, int] | None

    @property
    def context(self) -> str:
        return self.article.text[self.start : self.end]


def exported(
    opinions: Sequence[Opinion], article_of: ArticleOf
) -> tuple[dict[str, Any], Counter[str]]:
    """The questions as ``quoth evaluate`` reads them, and how many opinions could not be used, by
    the reason (which goes after "3 ").

    An answer called right is one to its question. A refusal called right makes the question
    impossible for the closest passage. What was called wrong is of use with a correction that
    stands in an article that was cited or read. Whatever as many people call wrong as right is
    left out.
    """
    article_of = cache(article_of)
    votes = Counter[tuple[str, str | None]]()
    for opinion in opinions:
        votes[_key(opinion.answer)] += 1 if opinion.good else -1
    unused = Counter[str]()
    examples: list[_Example] = []
    for opinion in opinions:
        if opinion.good and votes[_key(opinion.answer)] <= 0:
            unused[_DENIED] += 1
        elif isinstance(found := _example(opinion, article_of), str):
            unused[found] += 1
        else:
            examples.append(found)
    answered = {_folded(example.question) for example in examples if example.answer}
    known = [e for e in examples if e.answer or _folded(e.question) not in answered]
    unused[_ANSWERED] += len(examples) - len(known)
    return {"version": "v2.0", "data": _data(known)}, +unused


def _key(answer: Answer) -> tuple[str, str | None]:
    return _folded(_asked(answer)), answer.text


def _asked(answer: Answer) -> str:
    return " ".join(whole(answer.resolved_question or answer.question).split())


def _folded(question: str) -> str:
    return question.casefold()


def _example(opinion: Opinion, article_of: ArticleOf) -> _Example | str:
    """What an opinion comes to, or why it comes to nothing."""
    answer = opinion.answer
    asked = _asked(answer)
    if no_question(asked):
        return _NO_QUESTION
    if opinion.good and not answer.found:
        for article, start, end in _standing(answer.passages, article_of):
            return _Example(asked, article, start, end, None)
        return _GONE
    if opinion.good:
        for citation in answer.citations:
            for article, start, _ in _standing([citation], article_of):
                first = start + citation.answer_start - citation.start
                place = first, first + len(citation.answer)
                if citation.answer:
                    return _Example(asked, article, *_around(article, *place), place)
        return _GONE
    if not any(c.isalnum() for c in opinion.correction):
        return _NOT_SAID
    for words in _readings(opinion.correction):
        for article, start, end in _places(answer, article_of):
            if match := words.search(article.text, start, end):
                return _Example(asked, article, *_around(article, *match.span()), match.span())
    return _NOWHERE


def _standing(
    quoted: Iterable[Citation | RankedPassage], article_of: ArticleOf
) -> Iterator[tuple[Article, int, int]]:
    """Where these words stand now, of those that still do."""
    for item in quoted:
        words = item.quote if isinstance(item, Citation) else item.text
        article = article_of(item.article.id)
        if article is None or not words:
            continue
        start = item.start
        if article.text[start : start + len(words)] != words:
            start = article.text.find(words)  # the article has changed
        if start >= 0:
            yield article, start, start + len(words)


def _places(answer: Answer, article_of: ArticleOf) -> Iterator[tuple[Article, int, int]]:
    """Where a correction is looked for: what was quoted, what was read, then all of the articles."""
    shown: list[Citation | RankedPassage] = [*answer.quotes, *answer.passages]
    yield from _standing(shown, article_of)
    for name in dict.fromkeys(item.article.id for item in shown):
        if article := article_of(name):
            yield article, 0, len(article.text)


def _readings(correction: str) -> Iterator[re.Pattern[str]]:
    """What to look for: the words as typed, then in any case, then without marks around them;
    each with accents as typed, as letters of their own, and apart."""
    typed = whole(correction).strip()
    bare = typed.strip(_WRAPPING).strip()
    for words, flags in ((typed, re.NOFLAG), (typed, re.IGNORECASE), (bare, re.IGNORECASE)):
        forms = (words, normalize("NFC", words), normalize("NFD", words))
        yield re.compile("|".join(map(_pattern, dict.fromkeys(forms))), flags)


def _pattern(words: str) -> str:
    pattern = r"\s+".join(map(re.escape, words.split()))
    if _spaced(words[0]):
        pattern = r"(?<!\w)" + pattern
    if _spaced(words[-1]):
        pattern += r"(?![\w\u0300-\u036f])"  # nor before an accent
    return pattern


def _spaced(letter: str) -> bool:
    """Whether words of this letter end where the letters end: 42 does not stand in 1942. Not
    all scripts put spaces between words; those with capitals do."""
    return letter.isdigit() or letter.lower() != letter.upper()


def _around(article: Article, start: int, end: int) -> tuple[int, int]:
    """The stretch of an article that characters ``start`` to ``end`` stand in; for all places in it
    the same one, unless they lie in two."""
    touched = [
        stretch for stretch in _stretches(article) if stretch[0] < end and start < stretch[1]
    ]
    first = min([start, *(a for a, _ in touched)])
    last = max([end, *(b for _, b in touched)])
    return (first, last) if last - first <= 2 * _LONG else quote_span(article, start, end)


@lru_cache(maxsize=64)
def _stretches(article: Article) -> list[tuple[int, int]]:
    """Paragraphs, short ones put together, long ones cut between sentences."""
    found: list[tuple[int, int]] = []
    for start, end in sentence_spans(article.text, article.language):
        if found:
            first, last = found[-1]
            ends = "\n\n" in article.text[last:start]
            if end - first <= _LONG and not (ends and last - first >= _SHORT):
                found[-1] = first, end
                continue
        found.append((start, end))
    return found


def _data(examples: Iterable[_Example]) -> list[dict[str, Any]]:
    """Articles, their contexts, the questions of each: everything once."""
    articles: dict[str, dict[str, Any]] = {}
    contexts: dict[tuple[str, int, int], dict[str, Any]] = {}
    questions: dict[str, dict[str, Any]] = {}
    for e in examples:
        article = articles.setdefault(e.article.id, {"title": e.article.title, "paragraphs": []})
        place = e.article.id, e.start, e.end
        if place not in contexts:
            contexts[place] = {"context": e.context, "qas": []}
            article["paragraphs"].append(contexts[place])
        name = hashed(f"{_folded(e.question)}\n{place}")[:24]
        if name not in questions:
            questions[name] = {
                "id": name, "question": e.question, "answers": [], "is_impossible": not e.answer,
            }  # fmt: skip
            contexts[place]["qas"].append(questions[name])
        if e.answer:
            start, end = e.answer
            answer = {"text": e.article.text[start:end], "answer_start": start - e.start}
            if answer not in questions[name]["answers"]:
                questions[name]["answers"].append(answer)
    return list(articles.values())
