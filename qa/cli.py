"""The command line: ``quoth index``, ``ask``, ``show``, ``list``, ``doctor``, ``evaluate``.

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
from corpus.errors import QuothError
from qa.console import (
    PATH,
    corpus_option,
    encoder_option,
    fail,
    index_option,
    open_session,
    open_store,
    progress_bar,
    reader_option,
    report,
    reporting,
    selection_options,
    threshold_option,
)
from qa.evaluate_command import evaluate
from qa.verify_command import verify

if TYPE_CHECKING:
    from embeddings.selection import Selection
    from embeddings.syncing import Synced
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


main.add_command(evaluate)
main.add_command(verify)


@main.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATH]...")
@index_option
@encoder_option
@click.option(
    "--forget",
    is_flag=True,
    help="Take the articles of these paths out again, also where the files are gone.",
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Split and encode all articles of the index again (needed for another encoder).",
)
@click.option("--watch", is_flag=True, help="Go on: take in what changes there, until Ctrl-C.")
@reporting
def index(
    paths: tuple[Path, ...], index: Path | None, encoder: str | None, forget: bool, rebuild: bool,
    watch: bool,
) -> None:  # fmt: skip
    """Take the articles of files and folders into an index.

    Only what is new or changed is read and encoded; articles whose files are gone are forgotten.
    Stopped with Ctrl-C, it keeps what is done and goes on from there the next time.
    """
    if watch and (forget or not paths):
        raise click.UsageError("--watch needs files or folders to take in, and no --forget")
    if not paths and not rebuild:
        raise click.UsageError("nothing to index: give a file or folder of articles")
    from corpus.files import located
    from embeddings.encoder import SentenceEncoder
    from embeddings.index import Index
    from qa.places import default_index, exists

    place = index or default_index()
    if (forget or (rebuild and not paths)) and not exists(place):
        fail(f"{place}: no index here; make one with: quoth index PATH --index {place}")
    for path in paths:
        if not forget and not located(path).exists():
            fail(f"{path}: no such file or folder")
    opened = Index(place, SentenceEncoder(encoder), check=not rebuild)
    if rebuild:
        with progress_bar("Encoding") as progress:
            click.echo(f"{place}: {opened.rebuild(progress)} articles encoded again")
    for path in paths:
        if forget:
            click.echo(f"{path}: {opened.forget(path)} forgotten")
            continue
        with progress_bar("Encoding") as progress:
            done = opened.sync(path, progress)
        _tell(path, done)
    articles, passages = opened.store.counts()
    click.echo(f"{place}: {articles} articles in {passages} passages")
    if watch and paths:
        from qa.watching import follow

        click.echo("watching for changes; Ctrl-C ends it")
        follow(opened, paths, _tell)


def _tell(path: Path, done: Synced | QuothError) -> None:
    """Print what a look at a file or folder came to."""
    if isinstance(done, QuothError):
        click.echo(f"quoth: {' '.join(printable(str(done)).split())}", err=True)
        return
    report(done.problems)
    click.echo(
        f"{path}: {done.added} new, {done.changed} changed, {done.unchanged} unchanged, "
        f"{done.forgotten} forgotten, {len(done.problems)} problems"
    )


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


@main.command()
@corpus_option
@index_option
@reporting
def doctor(corpus: Path | None, index: Path | None) -> None:
    """Check an index, and mend what can be made again from its database."""
    from embeddings import derived

    store = open_store(corpus, index)
    click.echo(f"index:    {store.path.parent}")
    if complaints := store.complaints():
        for complaint in complaints:
            click.echo(f"database: {printable(complaint)}")
        fail(
            f"{store.path}: the database is damaged; restore a copy, "
            f"or remove {store.path.parent} and index again"
        )
    articles, passages = store.counts()
    manifest = store.manifest()
    click.echo(
        f"holds:    {articles} articles in {passages} passages, generation {manifest['generation']}"
    )
    click.echo(
        f"made by:  encoder {manifest.get('encoder')}, chunker {manifest.get('chunker')}, "
        f"schema {manifest['schema']}"
    )
    click.echo("database: sound")
    if "dimension" not in manifest:
        click.echo("indexes:  none yet")
        return
    found = derived.load(store, store.generation, thorough=True)
    if found is None:
        found = derived.settle(store, afresh=True)
        click.echo("indexes:  were missing, stale or damaged; made again")
    else:
        click.echo("indexes:  sound")
    if found.recall is None:
        click.echo("search:   exact")
    else:
        click.echo(f"search:   approximate; finds {found.recall:.1%} of the ten nearest passages")
