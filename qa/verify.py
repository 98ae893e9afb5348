"""Whether exported quotes stand in the corpus, letter for letter, where they say."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.article import Article
from corpus.errors import CorpusError
from qa.export import unmarked

__all__ = ["Quote", "complaint", "quotes"]

_PLACE = re.compile(r"<!-- quoth (\{.*\}) -->$")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that are said to stand at characters ``start`` to ``end`` of an article.

    ``hash`` is that of the article when it was quoted; ``answer`` are the words and the
    offsets of the answer inside, where they are given; ``where`` says where the quote was
    read.
    """

    where: str
    article: str
    hash: str | None
    text: str
    start: int
    end: int
    answer: tuple[str | None, int, int] | None = None


def quotes(file: Path) -> list[Quote]:
    """The quotes of exported answers: JSON, JSON lines, or Markdown.

    Raises CorpusError if the file cannot be read or holds no quote of Quoth.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise CorpusError(f"{file}: cannot be read ({reason})") from error
    try:
        is_json = text.lstrip()[:1] in ("{", "[")
        found = list(_of_json(text) if is_json else _of_markdown(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorpusError(
            f"{file}: not what Quoth exports ({type(error).__name__}: {error}); "
            "expected the output of quoth ask --format json or markdown"
        ) from error
    if not found:
        raise CorpusError(f"{file}: no quotes in it")
    return found


def _of_json(text: str) -> Iterator[Quote]:
    try:
        data = json.loads(text)
    except ValueError:  # one answer on each line
        data = [json.loads(line) for line in text.splitlines() if line.strip()]
    for number, answer in enumerate(data if isinstance(data, list) else [data], 1):
        for kind in ("citations", "passages"):
            for item in answer[kind]:
                rank = item["number" if kind == "citations" else "rank"]
                where = f"answer {number}, {kind[:-1]} {rank}"
                first = kind == "citations" and rank == 1
                yield Quote(
                    where, str(item["article"]["id"]), item.get("hash"),
                    str(item["quote" if kind == "citations" else "text"]),
                    int(item["start"]), int(item["end"]),
                    (answer["text"] if first else None, int(item["answer_start"]), int(item["answer_end"]))
                    if kind == "citations" else None,
                )  # fmt: skip


def _of_markdown(text: str) -> Iterator[Quote]:
    block: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(">"):
            block.append(line[2:] if line.startswith("> ") else line[1:])
        elif match := _PLACE.match(line.rstrip("\r")):
            place = json.loads(match[1])
            words, marks = unmarked("\n".join(block))
            bold = words[marks[0] : marks[1]] if len(marks) == 2 else None
            yield Quote(
                f"line {number}", str(place["article"]), place["hash"], words,
                int(place["start"]), int(place["end"]),
                (bold, int(place["answer_start"]), int(place["answer_end"])),
            )  # fmt: skip
            block = []
        elif line.strip():
            block = []


def complaint(quote: Quote, article_of: Callable[[str], Article | None]) -> str | None:
    """What is wrong with a quote, or None if it stands in its article as it says."""
    article = article_of(quote.article)
    if article is None:
        return f"{quote.where}: no article {quote.article!r} in the corpus"
    here = f"{quote.where}: {quote.article}, characters {quote.start} to {quote.end}"
    if not 0 <= quote.start < quote.end or article.text[quote.start : quote.end] != quote.text:
        moved = article.text.find(quote.text) if quote.text else -1
        return f"{here}: not these words" + (f"; they stand at {moved}" if moved >= 0 else "")
    if quote.answer is not None:
        words, start, end = quote.answer
        inside = quote.start <= start < end <= quote.end
        if not inside or (words is not None and article.text[start:end] != words):
            return f"{here}: the answer does not stand at {start} to {end}"
    if quote.hash is not None and quote.hash != article.hash:
        return f"{here}: the words stand there, but the article has changed since"
    return None
