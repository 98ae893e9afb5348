"""The command ``quoth verify``: do exported quotes stand in the corpus?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from corpus.characters import printable
from qa.console import PATH, corpus_option, index_option, open_store, reporting

__all__ = ["verify"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="FILE...")
@corpus_option
@index_option
@reporting
def verify(files: tuple[Path, ...], corpus: Path | None, index: Path | None) -> None:
    """Check every quote of exported answers against the articles, letter for letter.

    FILE is what "quoth ask" printed with --format json or markdown. Every quote has to stand
    at its offsets in an article that has not changed since. If one does not, it is listed and
    the exit status is 1.
    """
    from qa.verify import complaint, quotes

    found = {file: quotes(file) for file in files}
    store = open_store(corpus, index)
    bad = 0
    for file, its in found.items():
        for quote in its:
            if wrong := complaint(quote, store.article):
                bad += 1
                click.echo(printable(f"{file}: {wrong}"))
    total = sum(map(len, found.values()))
    if bad:
        click.echo(f"{bad} of {total} quotes do not stand as quoted", err=True)
        sys.exit(1)
    click.echo(f"{total} quotes checked: all stand in their articles, letter for letter")
