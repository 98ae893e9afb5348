"""The command ``quoth evaluate``: how good Quoth is on questions with known answers."""

from __future__ import annotations

import json
import sys
from functools import cache
from os.path import isdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.characters import printable
from corpus.errors import QuothError
from qa.console import (
    encoder_option,
    progress_bar,
    reader_option,
    reporting,
    threshold_option,
)

if TYPE_CHECKING:
    from embeddings.index import Progress

__all__ = ["evaluate"]

_UNITS = {
    "questions": "",
    "not_indexed": "",
    "best_threshold": "",
    "ece": "",
    "auroc": "",
    "ms_per_question": " ms",
}


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--mode",
    type=click.Choice(["reading", "open"]),
    default="reading",
    show_default=True,
    help="Ask each question of its own paragraph, or of all paragraphs of the file.",
)
@click.option(
    "--gone", type=click.FloatRange(0, 1, max_open=True), default=0.0, show_default=True,
    help="Open mode: take this share of the articles out of the corpus and ask about them all the same.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="Ask only so many, chosen at random.")
@click.option("--seed", default=0, show_default=True, help="Another seed, another choice.")
@threshold_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object a file, on one line.")
@encoder_option
@reader_option
@reporting
def evaluate(
    files: tuple[Path, ...], mode: str, gone: float, limit: int | None, seed: int, threshold: float | None,
    as_json: bool, encoder: str | None, reader: str | None,
) -> None:  # fmt: skip
    """Measure Quoth on questions with known answers.

    FILE is a SQuAD-format JSON file (version 1.1 or 2.0), or a BEIR-format folder, of which
    only the retrieval is measured. Figures are percentages, but counts, times, thresholds,
    the expected calibration error (ece) and the area under the ROC curve (auroc). --threshold is for the open mode; in reading
    mode an answer is given when the reader puts it above no answer.
    """
    if gone and mode == "reading":
        raise click.UsageError("--gone is for --mode open: in reading mode nothing is searched")
    from embeddings.encoder import SentenceEncoder
    from qa.datasets import read_beir, read_squad, with_articles_gone
    from qa.evaluation import evaluate_open, evaluate_reading, evaluate_retrieval
    from qa.reader import SpanReader

    encode, read = cache(lambda: SentenceEncoder(encoder)), cache(lambda: SpanReader(reader))

    def measure(file: Path, progress: Progress | None) -> dict[str, Any]:
        some: dict[str, Any] = {"limit": limit, "seed": seed, "progress": progress}
        if isdir(file):
            return {"mode": "retrieval"} | evaluate_retrieval(
                read_beir(file), encoder=encode(), **some
            )
        data = read_squad(file)
        if mode == "reading":
            return {"mode": mode} | evaluate_reading(data, reader=read(), **some)
        data = with_articles_gone(data, gone, seed) if gone else data
        return {"mode": mode} | evaluate_open(
            data, encoder=encode(), reader=read(), threshold=threshold, **some
        )

    failed = False
    for file in files:
        try:
            with progress_bar(printable(file.name)) as progress:
                found = {"file": str(file)} | measure(file, progress)
        except QuothError as error:  # the other files are measured all the same
            failed = True
            click.echo(f"quoth: {printable(str(error))}", err=True)
            continue
        click.echo(json.dumps(found, ensure_ascii=False) if as_json else _table(found))
    if failed:
        sys.exit(1)


def _table(found: dict[str, Any]) -> str:
    """The figures for people, one a line."""
    lines = [f"{printable(found['file'])} ({found['mode']})"]
    for name, value in found.items():
        if name not in ("file", "mode"):
            unit = _UNITS.get(name, " %")
            shown = "–" if value is None else f"{value:{'.2f' if unit == ' %' else '.6g'}}{unit}"
            lines.append(f"  {name.replace('_', ' '):<22}{shown:>12}")
    return "\n".join(lines)
