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
    from qa.verify import check

    store = open_store(corpus, index)
    checked = [(file, *check(file, store.article)) for file in files]
    total = sum(count for _, count, _ in checked)
    bad = [f"{file}: {wrong}" for file, _, complaints in checked for wrong in complaints]
    for line in bad:
        click.echo(printable(line))
    if bad:
        click.echo(f"{len(bad)} of {total} checks failed: not all stands as quoted", err=True)
        sys.exit(1)
    click.echo(f"{total} checks passed: all stands in the articles, letter for letter")
