"""What the top lines of a page say of the article: date, byline, named fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from corpus.dates import iso_date

__all__ = ["Header", "ends_sentence", "is_header_line", "read_header"]


@dataclass(frozen=True, slots=True)
class Header:
    """The metadata that was read, and the paragraphs without the lines it was read from.

    Keys are ``title``, ``author``, ``published``, ``publisher`` and ``source``.
    """

    paragraphs: list[str]
    metadata: Mapping[str, str] = field(default_factory=dict)


_FIELD = re.compile(
    r"^(?P<key>title|headline|date|published(?: on| at)?|publication date|updated|author|byline|by"
    r"|source|publisher|url|link)\s*:\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_FIELD_NAME = {
    "title": "title", "headline": "title",
    "date": "published", "published": "published", "published on": "published",
    "published at": "published", "publication date": "published", "updated": "updated",
    "author": "author", "byline": "author", "by": "author",
    "publisher": "publisher", "source": "source", "url": "url", "link": "url",
}  # fmt: skip

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_LONG_DATE = rf"{_DAY}(?:{_NTH}\s+{_MONTH},?\s+\d{{4}}|{_MONTH}\s+{_NTH},?\s+\d{{4}})"
_ZONE = r"(?:UTC|GMT|[A-Z]{2,4})(?:[+-]\d{1,2}:?\d{0,2})?"
_CLOCK = rf"(?:[,\s]*(?:at\s+)?\d{{1,2}}[:.]\d{{2}}(?::\d{{2}})?(?:\s*[ap]\.?m\.?)?)?(?:\s*\(?{_ZONE}\)?)?"
_DATE_THEN = re.compile(r"^[Dd]ate[:\s]\s*(?P<date>\d{4}-\d{2}-\d{2})(?=\s+[^\Wa-z_]|\s*$)")
_DATE_LINE = re.compile(
    rf"^(?:(?P<said>published|posted|(?P<updated>(?:last )?(?:updated|modified)))(?: on)?:?\s+)?"
    rf"(?:\d{{1,2}}:\d{{2}}\s*[ap]\.?m\.?(?:\s+{_ZONE})?,\s+)?"
    rf"(?P<date>{_LONG_DATE}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?P<mark>[./])\d{{1,2}}(?P=mark)\d{{4}}){_CLOCK}"
    r"(?(said)(?:\s+by\s+(?P<by>[^,:;.]{1,60}))?)\s*$",
    re.IGNORECASE,
)
_NAME = r"[^\W\d_][\w'’.-]*"
_FULL_NAME = rf"{_NAME}(?:\s+(?!and\b){_NAME}){{1,4}}"
# One author or several, and behind a comma or a bar for whom they write.
_BYLINE = re.compile(
    rf"^[Bb]y\s+(?P<name>{_FULL_NAME}(?:(?:,|,?\s+and|\s+&)\s+{_FULL_NAME}){{0,4}})(?:\s+\|\s+\S.{{1,40}})?$"
)
_DAYS = re.compile(
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|yesterday|tomorrow"
    r"|morning|afternoon|evening|night|week|month)\b",
    re.IGNORECASE,
)
# What stands alone above the prose and is no author: rubrics and places.
_NO_NAME = re.compile(
    r"\b(?:news|breaking|live|latest|updates?|exclusive|analysis|opinion|editorial|interview|report|review"
    r"|video|photos?|city|county|state|street|island|republic|kingdom|region|district)\b"
    r"|^(?:new|san|santa|los|las|el|north|south|east|west|northern|southern|eastern|western|central|united|upper|lower) |"
    + _DAYS.pattern,
    re.IGNORECASE,
)
_BARE_NAME = re.compile(rf"^{_NAME}\s+(?:[^\W\d_]\.\s+)?{_NAME}$")
_SMALL_WORDS = {
    "a",
    "and",
    "at",
    "by",
    "for",
    "in",
    "no",
    "not",
    "of",
    "on",
    "or",
    "the",
    "to",
    "with",
}
_ENDS_SENTENCE = re.compile(r"[.!?…:;,。！？؟۔।][\"”’'»“)\]]*$")


def ends_sentence(line: str) -> bool:
    """Whether a line ends as sentences do, and titles do not."""
    return bool(_ENDS_SENTENCE.search(line))


def is_header_line(line: str) -> bool:
    """Whether a line is a date, a byline or a named field by its form."""
    return bool(_DATE_THEN.match(line) or _DATE_LINE.match(line) or _byline(line) or _field(line))


def read_header(paragraphs: Sequence[str]) -> Header:
    """Read the lines at the very top, as long as they are those of a header."""
    rest = list(paragraphs)
    found: dict[str, str] = {}
    titles: list[str] = []  # a title may stand above the date and the byline; it stays
    while rest:
        line = rest[0]
        if match := _DATE_THEN.match(line):
            if day := iso_date(match["date"]):
                found.setdefault("published", day)
            rest[0] = line[match.end() :].strip()
            if rest[0]:
                continue
        elif (match := _DATE_LINE.match(line)) and (day := iso_date(match["date"])):
            found.setdefault("updated" if match["updated"] else "published", day)
            if match["by"] and _is_proper(match["by"], small_words=False):
                found.setdefault("author", match["by"])
        elif read := _field(line):
            found.setdefault(*read)
        elif name := _byline(line):
            found.setdefault("author", name)
        elif "published" in found and "author" not in found and _is_bare_name(rest):
            found["author"] = line
        elif not titles and (above := _above_header(rest)):
            titles = rest[:above]
            rest = rest[above - 1 :]
        else:
            break
        rest.pop(0)
    if titles:
        found.setdefault("title", titles[0])
    if updated := found.pop("updated", None):
        found.setdefault("published", updated)
    return Header(titles + rest, found)


def _above_header(rest: Sequence[str]) -> int:
    """How many lines of title stand above the date or the byline: one, or two with a standfirst."""
    if ends_sentence(rest[0]) and not re.search(r"[?!]$", rest[0]):
        return 0
    if len(rest) > 1 and is_header_line(rest[1]):
        return 1
    signed = len(rest) > 2 and (_byline(rest[2]) or _DATE_LINE.match(rest[2]))
    dated = sum(bool(_DATE_LINE.match(line)) for line in rest)
    # More dates are those of a chronicle.
    return 2 if signed and dated < 3 and len(rest[1].split()) <= 40 else 0


def _field(line: str) -> tuple[str, str] | None:
    """Name and value of a line such as ``Source: Harlow Gazette``; None if it rather is a
    sentence or its value is not of the kind that the name promises."""
    match = _FIELD.match(line)
    if not match:
        return None
    name, value = _FIELD_NAME[match["key"].lower()], match["value"].strip()
    if name == "title":
        return (name, value) if len(value.split()) <= 30 else None
    if name in ("published", "updated"):
        day = None if len(value.split()) > 6 or value.endswith(".") else iso_date(value)
        return (name, day) if day else None
    if re.match(r"(?:https?://|www\.)\S+$", value):
        return "source", value
    if name == "url" or ends_sentence(value) or not _is_proper(value):
        return None
    return name, value


def _byline(line: str) -> str | None:
    match = _BYLINE.match(line)
    names = re.split(r",?\s+(?:and|&)\s+|,\s+", match["name"]) if match else []
    proper = all(
        _is_proper(name, small_words=False) and not all(map(_DAYS.fullmatch, name.split()))
        for name in names
    )
    return match["name"] if match and proper else None


def _is_proper(text: str, *, small_words: bool = True) -> bool:
    """A name by its form: at most six words, all but small ones with a capital."""
    words = text.split()
    small = [word for word in words if word.lower() in _SMALL_WORDS]
    if len(words) > 6 or (small and not small_words) or words[0].lower() in _SMALL_WORDS - {"the"}:
        return False
    return all(word[0].isupper() or word.lower() in _SMALL_WORDS for word in words)


def _is_bare_name(rest: Sequence[str]) -> bool:
    """Two capitalised words alone on a line before the prose, which nowhere uses one of them: a
    byline, not a headline, a place or the name of a section."""
    if len(rest) < 2 or not _BARE_NAME.match(rest[0]) or not _is_proper(rest[0], small_words=False):
        return False
    if _NO_NAME.search(rest[0]):
        return False
    if len(rest[1].split()) <= 8 or not ends_sentence(rest[1]):
        return False
    below = " ".join(rest[1:])
    if re.search(rf"\b(?:in|at|from|near|to|of|around|outside) {re.escape(rest[0])}\b", below):
        return False  # a place
    # "Follow Ada Birch on X": the whole name may stand below it.
    prose = set(re.findall(r"[^\W\d_]+", below.replace(rest[0], " ").lower()))
    return not {word.lower() for word in rest[0].split()} & prose
