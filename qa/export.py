"""Answers to keep and to cite: Markdown that can be verified, CSL-JSON and BibTeX."""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from qa.result import Answer, Citation, Source

__all__ = ["bibtex", "csl_json", "heading", "markdown", "quoted", "unmarked"]

# What Markdown could take for markup, and at the start of a line for a heading or a list.
_MARKS = re.compile(r"([\\`*_\[\]<>|~&])|(^[ \t]*)([#+=-])|(^[ \t]*\d{1,9})([.)])", re.MULTILINE)
_URL = "%/:?#[]@!$&'()*+,;=~-._"  # stays as it is; braces and backslashes would not do
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def markdown(answers: Iterable[Answer]) -> str:
    """The answers with every quote in full, each followed by its source and its place.

    The place stands in a comment that readers do not see and ``quoth verify`` reads.
    """
    return "\n".join(map(_section, answers))


def _section(answer: Answer) -> str:
    parts = [f"## {_line(answer.question)}"]
    if answer.rewritten:
        parts.append(f"Understood as: {_line(answer.resolved_question)}")
    if answer.found:
        agreed = f", {answer.support} articles agree" if answer.support > 1 else ""
        parts.append(heading(answer.text or ""))
        parts += map(quoted, answer.citations)
        for item in answer.items:
            parts += [heading(item.text), *map(quoted, item.citations)]
        for claim in answer.disagreements:
            parts.append(f"Other articles say otherwise ({claim.note}):")
            parts.append(heading(claim.text))
            parts += map(quoted, claim.citations)
        parts.append(f"Confidence {answer.confidence:.0%}{agreed}.")
    else:
        parts.append(f"*Not found. {answer.reason or ''}".rstrip() + "*")
    return "\n\n".join(parts) + "\n"


def quoted(citation: Citation) -> str:
    """A quote with its answer in bold, its place, and its source."""
    start, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    quote = citation.quote
    shown = f"{_escaped(quote[:start])}**{_escaped(quote[start:end])}**{_escaped(quote[end:])}"
    block = "\n".join(f"> {line}" for line in shown.split("\n"))
    source = citation.article
    about = f"{source.label}: {source.title}" + (f" ({source.source})" if source.source else "")
    copied = f" Repeats \\[{citation.copy_of}\\]." if citation.copy_of else ""
    return f"{block}\n\n{_place(citation)}\n\\[{citation.number}\\] {_line(about)}{copied}"


def _place(citation: Citation) -> str:
    """Where a quote stands, as the comment that goes with it."""
    place = {
        "article": citation.article.id, "hash": citation.hash,
        "start": citation.start, "end": citation.end,
        "answer_start": citation.answer_start, "answer_end": citation.answer_end,
    }  # fmt: skip
    # Two dashes, or an angle bracket, could end the comment.
    safe = json.dumps(place).replace("--", "-\\u002d").replace(">", "\\u003e")
    return f"<!-- quoth {safe} -->"


def _escaped(text: str) -> str:
    return _MARKS.sub(lambda m: f"{m[2] or m[4] or ''}\\{m[1] or m[3] or m[5]}", text)


def unmarked(text: str) -> str:
    """The words of a quote, from its Markdown."""
    return re.sub(r"\\(.)|\*\*", lambda m: m[1] or "", text, flags=re.DOTALL)


def heading(answer: str) -> str:
    """The line with the answer in bold."""
    return f"**{_line(answer)}**"


def _line(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _sources(answers: Iterable[Answer]) -> list[Source]:
    """What the answers cite, each article once, in order."""
    return list(dict.fromkeys(c.article for answer in answers for c in answer.quotes))


def csl_json(answers: Iterable[Answer]) -> str:
    """The cited articles for reference managers, as a CSL-JSON list."""
    return json.dumps([_csl(source) for source in _sources(answers)], ensure_ascii=False, indent=1)


def _csl(source: Source) -> dict[str, object]:
    item: dict[str, object] = {"id": source.id, "type": "article-newspaper", "title": source.title}
    if source.publisher:
        item["container-title"] = source.publisher
    if source.author:
        item["author"] = [{"literal": source.author}]
    if source.published:
        item["issued"] = {"date-parts": [[int(part) for part in source.published.split("-")]]}
    if source.source:
        item["URL" if _is_url(source.source) else "note"] = source.source
    return item


def bibtex(answers: Iterable[Answer]) -> str:
    """The cited articles as BibTeX entries."""
    entries, keys = [], set()
    for source in _sources(answers):
        key = wanted = re.sub(r"[^A-Za-z0-9]+", "-", source.id).strip("-") or "article"
        number = 1
        while key.lower() in keys:  # BibTeX takes A and a for the same
            number += 1
            key = f"{wanted}-{number}"
        keys.add(key.lower())
        date = (source.published or "").split("-")
        address = source.source or ""
        place = "url" if _is_url(address) else "note"
        fields = {
            "title": f"{{{_tex(source.title)}}}",
            "author": f"{{{_tex(source.author)}}}" if source.author else "",
            "journal": _tex(source.publisher or ""),
            "year": date[0],
            "month": date[1] if len(date) > 1 else "",
            "day": date[2] if len(date) > 2 else "",
            place: quote(address, safe=_URL) if place == "url" else _tex(address),
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        entries.append(f"@article{{{key},\n{lines}}}\n")
    return "\n".join(entries)


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in " ".join(text.split()))


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))
