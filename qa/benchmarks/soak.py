"""Many ask while the corpus changes: ``python -m qa.benchmarks.soak --minutes 30 --askers 8``.

Articles are added, changed and removed while one session serves. Every quote of every answer
has to stand, letter for letter and at its offsets, in a version of its article that was there
between the question and the answer.
"""

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock
from typing import Any

import click

from corpus.article import Article
from embeddings.encoder import Encoder, SentenceEncoder
from qa.benchmarks.changing import ChangingCorpus
from qa.benchmarks.generated import PASSAGES_EACH, articles
from qa.benchmarks.measuring import Percentiles, benchmark_options, machine, memory
from qa.benchmarks.stand_in import StaticEncoder
from qa.benchmarks.tables import need_matplotlib, soak_chart
from qa.console import fail, reader_option, reporting
from qa.reader import Reader, SpanReader
from qa.result import Answer, Citation
from qa.serving.heaps import share_heaps
from qa.session import Quoth

__all__ = ["Soaked", "soak", "wrong_quotes"]

_AT_ONCE = 3  # files changed between two syncs, at most


@dataclass(slots=True)
class Soaked:
    """What happened. ``memory`` has (seconds since the start, own bytes, bytes of mapped files);
    ``ask`` and ``sync`` the seconds of each."""

    seconds: float = 0.0
    questions: int = 0
    answered: int = 0
    quotes: int = 0
    changes: int = 0
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    ask: list[float] = field(default_factory=list)
    sync: list[float] = field(default_factory=list)
    memory: list[tuple[float, int, int]] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """As JSON has them: times as percentiles, and what went wrong by number and example."""
        times = {
            key: asdict(Percentiles.of(getattr(self, key) or [0.0])) for key in ("ask", "sync")
        }
        faults = {
            key: {"count": len(found), "first": found[:10]}
            for key, found in (("errors", self.errors), ("wrong", self.wrong))
        }
        rate = {"questions_per_second": self.questions / max(self.seconds, 1e-9)}
        return {**asdict(self), "syncs": len(self.sync), **rate, **times, **faults}


def wrong_quotes(answer: Answer, versions: Callable[[str], Sequence[Article]]) -> list[str]:
    """The citations and passages of an answer that stand in none of their article's versions."""

    def told(id: str, words: str) -> str:
        return f"{answer.question!r}: {id}: {words[:80]!r}"

    wrong = [
        told(quote.article.id, quote.quote)
        for quote in answer.quotes
        if not any(_stands(quote, article) for article in versions(quote.article.id))
    ] + [
        told(passage.article.id, passage.text)
        for passage in answer.passages
        if all(
            article.text[passage.start : passage.end] != passage.text
            for article in versions(passage.article.id)
        )
    ]
    if answer.found and answer.text != answer.citations[0].answer:
        wrong.append(f"{answer.question!r}: {answer.text!r} is not the words of the first citation")
    return wrong


def _stands(quote: Citation, article: Article) -> bool:
    return (
        article.text[quote.start : quote.end] == quote.quote
        and quote.start <= quote.answer_start < quote.answer_end <= quote.end
        and article.hash == quote.hash
    )


def soak(
    folder: Path,
    encoder: Encoder,
    reader: Reader,
    *,
    seconds: float,
    askers: int,
    size: int,
    pause: float = 1.0,
    every: float = 30.0,
    seed: int = 0,
) -> Soaked:
    """Ask from so many threads about ``size`` articles to begin with, for so long.

    ``pause`` is the seconds between two changes, ``every`` those between two looks at memory.
    """
    for old in ("articles", "index"):
        shutil.rmtree(folder / old, ignore_errors=True)
    corpus = ChangingCorpus(folder / "articles", articles(seed), seed)
    for _ in range(size):
        corpus.add()
    session = Quoth(corpus.folder, index=folder / "index", encoder=encoder, reader=reader)
    corpus.settled()
    done, lock, stop = Soaked(), Lock(), Event()
    started = time.monotonic()

    @contextmanager
    def noting() -> Iterator[None]:
        """Nobody stops for an error."""
        try:
            yield
        except Exception as error:
            with lock:
                done.errors.append(f"{type(error).__name__}: {error}")
            stop.wait(0.1)  # an error that repeats should not fill the memory

    def ask(rng: random.Random) -> None:
        while not stop.is_set():
            with noting():
                sought = corpus.question(rng)
                asked = time.monotonic()
                answer = session.answer(sought)
                answered = time.monotonic()
                bad = wrong_quotes(answer, partial(corpus.versions, asked=asked, answered=answered))
                with lock:
                    done.questions += 1
                    done.answered += answer.found
                    done.quotes += len(answer.quotes) + len(answer.passages)
                    done.ask.append(answered - asked)
                    done.wrong += bad

    def change(rng: random.Random) -> None:
        while not stop.wait(pause):
            with noting():
                for _ in range(rng.randint(1, _AT_ONCE)):
                    kinds = [corpus.change, corpus.add if len(corpus) < 2 * size else corpus.remove]
                    rng.choice([*kinds, corpus.remove if len(corpus) > size // 2 else corpus.add])()
                    done.changes += 1
                began = time.monotonic()
                session.sync()
                done.sync.append(time.monotonic() - began)
                corpus.settled()

    def look() -> None:
        now = memory()
        done.memory.append((time.monotonic() - started, now.anon, now.file))

    with ThreadPoolExecutor(askers + 1) as pool:
        pool.submit(change, random.Random(seed))
        for number in range(askers):
            pool.submit(ask, random.Random(f"{seed} {number}"))
        try:
            look()
            while (left := started + seconds - time.monotonic()) > 0:
                time.sleep(min(every, left))
                look()
        finally:
            stop.set()
    done.seconds = time.monotonic() - started
    session.sync()
    if session.index.store.counts()[0] != len(corpus):
        done.errors.append(f"{session.index.store.counts()[0]} articles indexed of {len(corpus)}")
    return done


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--minutes", default=30.0, type=click.FloatRange(0, min_open=True))
@click.option("--askers", default=8, type=click.IntRange(1))
@click.option("--passages", default=2000, type=click.IntRange(100), help="To begin with, about.")
@click.option("--pause", default=1.0, type=click.FloatRange(0), help="Seconds between two changes.")
@click.option(
    "--every", default=30.0, type=click.FloatRange(0.1), help="Seconds between two looks."
)
@reader_option
@benchmark_options
@reporting
def main(
    minutes: float, askers: int, passages: int, pause: float, every: float, reader: str | None,
    stand_in: bool, folder: Path | None, seed: int, json_file: Path | None, chart: Path | None,
) -> None:  # fmt: skip
    """Ask while articles come, change and go; exit status 1 if anything was wrong."""
    share_heaps()  # as the server does
    if chart:
        need_matplotlib()
    encoder = StaticEncoder() if stand_in else SentenceEncoder()
    with nullcontext(str(folder)) if folder else TemporaryDirectory() as place:
        done = soak(
            Path(place, "soak"), encoder, SpanReader(reader), seconds=60 * minutes, askers=askers,
            size=passages // PASSAGES_EACH, pause=pause, every=every, seed=seed,
        )  # fmt: skip
    figures = {"machine": machine(), "askers": askers, "stand_in": stand_in, **done.figures()}
    if json_file:
        json_file.write_text(json.dumps(figures, indent=1))
    if chart:
        soak_chart(done.memory, chart)
    click.echo(
        f"{done.questions} questions ({figures['questions_per_second']:.2f} a second), "
        f"{done.answered} answered, {done.quotes} quotes checked, "
        f"{done.changes} changes in {len(done.sync)} syncs"
    )
    click.echo("minutes  own MB  mapped MB")
    for seconds, anon, mapped in done.memory:
        click.echo(f"{seconds / 60:7.1f} {anon / 1e6:7.0f} {mapped / 1e6:10.0f}")
    for fault in (*done.errors[:10], *done.wrong[:10]):
        click.echo(fault, err=True)
    click.echo(f"{len(done.errors)} errors, {len(done.wrong)} wrong quotes")
    if done.errors or done.wrong:
        fail("something went wrong while the corpus changed")


if __name__ == "__main__":
    main()
