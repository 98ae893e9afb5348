"""Taking files into the index, a few at a time, so that it can be stopped and says how far it is."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

from corpus.article import Problem
from corpus.files import readable
from embeddings.index import Index, Synced
from qa.uploads import Uploads, one_line

__all__ = ["Step", "adding"]

_FILES, _BYTES = 32, 4_000_000  # taken in at a time: to lose little, and not to settle too often

Files = Sequence[tuple[str, Path]]


@dataclass(frozen=True, slots=True)
class Step:
    """How far it is: bytes ``done`` of ``total``, what to say of it; and so far, how many articles
    were ``added``, and what there was that could not be taken."""

    done: int
    total: int
    said: str
    added: int = 0
    problems: tuple[Problem, ...] = ()


class _StoppedError(Exception):
    """Nobody wants the rest."""


def adding(
    index: Index, uploads: Uploads, owner: str, files: Files, begun: Callable[[], None]
) -> Generator[Step, None, None]:
    """Take files into the index as the owner's; ``begun`` is called before the first can be found."""
    most = uploads.limits.files
    problems: list[Problem] = []
    if len(files) > most:
        said = (
            f"at most {most:,} are taken at a time; add the other {len(files) - most:,} after these"
        )
        problems.append(Problem(f"{len(files):,} files", said))
        files = files[:most]
    sizes = [_size(file) for _, file in files]
    total, done, seen, added = sum(sizes), 0, 0, 0

    def part(size: int, share: float) -> Step:
        return step(int(share * size))

    def step(more: int = 0) -> Step:
        said = f"{seen:,} of {len(files):,} files, {added:,} articles"
        return Step(done + more, total, said, added, tuple(problems))

    for first, after in _batches(sizes):
        _still_wanted(files[first:])
        yield step()
        size = sum(sizes[first:after])
        taken, refused = uploads.take(owner, files[first:after])
        problems += refused
        if taken:
            begun()
            try:
                found = yield from _synced(index, uploads, owner, partial(part, size))
                problems += _named(found.problems, taken)
            finally:
                _leave_out(index, uploads, owner, taken)
            added += sum(_articles(index, place) or 0 for place in taken)
        done, seen = done + size, after
    yield step()


def _synced(
    index: Index, uploads: Uploads, owner: str, step: Callable[[float], Step]
) -> Generator[Step, None, Synced]:
    """Take in what is in the owner's folder; in another thread, which stops when this is closed."""
    said: SimpleQueue[float | Synced | BaseException] = SimpleQueue()
    stop = Event()

    def progress(done: int, total: int, _: str) -> None:
        if stop.is_set():
            raise _StoppedError
        said.put(done / max(1, total))

    def work() -> None:
        try:
            said.put(index.sync(uploads.of(owner), progress, uploads.folder))
        except BaseException as error:
            said.put(error)

    thread = Thread(target=work, name="adding", daemon=True)
    thread.start()
    try:
        while isinstance(got := said.get(), float):
            yield step(got)
    finally:
        stop.set()
        thread.join()
    if isinstance(got, BaseException):
        raise got
    return got


def _leave_out(index: Index, uploads: Uploads, owner: str, taken: dict[Path, str]) -> None:
    """Keep nothing of a file that was not read to its end: it is in whole, or not at all."""
    for place in [place for place in taken if _articles(index, place) is None]:
        del taken[place]
        uploads.remove(owner, place)
        if index.store.origins_of(readable(place.as_posix())):
            index.forget(place)


def _articles(index: Index, place: Path) -> int | None:
    """How many articles of a file there are; None before it is read to its end."""
    file = index.store.file(readable(place.as_posix()))
    return file.articles if file else None


def _named(problems: Sequence[Problem], taken: dict[Path, str]) -> Iterator[Problem]:
    """The problems of these files, under the names that their owner knows."""
    names = {readable(place.as_posix()): name for place, name in taken.items()}
    for problem in problems:
        for path, name in names.items():
            rest = problem.path.removeprefix(path)
            if rest != problem.path and rest[:1] in ("", ":", "#"):
                yield Problem(f"{name}{one_line(rest)}", one_line(problem.reason))


def _batches(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Which files belong together: the first, and the one after the last."""
    first = 0
    while first < len(sizes):
        after, size = first + 1, sizes[first]
        while after < len(sizes) and after - first < _FILES and size + sizes[after] <= _BYTES:
            size += sizes[after]
            after += 1
        yield first, after
        first = after


def _still_wanted(files: Files) -> None:
    """Make these files new: what has lain long is taken to be abandoned, and adding takes its time."""
    for _, file in files:
        with suppress(OSError):
            os.utime(file)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
