"""Files and folders in, articles out.

A format is one function that takes a path and the file's text and yields a ``Draft`` for
each article, or a ``Problem``; ``@reader(".ext")`` registers it. Where each line is an
article, files of any size are read line by line.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from corpus.article import Article, Problem
from corpus.characters import printable, whole
from corpus.cleaning import clean
from corpus.dates import iso_date
from corpus.files import File, files, lines, located, readable, whole_text
from corpus.markdown import front_matter, plain_text

__all__ = [
    "READING_VERSION",
    "Draft",
    "fingerprint",
    "read_articles",
    "read_file",
    "reader",
    "suffixes",
]

READING_VERSION = "3"
"""Change it whenever articles would come out otherwise: files that have not changed are then
read again."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as a reader found it: uncleaned text, and metadata that goes before
    whatever the text says of itself. ``key`` tells the articles of one file apart."""

    raw: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


Reader = Callable[[Path, str], Iterator[Draft | Problem]]

_READERS: dict[str, Reader] = {}

_KEYS = {
    "title": ("title", "headline"),
    "publisher": ("publisher", "site", "outlet"),
    "author": ("author", "authors", "byline", "creator"),
    "published": ("published", "date", "published_at", "publication_date", "pubdate"),
    "source": ("url", "source", "link"),
    "language": ("language", "lang"),
}
_MISTAKES = 20  # lines that are no text; a file with more is no file of articles
_BODY = ("text", "body", "content")


def reader(*endings: str) -> Callable[[Reader], Reader]:
    """Register a function as the reader of files with these endings (``".txt"``)."""

    def register(function: Reader) -> Reader:
        for ending in endings:
            _READERS[ending.lower()] = function
        return function

    return register


def suffixes() -> tuple[str, ...]:
    """The endings that can be read, in alphabetical order."""
    return tuple(sorted({*_READERS, *_LINE_READERS}))


def read_articles(path: str | Path) -> Iterator[Article | Problem]:
    """The articles of a file, or of all readable files of a folder tree, by name.

    A file that cannot be used comes out as a ``Problem``, and the rest goes on. Article
    ids are the files' paths below ``path``; hidden files are left alone. Raises
    CorpusError if ``path`` does not exist, is a file of no known format, or is a folder
    without any.
    """
    root = located(path)
    for file in files(root, suffixes()):
        if isinstance(file, Problem):
            yield file
        else:
            yield from (item for item, _ in read_file(file, root))


def read_file(file: File, root: Path) -> Iterator[tuple[Article | Problem, int]]:
    """The articles and problems of one file of ``root``, and the bytes read with each."""
    base = root if root.is_dir() else root.parent
    place = readable(file.path.relative_to(base).as_posix())
    names: set[str] = set()
    try:
        for draft, done in _drafts(file):
            if isinstance(draft, Problem):
                yield draft, done
                continue
            name = wanted = f"{place}#{draft.key}" if draft.key else place
            number = 1
            while name in names:
                number += 1
                name = f"{wanted}~{number}"
            names.add(name)
            for item in _article(name, file, draft):
                yield item, done
    except OSError as error:
        yield Problem(file.name, f"cannot be read ({error.strerror})", file.name), file.size
    except ValueError as error:
        yield Problem(file.name, str(error), file.name), file.size


def _drafts(file: File) -> Iterator[tuple[Draft | Problem, int]]:
    ending = file.path.suffix.lower()
    if ending not in _READERS:
        read, undecodable = _LINE_READERS[ending], 0
        for number, (line, done) in enumerate(lines(file.path), 1):
            if isinstance(line, ValueError):
                undecodable += 1
                if undecodable > _MISTAKES:
                    raise line
                yield Problem(f"{file.name}:{number}", str(line), file.name), done
                continue
            for item in read(f"{file.name}:{number}", number, line) if line.strip() else ():
                yield item, done
    else:
        for item in _READERS[ending](file.path, whole_text(file.path)):
            yield item, file.size


def fingerprint(path: str | Path) -> str:
    """Changes when a file of the corpus comes, changes or goes: from names, sizes and times.

    Raises CorpusError as ``read_articles`` does.
    """
    digest = hashlib.sha256()
    for file in files(located(path), suffixes()):
        if isinstance(file, File):
            digest.update(f"{file.path}\0{file.stamp}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _article(name: str, file: File, draft: Draft) -> Iterator[Article | Problem]:
    place = file.name
    where = f"{place}#{draft.key}" if draft.key else place
    cleaned = clean(whole(draft.raw))
    if not cleaned.text:
        yield Problem(where, "no text of an article in it")
        return
    given = {ours: _first(draft.metadata, theirs) for ours, theirs in _KEYS.items()}
    if given["published"] is not None and (day := iso_date(given["published"])) is None:
        yield Problem(
            where,
            f"date {given['published']!r} not understood; kept without (write YYYY-MM-DD)",
        )
        given["published"] = None
    elif given["published"] is not None:
        given["published"] = day
    given = {
        key: value if value is not None else getattr(cleaned, key, None)
        for key, value in given.items()
    }
    title = given.pop("title") or _opening(cleaned.text)
    yield Article(id=name, title=title, text=cleaned.text, path=place, **given)


def _first(metadata: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((text for key in keys if (text := _said(metadata.get(key)))), None)


def _said(value: Any) -> str:
    """A metadata value as one line of text; "" for what is none. Of objects the name."""
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_said, value)))
    if isinstance(value, dict):
        return _said(value.get("name"))
    if isinstance(value, bool) or not isinstance(value, str | int | date):
        return ""
    return " ".join(printable(str(value)).split())


def _opening(text: str, longest: int = 90) -> str:
    """The article's first words, to stand for the title that it does not have."""
    line = text.split("\n", 1)[0]
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


@reader(".txt")
def _read_text(file: Path, text: str) -> Iterator[Draft]:
    yield Draft(text)


@reader(".md", ".markdown")
def _read_markdown(file: Path, text: str) -> Iterator[Draft]:
    metadata, body = front_matter(text.replace("\r\n", "\n"))
    title, plain = plain_text(body)
    yield Draft(plain, {"title": title} | metadata)


def _read_json_line(place: str, number: int, line: str) -> Iterator[Draft | Problem]:
    file = place.rpartition(":")[0]
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = getattr(error, "msg", "nested too deep, or an endless number")
        yield Problem(place, f"not valid JSON ({why})", file)
        return
    body = next((data[k] for k in _BODY if data.get(k)), None) if isinstance(data, dict) else None
    if not isinstance(body, str) or not body.strip():
        # A record that says it has no text is known; of another form nobody knows what it was.
        said = [data[k] for k in _BODY if k in data] if isinstance(data, dict) else []
        known = bool(said) and all(
            v is None or (isinstance(v, str) and not v.strip()) for v in said
        )
        yield Problem(place, 'no article; expected an object with "text"', None if known else file)
        return
    key = next(
        (whole(str(data[k])) for k in ("id", "_id") if data.get(k) not in (None, "")),
        str(number),
    )
    yield Draft(body, {str(k).lower(): v for k, v in data.items()}, key)


_LINE_READERS = {".jsonl": _read_json_line}  # one article a line: read without the whole file
