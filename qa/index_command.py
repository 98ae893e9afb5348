"""The commands ``quoth index`` and ``quoth doctor``: making an index, and looking after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.characters import printable
from corpus.errors import QuothError
from qa.console import (
    PATH,
    corpus_option,
    encoder_option,
    fail,
    index_option,
    open_store,
    progress_bar,
    report,
    reporting,
)

if TYPE_CHECKING:
    from embeddings.syncing import Synced

__all__ = ["doctor", "index"]


@click.command()
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
        try:
            with progress_bar("Encoding") as progress:
                done = opened.sync(path, progress)
        except KeyboardInterrupt:
            fail("stopped; what is done is kept, and the same command goes on from there")
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


@click.command()
@corpus_option
@index_option
@reporting
def doctor(corpus: Path | None, index: Path | None) -> None:
    """Check an index, and mend what can be made again from its database."""
    from embeddings import derived
    from embeddings.index import alone
    from embeddings.sqlite_errors import afresh

    store = open_store(corpus, index)
    click.echo(f"index:    {store.path.parent}")
    if complaints := store.complaints():
        for complaint in complaints:
            click.echo(f"database: {printable(complaint)}")
        fail(
            f"{store.path}: the database is damaged; restore a copy, or {afresh(store.path.parent)}"
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
        with alone(store.path.parent):
            found = derived.settle(store, afresh=True)
        click.echo("indexes:  were missing, stale or damaged; made again")
    else:
        click.echo("indexes:  sound")
    if found.recall is None:
        click.echo("search:   exact")
    else:
        click.echo(f"search:   approximate; finds {found.recall:.1%} of the ten nearest passages")
