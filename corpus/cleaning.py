"""From the text of a page to the article: once, before any offset exists.

Reads date, byline, title and publisher where they are plainly there, and drops what is
not the article. No sentence of the article is dropped: of a title the line stays in the
text too, and a paragraph that might be prose is kept.
"""

import re
import unicodedata
from dataclasses import dataclass

from corpus.dates import iso_date
from corpus.furniture import without_furniture

__all__ = ["Cleaned", "clean"]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The article's text and what it says of itself; None where it does not say."""

    text: str
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    source: str | None = None


_FIELD = re.compile(
    r"^(?P<key>title|headline|date|published(?: on| at)?|publication date|updated|author|byline|by"
    r"|source|publisher|url|link)\s*:\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_FIELD_NAME = {
    "title": "title", "headline": "title",
    "date": "published", "published": "published", "published on": "published",
    "published at": "published", "publication date": "published",
    "author": "author", "byline": "author", "by": "author",
    "publisher": "publisher", "source": "source", "url": "source", "link": "source",
}  # fmt: skip

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_CLOCK = r"(?:[,\s]*(?:at\s+)?\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?)?(?:\s*\(?(?:UTC|GMT|[A-Z]{2,4})(?:[+-]\d{1,2}:?\d{0,2})?\)?)?"
_LONG_DATE = rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?(?:\d{{1,2}}\s+{_MONTH}\s+\d{{4}}|{_MONTH}\s+\d{{1,2}},?\s+\d{{4}})"
_HEADER_DATE = re.compile(r"^date[:\s]\s*(?P<date>\d{4}-\d{2}-\d{2})(?=\s|$)", re.IGNORECASE)
_DATELINE = re.compile(
    rf"^(?:(?:published|posted|updated)(?: on)?:?\s+)?(?P<date>{_LONG_DATE}|\d{{4}}-\d{{2}}-\d{{2}}){_CLOCK}\s*$",
    re.IGNORECASE,
)

_NAME = r"[^\W\d_][\w'’.-]*"
_BYLINE = re.compile(rf"^by\s+(?P<name>{_NAME}(?:\s+{_NAME}){{1,4}})$", re.IGNORECASE)
_BARE_NAME = re.compile(rf"^{_NAME}(?:\s+{_NAME}){{1,2}}$")

_PRONOUNS = {"he", "she", "it", "they", "who", "which", "this", "that"}
_REPORTS = re.compile(
    r",\s+(?:the\s+)?(?P<name>[A-Z][\w'’&.-]*(?:\s+[A-Z][\w'’&.-]*){0,3})\s+(?:reports|informs)\."
)
_AGENCY = re.compile(r"^[A-Z][\w .,'’-]{1,50}\((?P<name>[A-Z][\w .&-]{1,30})\)\s*[-–—]")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff]")
_ENDS_SENTENCE = re.compile(r"[.!?…:;,][\"”’')\]]*$")


def clean(raw: str) -> Cleaned:
    """The article in ``raw``; its paragraphs are separated by one empty line."""
    paragraphs = _paragraphs(raw)
    found: dict[str, str] = {}
    paragraphs = _read_header(paragraphs, found)
    paragraphs = without_furniture(paragraphs)
    if paragraphs:
        if "title" not in found and _is_title(paragraphs):
            found["title"] = paragraphs[0]
        if "publisher" not in found and (name := _publisher(paragraphs)):
            found["publisher"] = name
    return Cleaned("\n\n".join(paragraphs), **found)


def _paragraphs(raw: str) -> list[str]:
    raw = _CONTROL.sub(
        "",
        raw.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n\n"),
    )
    paragraphs: list[str] = []
    for block in re.split(r"\n[^\S\n]*\n", raw):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        paragraphs += [" ".join(lines)] if _is_wrapped(lines) else lines
    return paragraphs


def _is_wrapped(lines: list[str]) -> bool:
    """Whether a paragraph was broken into lines of one width, as in e-mail."""
    if len(lines) < 2:
        return False
    full = lines[:-1]
    widest = max(map(len, full))
    return (
        45 <= widest <= 100
        and min(map(len, full)) > 0.6 * widest
        and sum(bool(_ENDS_SENTENCE.search(line)) for line in full) <= len(full) / 2
    )


def _read_header(paragraphs: list[str], found: dict[str, str]) -> list[str]:
    """Move the date, byline and named fields at the very top from the text to ``found``."""
    rest = list(paragraphs)
    titles: list[str] = []  # a title may stand above the date and the byline
    while rest:
        line = rest[0]
        if match := _HEADER_DATE.match(line):
            if day := iso_date(match["date"]):
                found.setdefault("published", day)
            rest[0] = line[match.end() :].strip()
            if not rest[0]:
                rest.pop(0)
        elif (match := _DATELINE.match(line)) and (day := iso_date(match["date"])):
            found.setdefault("published", day)
            rest.pop(0)
        elif match := _FIELD.match(line):
            if not _take_field(match, found):
                break
            rest.pop(0)
        elif (match := _BYLINE.match(line)) and _looks_like_name(match["name"]):
            found.setdefault("author", match["name"])
            rest.pop(0)
        elif "published" in found and "author" not in found and _is_bare_name(rest):
            found["author"] = line
            rest.pop(0)
        elif not titles and len(rest) > 1 and _is_title(rest) and _is_header(rest[1]):
            titles.append(rest.pop(0))
        else:
            break
    return titles + rest


def _take_field(match: re.Match[str], found: dict[str, str]) -> bool:
    """Read a line such as ``Source: https://…``; False if it rather is a sentence."""
    name = _FIELD_NAME.get(match["key"].lower())
    value = match["value"].strip()
    if len(value.split()) > 30 or (name != "title" and len(value.split()) > 8):
        return False
    if name == "published":
        day = iso_date(value)
        if day is None:
            return False
        value = day
    if name:
        found.setdefault(name, value)
    return True


def _is_header(line: str) -> bool:
    return bool(_HEADER_DATE.match(line) or _DATELINE.match(line) or _BYLINE.match(line))


def _looks_like_name(text: str) -> bool:
    return all(word[0].isupper() for word in text.split())


def _is_bare_name(rest: list[str]) -> bool:
    """A line of two or three capitalised words between a date and the prose."""
    return (
        len(rest) > 1
        and bool(_BARE_NAME.match(rest[0]))
        and _looks_like_name(rest[0])
        and len(rest[1].split()) > 8
        and bool(_ENDS_SENTENCE.search(rest[1]))
    )


def _is_title(paragraphs: list[str]) -> bool:
    """A first line that is no sentence by its end, with something longer after it."""
    line = paragraphs[0]
    return (
        len(paragraphs) > 1
        and 1 < len(line.split()) <= 30
        and not _ENDS_SENTENCE.search(line)
        and any(len(p) > len(line) for p in paragraphs[1:4])
        and any(unicodedata.category(c).startswith("L") for c in line)
    )


def _publisher(paragraphs: list[str]) -> str | None:
    """The agency or paper that the opening names: "…, Report informs.", "BAKU (Trend) —"."""
    for paragraph in paragraphs[:3]:
        match = _AGENCY.match(paragraph) or _REPORTS.search(paragraph)
        if match and match["name"].lower() not in _PRONOUNS:
            return match["name"].strip()
    return None
