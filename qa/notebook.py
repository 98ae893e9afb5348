"""An answer as a notebook shows it: one piece of HTML, with its styles in it, no scripts.

All text from articles and people is escaped. Colours are see-through greys and the notebook's own,
so that it can be read on light and on dark.
"""

import html
from collections.abc import Iterable

from corpus.characters import whole
from qa.result import Answer, Citation, Claim, RankedPassage, Source

__all__ = ["render"]

_CLOSEST = 3  # passages shown where nothing was found
_LONG = 280  # characters of such a passage

_BOX = "max-width:46em;line-height:1.5;color:inherit"
_ANSWER = "font-size:1.25em;font-weight:600;margin:.2em 0 .4em"
_QUOTE = (
    "margin:.4em 0;padding:.1em 0 .1em .8em;border-left:3px solid rgba(128,128,128,.5);"
    "color:inherit;background:none"
)
_LINE = "margin:.1em 0"
_SMALL = "margin:.1em 0;font-size:.9em;opacity:.8"
_MARK = "background:rgba(255,190,0,.35);color:inherit;border-radius:2px"


def render(answer: Answer) -> str:
    """The HTML of an answer: its words, its quotes with these marked, who says so and when,
    and what others say; or that nothing was found, with the closest passages."""
    parts = [_p(_SMALL, _escape(answer.question))]
    if answer.rewritten:
        parts.append(_p(_SMALL, f"Understood as “{_escape(answer.resolved_question)}”"))
    parts += _found(answer) if answer.found else _not_found(answer)
    # The classes keep the notebook from setting what stands between dollars as mathematics.
    return f'<div class="quoth tex2jax_ignore mathjax_ignore" style="{_BOX}">{"".join(parts)}</div>'


def _found(answer: Answer) -> Iterable[str]:
    if answer.form == "evidence":
        yield _p(_SMALL, "What the articles say of it, without a verdict:")
    elif answer.form != "sentences":  # there the quote itself is the answer
        yield _p(_ANSWER, _escape(answer.text or ""))
    yield from map(_quote, answer.citations)
    for item in answer.items:
        if answer.form == "list":
            yield _p(_ANSWER, _escape(item.text))
        yield from map(_quote, item.citations)
    for claim in answer.disagreements:
        yield _otherwise(claim)
    agreed = f" · {answer.support} articles agree" if answer.support > 1 else ""
    yield _p(_SMALL, f"confidence {answer.confidence:.0%}{agreed}")


def _otherwise(claim: Claim) -> str:
    said = f"But also: <strong>{_escape(claim.text)}</strong> ({_escape(claim.note)})"
    return _p(_LINE, said) + "".join(map(_quote, claim.citations))


def _not_found(answer: Answer) -> Iterable[str]:
    yield _p(_ANSWER, "Not found")
    if answer.reason:
        yield _p(_SMALL, _escape(answer.reason))
    if answer.passages:
        yield _p(_SMALL, "The closest passages:")
        yield from map(_passage, answer.passages[:_CLOSEST])


def _quote(citation: Citation) -> str:
    start, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    quote = citation.quote
    words = _escape(quote[start:end])
    if (start, end) != (0, len(quote)):
        words = f'<mark style="{_MARK}">{words}</mark>'
    copied = f" · repeats [{citation.copy_of}]" if citation.copy_of else ""
    return _block(
        f"“{_escape(quote[:start])}{words}{_escape(quote[end:])}”",
        f"[{citation.number}] {_source(citation.article)}{copied}",
    )


def _passage(passage: RankedPassage) -> str:
    text = passage.text
    if len(text) > _LONG:
        text = f"{text[:_LONG].rsplit(' ', 1)[0]} …"
    return _block(f"“{_escape(text)}”", _source(passage.article))


def _block(words: str, below: str) -> str:
    return f'<blockquote style="{_QUOTE}">{_p(_LINE, words)}{_p(_SMALL, below)}</blockquote>'


def _source(source: Source) -> str:
    title = _escape(source.title)
    address = source.source or ""
    if address.lower().startswith(("http://", "https://")):
        title = (
            f'<a href="{_escape(address)}" rel="noreferrer noopener" target="_blank" '
            f'style="color:inherit">{title}</a>'
        )
    return f"{_escape(source.label)} — {title}"


def _p(style: str, content: str) -> str:
    # Of each piece of text its own direction: Hebrew beside English.
    return f'<p dir="auto" style="{style}">{content}</p>'


def _escape(text: str) -> str:
    """Text that can stand anywhere in HTML, and in the notebook's file, which is UTF-8."""
    return html.escape(whole(text).replace("\0", "\ufffd"), quote=True)
