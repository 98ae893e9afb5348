"""An answer for people who read it in a terminal."""

import textwrap

import click

from corpus.characters import printable
from qa.result import Answer, Citation, Source

__all__ = ["explain", "render"]

_WIDTH = 88


def render(answer: Answer, articles: int) -> str:
    """The answer with its quotes and sources, or the refusal with the closest passages.

    Styled with colours, which ``click.echo`` removes where the output is no terminal.
    """
    if answer.found:
        parts = []
        if answer.form == "evidence":
            parts.append("What the articles say of it, without a verdict:")
        elif answer.form != "sentences":  # those are the quote itself
            parts.append(click.style(_clean(answer.text or ""), bold=True))
        parts += [_quote(citation) for citation in answer.citations]
        for item in answer.items:
            if answer.form == "list":
                parts.append(click.style(_clean(item.text), bold=True))
            parts += [_quote(citation) for citation in item.citations]
        for claim in answer.disagreements:
            parts.append(
                "But also: " + click.style(_clean(claim.text), bold=True) + f" ({claim.note})"
            )
            parts += [_quote(citation) for citation in claim.citations]
        agreed = f"{_count(answer.support)} agree · " if answer.support > 1 else ""
        last = f"confidence {answer.confidence:.0%} · {agreed}{_count(articles)} searched"
        parts.append(click.style(last, dim=True))
    else:
        parts = [
            click.style("Not found", bold=True)
            + f" in {_count(articles)}. {answer.reason or ''}".rstrip()
        ]
        if answer.passages:
            parts.append("Closest passages:")
        for passage in answer.passages[:3]:
            text = textwrap.shorten(_clean(passage.text), 240, placeholder=" …")
            parts.append(_block(text) + "\n" + _source(passage.rank, passage.article))
    if answer.rewritten:
        parts.insert(0, click.style(f"Understood as: {_clean(answer.resolved_question)}", dim=True))
    return "\n\n".join(parts)


def explain(answer: Answer) -> str:
    """Why this answer: the passages read, the spans weighed, and what they had to reach."""
    lines = ["Passages read, by score:"]
    for passage in answer.passages:
        place = f"{_clean(passage.article.id)}, characters {passage.start} to {passage.end}"
        lines.append(f"  {passage.rank:>2}  {passage.score:.3f}  {place}")
    lines.append("")
    lines.append(
        "Spans weighed (reader's log-odds, passage's score, share of the question's words → confidence):"
    )
    for span in answer.weighed:
        rank = "–" if span.passage is None else str(span.passage)
        text = textwrap.shorten(_clean(span.text), 48, placeholder=" …")
        lines.append(
            f"  {rank:>2}  {span.score:+6.2f}  {span.relevance:.3f}  {span.coverage:.2f}  "
            f"→ {span.confidence:>4.0%}  {text}"
        )
    if answer.threshold is not None:
        lines.append(f"An answer needs {answer.threshold:.0%}.")
    return "\n".join(lines)


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
