"""An answer for people who read it in a terminal."""

import textwrap

import click

from corpus.characters import printable
from qa.result import Answer, Citation, Source

__all__ = ["render"]

_WIDTH = 88


def render(answer: Answer, articles: int) -> str:
    """The answer with its quotes and sources, or the refusal with the closest passages.

    Styled with colours, which ``click.echo`` removes where the output is no terminal.
    """
    if answer.found:
        parts = [click.style(_clean(answer.text or ""), bold=True)]
        parts += [_quote(citation) for citation in answer.citations]
        agreed = f"{_count(answer.support)} agree · " if answer.support > 1 else ""
        last = f"confidence {answer.confidence:.0%} · {agreed}{_count(articles)} searched"
        parts.append(click.style(last, dim=True))
    else:
        parts = [
            click.style("Not found.", bold=True)
            + f" The {_count(articles)} searched do not answer this."
        ]
        if answer.passages:
            parts.append("Closest passages:")
        for passage in answer.passages[:3]:
            text = textwrap.shorten(_clean(passage.text), 240, placeholder=" …")
            parts.append(_block(text) + "\n" + _source(passage.rank, passage.article))
    return "\n\n".join(parts)


def _quote(citation: Citation) -> str:
    start, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    # Marked with characters that wrapping does not split or count, styled afterwards.
    marked = f"{citation.quote[:start]}\x01{citation.quote[start:end]}\x02{citation.quote[end:]}"
    block = _block(_clean(marked, keep="\x01\x02"))
    on, off = click.style("|", fg="green", bold=True).split("|")
    return (
        block.replace("\x01", on).replace("\x02", off)
        + "\n"
        + _source(citation.number, citation.article)
        + (f" · repeats [{citation.copy_of}]" if citation.copy_of else "")
    )


def _block(text: str) -> str:
    return textwrap.fill(
        f"“{text}”", _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )


def _source(number: int, source: Source) -> str:
    line = f"  [{number}] {_clean(source.label)} — {_clean(source.title)}"
    where = "" if source.label.startswith(source.id) else f" ({_clean(source.id)})"
    return click.style(line + where, fg="cyan")


def _count(articles: int) -> str:
    return "1 article" if articles == 1 else f"{articles} articles"


def _clean(text: str, keep: str = "") -> str:
    """One line of text that cannot steer the terminal; ``keep`` are our own marks."""
    return " ".join("".join(c if c in keep else printable(c) for c in text).split())
