"""What the command line and the page share: options, messages, progress, opening a corpus."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from corpus.characters import printable
from corpus.errors import QuothError

if TYPE_CHECKING:
    from corpus.article import Problem
    from embeddings.index import Progress
    from embeddings.store import Store
    from qa.session import Quoth

__all__ = [
    "PATH",
    "corpus_option",
    "encoder_option",
    "fail",
    "index_option",
    "open_session",
    "open_store",
    "progress_bar",
    "reader_option",
    "report",
    "reporting",
    "selection_options",
    "threshold_option",
]

PATH = click.Path(path_type=Path)

index_option = click.option(
    "--index",
    "index",
    type=PATH,
    metavar="DIR",
    help="Folder of the index (default: in your data folder).",
)
corpus_option = click.option(
    "--corpus",
    type=PATH,
    metavar="PATH",
    help="Ask this file or folder of articles directly; it is indexed on first use.",
)
encoder_option = click.option(
    "--encoder",
    metavar="MODEL",
    help="A sentence-transformers folder or name (default: the packaged all-MiniLM-L6-v2).",
)
reader_option = click.option(
    "--reader",
    metavar="MODEL",
    help="A question-answering checkpoint of transformers, folder or name (default: the bundled one).",
)


def _probability(_: Any, __: Any, value: float | None) -> float | None:
    if value is not None and not 0 <= value <= 1:  # NaN is neither
        raise click.BadParameter(f"{value} is no probability; expected a number from 0 to 1")
    return value


threshold_option = click.option(
    "--threshold",
    type=float,
    callback=_probability,
    metavar="P",
    help="Withhold answers that are less likely than this to be right, 0 to 1 (default: what was fitted with the reader).",
)


def selection_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options that select articles; the command gets them as one ``where``."""

    @click.option(
        "--publisher",
        multiple=True,
        metavar="NAME",
        help="Only articles of this publisher; may be repeated.",
    )
    @click.option(
        "--article", multiple=True, metavar="ID", help="Only this article; may be repeated."
    )
    @click.option(
        "--since", metavar="DATE", help="Only articles of this day, month or year, or later ones."
    )
    @click.option(
        "--until", metavar="DATE", help="Only articles of this day, month or year, or earlier ones."
    )
    @functools.wraps(function)
    def run(publisher: tuple[str, ...], article: tuple[str, ...], since: str | None,
            until: str | None, **others: Any) -> None:  # fmt: skip
        from embeddings.selection import Selection

        try:
            where = Selection(publisher, article, since, until)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        function(where=where, **others)

    return run


def reporting(function: Callable[..., None]) -> Callable[..., None]:
    """Turns the errors of a command that are meant for users into one line and status 1."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except QuothError as error:
            fail(str(error))

    return run


def fail(message: str) -> NoReturn:
    """Print one line of error and leave with status 1."""
    click.echo(f"quoth: {' '.join(printable(message).split())}", err=True)
    sys.exit(1)


def open_session(
    corpus: Path | None,
    index: Path | None,
    encoder: str | None,
    reader: str | None,
    threshold: float | None = None,
) -> Quoth:
    """The session for these options, indexing first what has to be."""
    from qa.places import default_index, exists
    from qa.session import Quoth

    if corpus is None and index is None and exists(default_index()):
        index = default_index()
    with progress_bar("Indexing") as progress:
        session = Quoth(
            corpus, index=index, encoder=encoder, reader=reader,
            threshold=threshold, progress=progress,
        )  # fmt: skip
    report(session.problems)
    return session


def open_store(corpus: Path | None, index: Path | None) -> Store:
    """The database that these options mean; no model is loaded where that can be helped."""
    from corpus import BUNDLED
    from corpus.files import located
    from embeddings.packaged import PACKAGED_NAME
    from embeddings.store import Store
    from qa.places import cache_for, default_index, exists

    if corpus is None and index is None and exists(default_index()):
        index = default_index()
    if index is None:  # a corpus is followed: what has changed in it is taken in first
        cached = corpus is None and exists(cache_for(BUNDLED, PACKAGED_NAME))
        if not cached:
            return open_session(corpus, None, None, None).index.store
        index = cache_for(BUNDLED, PACKAGED_NAME)
    elif corpus is not None:
        raise click.UsageError("give --corpus or --index, not both")
    if not exists(index):
        fail(f"{index}: no index here; make one with: quoth index PATH --index {index}")
    return Store(located(index))


def report(problems: Iterable[Problem]) -> None:
    """Name what could not be read, or only in part, on standard error."""
    for problem in problems:
        click.echo(f"problem: {printable(str(problem))}", err=True)


@contextmanager
def progress_bar(label: str) -> Iterator[Progress | None]:
    """A bar with the time left on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(label), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    shown = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        tasks: dict[int, Any] = {}

        def progress(done: int, total: int, said: str) -> None:
            if total not in tasks:  # another total: the next stretch of the work
                for old in tasks.values():
                    bar.remove_task(old)
                tasks.clear()
                tasks[total] = bar.add_task(said)
            bar.update(tasks[total], completed=done, total=total, description=escape(said))

        yield progress
