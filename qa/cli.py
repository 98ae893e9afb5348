"""The command line: ``quoth index``, ``ask``, ``show``, ``list``, ``doctor``, ``evaluate``, ``feedback``.

Models are imported by the commands that need them, so that ``--help`` is quick.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.characters import printable
from qa.console import (
    corpus_option,
    encoder_option,
    fail,
    index_option,
    open_session,
    open_store,
    reader_option,
    reporting,
    selection_options,
    threshold_option,
)
from qa.evaluate_command import evaluate
from qa.feedback_command import feedback
from qa.index_command import doctor, index
from qa.serving.users_command import users
from qa.verify_command import verify

if TYPE_CHECKING:
    from embeddings.selection import Selection
    from qa.result import Answer
    from qa.session import Quoth

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quoth", prog_name="quoth")
def main() -> None:
    """Ask a folder of articles, get quoted, cited answers.

    Without --corpus and --index, your own index is asked if you have made one with
    "quoth index", and the bundled articles otherwise.
    """


main.add_command(index)
main.add_command(doctor)
main.add_command(evaluate)
main.add_command(feedback)
main.add_command(users)
main.add_command(verify)


@main.command()
@click.argument("question", required=False)
@corpus_option
@index_option
@click.option(
    "--questions",
    type=click.File(encoding="utf-8", errors="replace"),
    metavar="FILE.jsonl",
    help='Many questions, one {"id", "question", "history"} a line ("-" for standard input).',
)
@click.option(
    "--format", "form",
    type=click.Choice(["text", "json", "markdown", "csl-json", "bibtex"]),
    default="text",
    show_default=True,
    help="json: one object for each question, on one line. csl-json, bibtex: the cited articles.",
)  # fmt: skip
@click.option("--json", "form", flag_value="json", help="Short for --format json.")
@click.option("--explain", is_flag=True, help="Also say what was read and weighed (text and json).")
@threshold_option
@selection_options
@encoder_option
@reader_option
@reporting
def ask(
    question: str | None, corpus: Path | None, index: Path | None, questions: Any,
    form: str, explain: bool, threshold: float | None, where: Selection, encoder: str | None, reader: str | None,
) -> None:  # fmt: skip
    """Answer a question with a quote and its source, or say that the articles do not."""
    if (question is None) == (questions is None):
        raise click.UsageError("give one QUESTION, or --questions FILE.jsonl")
    session = open_session(corpus, index, encoder, reader, threshold)
    if question is not None:
        show_answers(session, [session.answer(question, where=where)], form, explain)
        return
    bad: list[str] = []
    show_answers(session, _answers(session, questions, where, bad), form, explain)
    if bad:
        sys.exit(1)


def _answers(session: Quoth, questions: Any, where: Selection, bad: list[str]) -> Iterator[Answer]:
    """The answers to a file's questions; a line that is none is named, and noted in ``bad``."""
    for number, line in enumerate(questions, 1):
        if not line.strip():
            continue
        try:
            name, asked, history = _asked(line)
        except ValueError as error:
            bad.append(f"{questions.name}, line {number}: {error}")
            click.echo(f"quoth: {bad[-1]}", err=True)
            continue
        yield session.answer(asked, history=history, where=where, id=name)


def _asked(line: str) -> tuple[str | None, str, list[str]]:
    """Id, question and earlier questions of one line. Raises ValueError that says what is wrong."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not valid JSON ({getattr(error, 'msg', 'nested too deep')})") from error
    if not isinstance(data, dict) or not isinstance(data.get("question"), str):
        raise ValueError('expected an object with a "question"')
    name, history = data.get("id"), data.get("history") or []
    if not isinstance(history, list) or not all(isinstance(earlier, str) for earlier in history):
        raise ValueError('"history" is not a list of questions')
    return None if name is None else str(name), data["question"], history


def show_answers(
    session: Quoth, answers: Iterable[Answer], form: str, explain: bool = False
) -> None:
    """Print answers as they come, in one of the formats; a bibliography when all are there."""
    from qa import export, terminal

    if form in ("csl-json", "bibtex"):
        click.echo((export.bibtex if form == "bibtex" else export.csl_json)(answers))
        return
    articles = session.index.store.counts()[0] if form == "text" else 0
    for answer in answers:
        if form == "json":
            click.echo(answer.to_json(explain=explain))
        elif form == "markdown":
            click.echo(export.markdown([answer]))
        else:
            click.echo(terminal.render(answer, articles))
            if explain:
                click.echo("\n" + terminal.explain(answer))


@main.command()
@click.argument("article_id")
@corpus_option
@index_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, with the text that offsets count in."
)
@reporting
def show(article_id: str, corpus: Path | None, index: Path | None, as_json: bool) -> None:
    """Print an article as it is quoted: its source, then its text."""
    article = open_store(corpus, index).article(article_id)
    if article is None:
        fail(f"no article {article_id!r} in this index; `quoth list` prints their ids")
    if as_json:
        click.echo(json.dumps(asdict(article), ensure_ascii=False))
        return
    for name in ("title", "publisher", "author", "published", "source", "path"):
        if value := getattr(article, name):
            click.echo(f"{click.style(f'{name}:', dim=True)} {printable(value)}")
    click.echo(f"\n{printable(article.text)}")


@main.command(name="list")
@corpus_option
@index_option
@reporting
def list_(corpus: Path | None, index: Path | None) -> None:
    """List the articles: id, date, publisher, title, separated by tabs."""
    for article in open_store(corpus, index).articles():
        row = (
            article.id,
            article.published or "",
            article.publisher or article.author or "",
            article.title,
        )
        click.echo("\t".join(printable(" ".join(cell.split())) for cell in row))
