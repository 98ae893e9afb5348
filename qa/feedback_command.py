"""The commands ``quoth feedback list`` and ``export``: what people said of answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from corpus.characters import printable
from qa.console import PATH, corpus_option, fail, index_option, open_store, reporting

__all__ = ["feedback"]


@click.group()
def feedback() -> None:
    """See what people said of answers on the page, and measure Quoth by it."""


@feedback.command(name="list")
@corpus_option
@index_option
@reporting
def list_(corpus: Path | None, index: Path | None) -> None:
    """List what was said: day, right or wrong, question, answer, correction, separated by tabs."""
    from qa.feedback import Feedback

    for opinion in Feedback(open_store(corpus, index).path.parent).entries():
        answer = opinion.answer
        row = (
            datetime.fromtimestamp(opinion.at, UTC).date().isoformat(),
            "right" if opinion.good else "wrong",
            answer.resolved_question or answer.question,
            answer.text or "(not found)",
            opinion.correction,
        )
        click.echo("\t".join(printable(" ".join(cell.split())) for cell in row))


@feedback.command()
@corpus_option
@index_option
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Write it there, not to standard output.")  # fmt: skip
@reporting
def export(corpus: Path | None, index: Path | None, output: Path | None) -> None:
    """Write what was said as questions with known answers, for "quoth evaluate FILE".

    The file is of SQuAD's format, version 2.0, and names no person. What was called wrong is of use
    where a correction came with it that stands in an article; what is not is counted.
    """
    from qa.feedback import Feedback
    from qa.feedback_squad import exported

    store = open_store(corpus, index)
    opinions = Feedback(store.path.parent).entries()
    data, unused = exported(opinions, store.article)
    if unused:
        reasons = ", ".join(f"{count} {reason}" for reason, count in unused.most_common())
        click.echo(f"{unused.total()} could not be used: {reasons}", err=True)
    if not data["data"]:
        fail(
            f"{store.path.parent}: no feedback to export; it is given on the page, below an answer"
        )
    text = json.dumps(data, ensure_ascii=False, indent=1)
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        fail(f"{output}: cannot be written ({reason}); give another file with -o")
