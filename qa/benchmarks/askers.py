"""Many ask the served page at once: ``python -m qa.benchmarks.askers --askers 32 --minutes 5``.

The real server runs in a process of its own, with a user for each asker. Each adds facts that they
alone can see and asks for them, half as the page does and half as programs do, between questions
about articles that all share; one more user adds files and removes them all the while. Whatever
tells of another's facts is cross-talk, and so is the answer to another question.
"""

import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock
from typing import Any
from urllib.request import urlopen

import click

from qa.benchmarks.asking import Failed, Refusal, Visitor
from qa.benchmarks.facts import Fact, facts_of
from qa.benchmarks.generated import PASSAGES_EACH, Row, articles, questions, write_rows
from qa.benchmarks.measuring import Memory, Percentiles, machine, memory
from qa.console import PATH, fail, reporting

__all__ = ["Asked", "ask_at_once"]

ROOT = Path(__file__).parent.parent.parent

_CONVERSATION = 20  # questions, then a new one is begun


@dataclass(slots=True)
class Asked:
    """What happened. ``call`` and ``page`` have the seconds of each answer, by the way it was asked
    for; ``memory`` the server's: (seconds since the start, own bytes, bytes of mapped files)."""

    seconds: float = 0.0
    facts: int = 0  # questions for an asker's own facts,
    right: int = 0  # and those that were answered with them
    shared: int = 0
    refused: int = 0
    added: int = 0
    removed: int = 0
    errors: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)
    call: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    memory: list[tuple[float, int, int]] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """As JSON has them: times as percentiles, and what went wrong by number and example."""
        times = {
            key: asdict(Percentiles.of(getattr(self, key) or [0.0])) for key in ("call", "page")
        }
        faults = {
            key: {"count": len(found), "first": found[:10]}
            for key, found in (("errors", self.errors), ("crossed", self.crossed))
        }
        return {**asdict(self), **times, **faults}


def ask_at_once(
    address: str,
    users: Sequence[tuple[str, str]],
    shared: Sequence[str],
    rows: Iterator[Row],
    *,
    seconds: float,
    look: Callable[[], Memory],
    every: float = 15.0,
) -> Asked:
    """Ask from all ``users`` (names and passwords) but the last, who adds ``rows`` and removes them."""
    done, lock, stop = Asked(), Lock(), Event()
    everyone = {
        word: asker
        for asker in range(len(users) - 1)
        for fact in facts_of(asker)
        for word in (fact.place, *fact.person.split())
    }
    started = time.monotonic()

    @contextmanager
    def noting() -> Iterator[None]:
        try:
            yield
        except Refusal:
            with lock:
                done.refused += 1
        except (Failed, OSError, ValueError) as error:
            with lock:
                done.errors.append(f"{type(error).__name__}: {error}")
            stop.wait(0.5)

    def ask(asker: int) -> None:
        rng, facts = random.Random(asker), facts_of(asker)
        visitor = Visitor(address, *users[asker], session=f"asker-{asker}")
        with noting():
            visitor.enter()
            lines = "".join(json.dumps(fact.row) + "\n" for fact in facts)
            visitor.add([("facts.jsonl", lines.encode())])
        turn = 0
        while not stop.is_set():
            with noting():
                fact = rng.choice(facts) if rng.random() < 0.5 or not shared else None
                one(visitor, asker, rng, fact, turn)
            turn += 1
            if turn % _CONVERSATION == 0:
                with noting():
                    visitor.event("forget", [None])

    def one(visitor: Visitor, asker: int, rng: random.Random, fact: Fact | None, turn: int) -> None:
        question = fact.question if fact else rng.choice(shared)
        began = time.monotonic()
        if (asker + turn) % 2:
            answer = visitor.call(question)
            told, text = json.dumps(answer, ensure_ascii=False), answer["text"] or ""
            same = answer["question"] == question
            times = done.call
        else:
            told = visitor.ask(question)
            last = told.rpartition('<section class="turn"')[2]
            said = re.search(r'<p class="answer[^"]*">(.*?)</p>', last)
            text = said[1] if said else ""
            same = re.sub(r"\W", "", question) in re.sub(r"\W|&#x?\w+;|&\w+;", "", last)
            times = done.page
        took = time.monotonic() - began
        others = sorted({w for w in re.findall(r"\w+", told) if everyone.get(w, asker) != asker})
        with lock:
            times.append(took)
            done.facts += fact is not None
            done.shared += fact is None
            done.right += fact is not None and fact.person in text
            if others or not same:
                done.crossed.append(f"{question!r}: {', '.join(others) or text!r}")

    def change() -> None:
        visitor = Visitor(address, *users[-1], session="changer")
        with noting():
            visitor.enter()
        while not stop.is_set():
            batch = list(islice(rows, 20))
            with noting():
                visitor.add([(f"{row['id']}.jsonl", json.dumps(row).encode()) for row in batch])
                done.added += len(batch)
            for row in batch[::2]:
                with noting():
                    for article in visitor.articles(row["title"]):
                        visitor.remove(article)
                        done.removed += 1
                stop.wait(1.0)

    with ThreadPoolExecutor(len(users)) as pool:
        working = [pool.submit(ask, asker) for asker in range(len(users) - 1)]
        working.append(pool.submit(change))
        try:
            while (left := started + seconds - time.monotonic()) > 0:
                now = look()
                done.memory.append((time.monotonic() - started, now.anon, now.file))
                time.sleep(min(every, left))
        finally:
            stop.set()
    done.errors += [repr(error) for task in working if (error := task.exception())]
    now = look()
    done.seconds = time.monotonic() - started
    done.memory.append((done.seconds, now.anon, now.file))
    return done


@contextmanager
def _served(home: Path, corpus: Path, users: Path) -> Iterator[tuple[str, int]]:
    """The address of a server over a corpus, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--auth", str(users)]
    command += ["--corpus", str(corpus)]
    environment = os.environ | {"QUOTH_HOME": str(home)}
    with (
        (home / "stderr.txt").open("wb") as errors,
        subprocess.Popen(  # noqa: S603 - our own program
            command, env=environment, stdout=errors, stderr=errors
        ) as server,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            while server.poll() is None:
                try:
                    urlopen(f"{address}/health", timeout=5).close()  # noqa: S310 - our own address
                    break
                except OSError:
                    time.sleep(0.5)
            else:
                fail(f"the server has stopped: {(home / 'stderr.txt').read_text()[-300:]}")
            yield address, server.pid
        finally:
            server.terminate()


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--askers", default=32, type=click.IntRange(1, 1000))
@click.option("--minutes", default=5.0, type=click.FloatRange(0, min_open=True))
@click.option(
    "--passages", default=2000, type=click.IntRange(100), help="Of shared articles, about."
)
@click.option(
    "--every", default=15.0, type=click.FloatRange(0.1), help="Seconds between two looks."
)
@click.option("--folder", type=PATH, help="Keep what is made here.")
@click.option("--json", "json_file", type=PATH, help="Write all figures here.")
@reporting
def main(
    askers: int, minutes: float, passages: int, every: float, folder: Path | None, json_file: Path | None
) -> None:  # fmt: skip
    """Ask the page from many users at once; exit status 1 if anything was wrong."""
    from qa.serving.users import hashed

    with nullcontext(str(folder)) if folder else TemporaryDirectory() as place:
        home, corpus = Path(place, "home"), Path(place, "corpus")
        home.mkdir(parents=True)
        rows = articles()
        write_rows(corpus, islice(rows, passages // PASSAGES_EACH))
        users = [(f"asker-{number}", f"password {number}") for number in range(askers)]
        users.append(("changer", "password"))
        file = Path(place, "users")
        file.write_text("".join(f"{name}:{hashed(password)}\n" for name, password in users))
        file.chmod(0o600)
        shared = [asked.text for asked in questions(corpus, 2000)]
        with _served(home, corpus, file) as (address, process):
            done = ask_at_once(
                address, users, shared, rows, seconds=60 * minutes, every=every,
                look=lambda: memory(process),
            )  # fmt: skip
        said = (home / "stderr.txt").read_text()
        done.errors += [said[said.index("Traceback") :][:2000]] if "Traceback" in said else []
    figures = {"machine": machine(), "askers": askers, **done.figures()}
    if json_file:
        json_file.write_text(json.dumps(figures, indent=1))
    asked = done.facts + done.shared
    click.echo(
        f"{asked} questions ({asked / done.seconds:.2f} a second), {done.refused} refused politely; "
        f"{done.right} of {done.facts} own facts found; {done.added} files added, {done.removed} removed"
    )
    for kind in ("call", "page"):
        times = figures[kind]
        click.echo(
            f"{kind}: p50 {times['p50']:.0f} ms, p95 {times['p95']:.0f} ms, p99 {times['p99']:.0f} ms"
        )
    click.echo("minutes  own MB  mapped MB")
    for seconds, anon, mapped in done.memory:
        click.echo(f"{seconds / 60:7.1f} {anon / 1e6:7.0f} {mapped / 1e6:10.0f}")
    for fault in (*done.errors[:10], *done.crossed[:10]):
        click.echo(fault, err=True)
    click.echo(f"{len(done.errors)} errors, {len(done.crossed)} crossed answers")
    if done.errors or done.crossed:
        fail("something went wrong while many asked")


if __name__ == "__main__":
    main()
