"""An index at several sizes, beside the plain recipe: ``python -m qa.benchmarks.index``.

For each size a corpus is generated, or the first articles of CORPUS are taken; it is indexed
and asked, each in a process of its own. ``--stand-in`` takes an encoder that is fast enough to get
to large sizes.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from corpus.article import Article
from corpus.reading import read_articles
from embeddings.encoder import SentenceEncoder
from qa.benchmarks.generated import PASSAGES_EACH, Row, articles, questions, write_rows
from qa.benchmarks.index_figures import MakeEncoder, MakeReader, build, plain, serve
from qa.benchmarks.measuring import benchmark_options, in_fresh_process, machine
from qa.benchmarks.stand_in import StaticEncoder
from qa.benchmarks.tables import index_chart, index_table, need_matplotlib
from qa.console import reader_option, reporting
from qa.reader import SpanReader

__all__ = ["measured", "rows_of"]

_LETTERS = 650  # of an English text that a passage adds, overlap left out


def rows_of(corpus: Path, passages: float) -> Iterator[Row]:
    """The first articles of a corpus, with about so many passages."""
    letters = 0
    for item in read_articles(corpus):
        if letters >= passages * _LETTERS:
            return
        if isinstance(item, Article):
            letters += len(item.text)
            said = asdict(item) | {"path": None}
            yield {key: value for key, value in said.items() if value}


def measured(
    make_encoder: MakeEncoder,
    make_reader: MakeReader,
    rows: Iterator[Row],
    folder: Path,
    *,
    asked: int,
    answers: int,
    texts: int,
) -> dict[str, Any]:
    """All figures of the index of these articles, made in ``folder``, as JSON has them."""
    corpus, place = folder / "articles", folder / "index"
    for old in (corpus, place, folder / "new"):
        shutil.rmtree(old, ignore_errors=True)
    write_rows(corpus, rows)
    chosen = questions(corpus, asked)
    made = in_fresh_process(build, make_encoder, corpus, place)
    other = in_fresh_process(plain, make_encoder, place, chosen, texts)
    ours = in_fresh_process(
        serve, make_encoder, make_reader, corpus, place, chosen, other.nearest, answers
    )
    said = {"build": asdict(made), "serving": asdict(ours), "plain": asdict(other)}
    del said["plain"]["nearest"]
    said["plain_by_ours"] = {
        "search_p50": other.search.p50 / ours.dense.p50,
        "memory": other.vector_bytes / max(1, ours.anon_bytes + ours.file_bytes),
        "encoding_by_building_rate": other.encoded_per_second / made.passages_per_second,
    }
    return said


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.argument("corpus", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--passages", "sizes", multiple=True, default=(1000, 10_000), type=click.IntRange(1),
    help="About so many; may be repeated.",
)  # fmt: skip
@click.option("--questions", "asked", default=200, type=click.IntRange(1), help="Asked in all.")
@click.option("--answers", default=40, type=click.IntRange(1), help="Of these, for answers.")
@click.option(
    "--texts", default=500, type=click.IntRange(0, 2000), help="That the plain recipe encodes."
)
@reader_option
@benchmark_options
@reporting
def main(
    corpus: Path | None, sizes: tuple[int, ...], asked: int, answers: int, texts: int,
    reader: str | None, stand_in: bool, folder: Path | None, seed: int,
    json_file: Path | None, chart: Path | None,
) -> None:  # fmt: skip
    """Measure an index at each size: building, opening, asking, updating; and the plain recipe."""
    if chart:
        need_matplotlib()
    figures: dict[str, Any] = {"machine": machine(), "stand_in": stand_in, "sizes": []}
    make_encoder = StaticEncoder if stand_in else SentenceEncoder
    with nullcontext(str(folder)) if folder else TemporaryDirectory() as place:
        for size in sorted(sizes):
            click.echo(f"{size:,} passages …", err=True)
            rows = (
                rows_of(corpus, size)
                if corpus
                else islice(articles(seed), -(-size // PASSAGES_EACH))
            )
            figures["sizes"].append(
                measured(make_encoder, partial(SpanReader, reader), rows, Path(place, str(size)),
                         asked=asked, answers=answers, texts=texts)
            )  # fmt: skip
            if json_file:  # after each size: the larger ones may take hours
                json_file.write_text(json.dumps(figures, indent=1))
    index_table(figures["sizes"])
    if chart:
        index_chart(figures["sizes"], chart)


if __name__ == "__main__":
    main()
