"""Files and folders in, articles out.

A format is one function that takes a path and the file's text and yields a ``Draft`` for
each article, or a ``Problem``; ``@reader(".ext")`` registers it.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from corpus.article import Article, Problem
from corpus.characters import printable, whole
from corpus.cleaning import clean
from corpus.dates import iso_date
from corpus.errors import CorpusError
from corpus.markdown import front_matter, plain_text

__all__ = ["Draft", "fingerprint", "located", "read_articles", "reader", "suffixes"]


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as a reader found it: uncleaned text, and metadata that goes before
    whatever the text says of itself. ``key`` tells the articles of one file apart."""

    raw: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


_BYTE_ORDER_MARKS = (  # the longer ones first: they begin like the shorter ones
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

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


def located(path: str | Path) -> Path:
    """The one absolute spelling of a path: ``~``, ``..`` and links resolved.

    Raises CorpusError where that cannot be done.
    """
    try:
        place = Path(os.path.realpath(Path(path).expanduser()))
        place.exists()  # some names cannot even be asked for
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CorpusError(f"{str(path)[:200]}: not a usable path ({reason})") from error
    return place


def reader(*endings: str) -> Callable[[Reader], Reader]:
    """Register a function as the reader of files with these endings (``".txt"``)."""

    def register(function: Reader) -> Reader:
        for ending in endings:
            _READERS[ending.lower()] = function
        return function

    return register


def suffixes() -> tuple[str, ...]:
    """The endings that can be read, in alphabetical order."""
    return tuple(sorted(_READERS))


def read_articles(path: str | Path) -> Iterator[Article | Problem]:
    """The articles of a file, or of all readable files of a folder tree, by name.

    A file that cannot be used comes out as a ``Problem``, and the rest goes on. Article
    ids are the files' paths below ``path``; hidden files are left alone. Raises
    CorpusError if ``path`` does not exist, is a file of no known format, or is a folder
    without any.
    """
    root = located(path)
    base = root if root.is_dir() else root.parent
    files, problems = _files(root)
    yield from problems
    names: set[str] = set()
    for file in files:
        for item in _read_file(file):
            if isinstance(item, Problem):
                yield item
                continue
            name = wanted = _readable(file.relative_to(base).as_posix()) + (
                f"#{item.key}" if item.key else ""
            )
            number = 1
            while name in names:
                number += 1
                name = f"{wanted}~{number}"
            names.add(name)
            yield from _article(name, file, item)


def fingerprint(path: str | Path) -> str:
    """Changes when a file of the corpus comes, changes or goes: from names, sizes and times.

    Raises CorpusError as ``read_articles`` does.
    """
    digest = hashlib.sha256()
    for file in _files(located(path))[0]:
        try:
            facts = file.stat()
        except OSError:
            continue
        digest.update(
            f"{file}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode(errors="surrogateescape")
        )
    return digest.hexdigest()


def _files(root: Path) -> tuple[list[Path], list[Problem]]:
    """The files to read, by name, and the folders below that cannot be entered."""
    known = ", ".join(suffixes())
    if not root.exists():
        raise CorpusError(f"{root}: no such file or folder; give a folder of articles ({known})")
    if not root.is_dir():
        if root.suffix.lower() not in _READERS:
            ending = root.suffix or "without ending"
            raise CorpusError(f"{root}: the format {ending} cannot be read; expected {known}")
        return [root], []
    files: list[Path] = []
    problems: list[Problem] = []

    def refused(error: OSError) -> None:
        problems.append(
            Problem(_readable(str(error.filename)), f"cannot be read ({error.strerror})")
        )

    for folder, folders, names in os.walk(root, onerror=refused):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        files += [
            Path(folder, name)
            for name in sorted(names)
            if not name.startswith(".") and Path(name).suffix.lower() in _READERS
        ]
    if not files and not problems:
        raise CorpusError(
            f"{root}: no articles in this folder; expected files ending in {known}; nothing was changed"
        )
    return files, problems


def _read_file(file: Path) -> Iterator[Draft | Problem]:
    try:
        if file.exists() and not file.is_file():
            raise ValueError("not a regular file")
        text = _decode(file.read_bytes())
        if not text.strip():
            raise ValueError("empty file; expected the text of an article")
        yield from _READERS[file.suffix.lower()](file, text)
    except OSError as error:
        yield Problem(_readable(str(file)), f"cannot be read ({error.strerror})")
    except ValueError as error:
        yield Problem(_readable(str(file)), str(error))


def _readable(name: str) -> str:
    """A file's name as text that can be stored, also where the disk's is no UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _decode(data: bytes) -> str:
    """Text from UTF-8, or from UTF-16/32 that say so. Other encodings are not guessed:
    a wrong guess would misquote. Raises ValueError with the place of the first bad byte."""
    encoding = next(
        (name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8-sig"
    )
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"not {encoding.removesuffix('-sig').upper()} text (byte {error.start}); save it as UTF-8"
        ) from error
    if "\0" in text:
        raise ValueError("not a text file (it holds NUL bytes); export it as text")
    return text


def _article(name: str, file: Path, draft: Draft) -> Iterator[Article | Problem]:
    place = _readable(str(file))
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


@reader(".jsonl")
def _read_json_lines(file: Path, text: str) -> Iterator[Draft | Problem]:
    place = _readable(str(file))
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            why = getattr(error, "msg", "nested too deep, or an endless number")
            yield Problem(f"{place}:{number}", f"not valid JSON ({why})", place)
            continue
        body = (
            next((data[k] for k in ("text", "body", "content") if data.get(k)), None)
            if isinstance(data, dict)
            else None
        )
        if not isinstance(body, str) or not body.strip():
            yield Problem(f"{place}:{number}", 'no article; expected an object with "text"', place)
            continue
        key = next(
            (whole(str(data[k])) for k in ("id", "_id") if data.get(k) not in (None, "")),
            str(number),
        )
        yield Draft(body, {str(k).lower(): v for k, v in data.items()}, key)
