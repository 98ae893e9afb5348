"""From the text of a page to the article: once, before any offset exists.

Reads date, byline, title and publisher where they are plainly there, and drops what is
not the article. No sentence of the article is dropped: of a title the line stays in the
text too, and a paragraph that might be prose is kept.
"""

import re
from dataclasses import dataclass

from corpus.furniture import without_furniture
from corpus.header import ends_sentence, is_header_line, read_header

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


_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u2060\ufeff]")

_NOT_PUBLISHERS = {
    "he", "she", "it", "they", "who", "which", "this", "that",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
}  # fmt: skip
_NEWSWORDS = re.compile(
    r"news$|\.[a-z]{2,4}$|\b(?:agency|broadcast\w*|chronicle|daily|gazette|guardian|herald|journal|magazine|mail|media|mirror"
    r"|news\w*|observer|post|press|radio|review|standard|star|sun|telegraph|times|tribune|tv|weekly"
    r"|wire)\b",
    re.IGNORECASE,
)
# Of one word "…, Ukraine reports." does not tell an agency from who is reported on.
_AGENCIES = {
    "aap", "afp", "anadolu", "ani", "ansa", "ap", "apa", "armenpress", "azertac", "azertag", "bbc",
    "belta", "bloomberg", "bna", "cnn", "dpa", "dw", "efe", "haaretz", "interfax", "interpress", "irna", "itar",
    "kyodo", "lusa", "pap", "pti", "reuters", "ria", "sputnik", "tanjug", "tass", "trend", "turan",
    "ukrinform", "unian", "upi", "xinhua", "yonhap",
}  # fmt: skip
_REPORTS = re.compile(
    r",\s+(?:the\s+)?(?P<name>[A-Z][\w'’&.-]*(?:\s+[A-Z][\w'’&.-]*){0,3})\s+(?:reports|informs)\."
)
_AGENCY = re.compile(r"^[A-Z][A-Z .,'’-]{1,40}\((?P<name>[A-Z][\w .&-]{1,30})\)\s*[-–—]")


def clean(raw: str) -> Cleaned:
    """The article in ``raw``; its paragraphs are separated by one empty line."""
    header = read_header(without_furniture(_paragraphs(raw)))
    found = dict(header.metadata)
    if header.paragraphs:
        if "title" not in found and _is_title(header.paragraphs):
            found["title"] = header.paragraphs[0]
        if "publisher" not in found and (name := _publisher(header.paragraphs)):
            found["publisher"] = name
    return Cleaned("\n\n".join(header.paragraphs), **found)


def _paragraphs(raw: str) -> list[str]:
    text = _BREAKS.sub("\n", raw.replace("\u2029", "\n\n")).replace("\x1f", " ")
    paragraphs: list[str] = []
    for block in re.split(r"\n[^\S\n]*\n", _CONTROL.sub("", text)):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        paragraphs += [" ".join(lines)] if _is_wrapped(lines) else lines
    return paragraphs


def _is_wrapped(lines: list[str]) -> bool:
    """Whether a paragraph was broken into lines of one width, as in e-mail."""
    if len(lines) < 2 or (len(lines) == 2 and not ends_sentence(lines[1])):
        return False
    full = lines[:-1]
    widest = max(map(len, full))
    return (
        45 <= widest <= 100
        and min(map(len, full)) > 0.6 * widest
        and len(lines[-1]) <= 1.1 * widest
        and sum(map(ends_sentence, full)) <= len(full) / 2
        and not any(map(is_header_line, lines))
    )


def _is_title(paragraphs: list[str]) -> bool:
    """A first line that is no sentence by its end, with something longer after it."""
    line = paragraphs[0]
    return (
        len(paragraphs) > 1
        and 1 < len(line.split()) <= 30
        and not ends_sentence(line)
        and any(len(paragraph) > len(line) for paragraph in paragraphs[1:4])
        and any(character.isalpha() for character in line)
    )


def _publisher(paragraphs: list[str]) -> str | None:
    """The agency or paper that signs the opening: "…, Report informs.", "BAKU (Trend) —".

    "…, John Smith reports." names a reporter, "…, NATO reports." a body: before "reports" stands a
    known agency, or what sounds like a paper.
    """
    for paragraph in paragraphs[:3]:
        match = _AGENCY.match(paragraph) or _REPORTS.search(paragraph)
        if match is None or match["name"].lower() in _NOT_PUBLISHERS:
            continue
        name = match["name"].strip()
        if (
            not match[0].endswith("reports.")
            or _NEWSWORDS.search(name)
            or (" " not in name and _AGENCIES.intersection(re.split(r"[.-]", name.lower())))
        ):
            return name
    return None
