"""Whether exported answers stand in the corpus, letter for letter, where they say."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.characters import whole
from corpus.errors import CorpusError
from qa import export
from qa.agreement import copies
from qa.result import Citation, Source
from qa.sameness import same
from qa.values import value_of

__all__ = ["check"]

ArticleOf = Callable[[str], Article | None]
_PLACE = re.compile(r"<!-- quoth (\{.*\}) -->$")
_NUMBER = re.compile(r"\\\[(\d{1,6})\\\]")


def check(file: Path, article_of: ArticleOf) -> tuple[int, list[str]]:
    """How many quotes a file holds, and what is wrong with it; nothing if all of it stands.

    The file is what was exported as JSON, JSON lines or Markdown. Of JSON every citation,
    source, passage and span is checked, the answer against its first citation, and that its
    citations say the same; of Markdown every quote, with the source and number below it, and every
    answer in bold. Other text may stand between; what was left out, confidences and what
    Markdown says of agreement are not checked. Raises CorpusError if the file cannot be read or holds no quote of Quoth.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise CorpusError(f"{file}: cannot be read ({reason})") from error
    is_json = text.lstrip()[:1] in ("{", "[")
    try:
        found = list(_of_json(text, article_of) if is_json else _of_markdown(text, article_of))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorpusError(
            f"{file}: not what Quoth exports ({type(error).__name__}: {str(error)[:200]}); "
            "expected the output of quoth ask --format json or markdown"
        ) from error
    if not found:
        raise CorpusError(f"{file}: no quotes in it")
    return len(found), [wrong for wrong in found if wrong]


def _of_json(text: str, article_of: ArticleOf) -> Iterator[str]:
    """For each quote, and for each answer, what is wrong with it or ""."""
    try:
        data = json.loads(text)
    except ValueError:  # one answer on each line
        data = [json.loads(line) for line in text.split("\n") if line.strip()]
    for number, answer in enumerate(data if isinstance(data, list) else [data], 1):
        here = f"answer {number}"
        said = [answer, *answer.get("items", []), *answer.get("disagreements", [])]
        wrong = []
        for rank, item in enumerate((item for one in said for item in one["citations"]), 1):
            wrong.append(_citation(f"{here}, citation {rank}", rank, item, article_of))
            yield wrong[-1]
        for rank, item in enumerate(answer["passages"], 1):
            yield _passage(f"{here}, passage {rank}", item["text"], item, article_of)
        for rank, item in enumerate(answer.get("weighed", []), 1):
            yield _passage(f"{here}, span {rank}", item["text"], item, article_of)
        if not any(wrong):
            yield _sum(here, answer, article_of, answer["status"] == "answered")
            for claim in said[1:]:
                yield _sum(f"{here}, {str(claim['text'])!r}", claim, article_of, True)


def _citation(here: str, rank: int, item: Mapping[str, Any], article_of: ArticleOf) -> str:
    if wrong := _passage(here, item["quote"], item, article_of):
        return wrong
    article = article_of(whole(str(item["article"]["id"])))
    start, end = _offset(item, "answer_start"), _offset(item, "answer_end")
    if not item["start"] <= start < end <= item["end"]:
        return f"{here}: the answer does not stand in the quote"
    if item["number"] != rank:
        return f"{here}: it has the number {item['number']}"
    if article and item["hash"] != article.hash:
        return f"{here}: the words stand there, but the article has changed since"
    return ""


def _passage(here: str, words: str, item: Mapping[str, Any], article_of: ArticleOf) -> str:
    name = whole(str(item["article"]["id"]))
    article = article_of(name)
    if article is None:
        return f"{here}: no article {name!r} in the corpus"
    if wrong := _misplaced(article, _offset(item, "start"), _offset(item, "end"), words):
        return f"{here}: {name}: {wrong}"
    source = Source.of(article)
    # Where the files lie may differ; what is cited may not.
    other = [
        k for k in Source.__slots__ if k != "path" and item["article"].get(k) != getattr(source, k)
    ]
    return f"{here}: the article has another {other[0]}" if other else ""


def _sum(here: str, answer: Mapping[str, Any], article_of: ArticleOf, found: bool) -> str:
    """What is wrong with an answer, or with what others say instead, whose citations all stand."""
    citations = answer["citations"]
    if not citations:
        given = found or answer["text"] is not None
        return f"{here}: an answer without a citation" if given else ""
    if not found:
        return f"{here}: it says that nothing was found, and cites"
    articles = [article_of(whole(str(citation["article"]["id"]))) for citation in citations]
    words = [
        article.text[citation["answer_start"] : citation["answer_end"]]
        for article, citation in zip(articles, citations, strict=True)
        if article
    ]
    if words[0] != answer["text"]:
        return f"{here}: the answer is not the words of its first citation"
    values = [value_of(text, a.language) for text, a in zip(words, articles, strict=True) if a]
    # Whole sentences may say the same in other words.
    spans = answer.get("form", "span") in ("span", "list")
    if spans and not all(
        text == words[0] or same(values[0], v) for text, v in zip(words, values, strict=True)
    ):
        return f"{here}: its citations do not say the same"
    copied = copies([article for article in articles if article])
    numbers = [None if place is None else citations[place]["number"] for place in copied]
    if numbers != [citation["copy_of"] for citation in citations]:
        return f"{here}: which articles repeat others is not as it says"
    if answer["support"] != numbers.count(None):
        return f"{here}: {answer['support']} articles are not what is cited"
    return ""


def _of_markdown(text: str, article_of: ArticleOf) -> Iterator[str]:
    """As for JSON. A quote is written again from its article, and has to come out the same."""
    lines = text.replace("\r\n", "\n").split("\n")
    heading = ""
    numbered = 0  # citations of the answer so far
    block: list[int] = []
    for number, line in enumerate(lines):
        if re.match(r"\s{0,3}>", line):
            block.append(number)
        elif place := _PLACE.match(line):
            first = block[0] if block else number
            wrong, answer = _block(lines[first : number + 2], json.loads(place[1]), article_of)
            yield f"line {first + 1}: {wrong}" if wrong else ""
            numbered += 1
            if not wrong and not lines[number + 1].startswith(f"\\[{numbered}\\]"):
                yield f"line {number + 2}: not the number {numbered}"
            if heading and not wrong and heading != answer:
                yield f"line {first + 1}: the answer above is not the words of this quote"
            heading, block = "", []
        elif line.startswith("## "):
            heading, numbered = "", 0
        elif re.search(r"(?<!\\)<!-- quoth", line):
            yield f"line {number + 1}: the place of a quote, not as it was exported"
        elif line.strip() and block:
            yield f"line {block[0] + 1}: a quote without its place"
            block = []
        elif re.fullmatch(r"\*\*.+\*\*", line):
            heading = line
    if block:
        yield f"line {block[0] + 1}: a quote without its place"


def _block(lines: list[str], place: dict[str, Any], article_of: ArticleOf) -> tuple[str, str]:
    """What is wrong with the lines from a quote to its source, and its answer in bold."""
    article = article_of(whole(str(place["article"])))
    if article is None:
        return f"no article {place['article']!r} in the corpus", ""
    start, end, first, last = (
        _offset(place, key) for key in ("start", "end", "answer_start", "answer_end")
    )
    shown = [line[2:] if line.startswith("> ") else line[1:] for line in lines if line[:1] == ">"]
    if wrong := _misplaced(article, start, end, export.unmarked("\n".join(shown))):
        return wrong, ""
    if not start <= first < last <= end:
        return "the answer does not stand in the quote", ""
    if place["hash"] != article.hash:
        return "the words stand there, but the article has changed since", ""
    number = _NUMBER.match(lines[-1])
    repeats = re.search(r" Repeats \\\[(\d{1,6})\\\]\.$", lines[-1])
    again = Citation(
        int(number[1]) if number else 0, Source.of(article), article.text[start:end],
        start, end, first, last, None, article.hash,
    )  # fmt: skip
    copied = replace(again, copy_of=int(repeats[1])) if repeats else again  # or a title ends so
    if "\n".join(lines) not in (export.quoted(again), export.quoted(copied)):
        return "the marks or the source are not as they were exported", ""
    return "", export.heading(again.answer)


def _misplaced(article: Article, start: int, end: int, words: str) -> str:
    if start < end and article.text[start:end] == words:
        return ""
    moved = article.text.find(words) if words else -1
    there = f"; they stand at {moved}" if moved >= 0 else ""
    return f"not these words at characters {start} to {end}{there}"


def _offset(item: Mapping[str, Any], key: str) -> int:
    value = item[key]
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError(f"{key} is no offset")
    return value
