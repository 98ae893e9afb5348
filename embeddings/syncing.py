"""Keeping the database true to a file or folder: read, split, encode, store.

Files that are as they were when last read are not read again, articles that say the same
are not encoded again. Reading and splitting run ahead of encoding, in another thread, and
never hold more than a few articles; all that grows with the corpus is a number for each
file, and for each article of the file that is being read.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from corpus.article import Article, Passage, Problem
from corpus.chunking import heading, passage_input, split_passages
from corpus.errors import CorpusError
from corpus.files import File, files, readable
from corpus.reading import READING_VERSION, read_file, suffixes
from embeddings.ahead import ahead
from embeddings.encoder import Encoder
from embeddings.store import Entry, ReadFile, Store

__all__ = ["Progress", "Synced", "encoded", "stale", "sync"]

Progress = Callable[[int, int, str], None]
"""Called with (done, to do, what to say of it) after what is done is safe on disk; in bytes of
the files to be read, or in articles."""

BATCH = 256  # passages encoded at a time: enough to fill the CPU, little to lose
_AHEAD = 64  # articles read before they are needed
_UNSURE = "?"  # before the stamp of a file that is read again in any case
_FRESH = (
    2_000_000_000  # ns: a file so new may be written again at what its disk calls the same time
)


@dataclass(frozen=True, slots=True)
class Synced:
    """What keeping an index true to a folder came to: counts of articles, and problems."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    forgotten: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An article to be encoded, or a file that has been read; and the bytes read by then."""

    done: int
    origin: str = ""
    article: Article | None = None
    passages: tuple[Passage, ...] = ()
    inputs: tuple[str, ...] = ()
    known: bool = False
    file: ReadFile | None = None
    unchanged: int = 0


def sync(
    store: Store,
    encoder: Encoder,
    root: Path,
    progress: Progress | None = None,
    base: Path | None = None,
) -> Synced:
    """Take in what is new or changed below ``root``, and forget what is gone from there. Ids are
    paths below ``base``, a folder.

    What was read before from a file that now cannot be read stays. Raises CorpusError, with
    nothing changed, if there is nothing to read.
    """
    base = base or (root if root.is_dir() else root.parent)
    problems: list[Problem] = []
    todo: list[File] = []
    seen: set[int] = set()
    unchanged = added = changed = forgotten = 0
    for file in files(root, suffixes()):
        if isinstance(file, Problem):
            problems.append(file)
            continue
        seen.add(hash(file.name))
        known = store.file(file.name)
        if known is not None and known.stamp == _stamp(file):
            unchanged += known.articles
            problems += [Problem(*facts) for facts in known.problems]
        else:
            todo.append(file)
    total = sum(file.size for file in todo)
    started, passages = time.monotonic(), 0
    with closing(ahead(_prepared(store, encoder, todo, base), _AHEAD)) as items:
        for batch in _batches(items):
            entries = list(_entries(store, encoder, batch, base.name))
            read = [item for item in batch if item.file]
            store.put(entries, [item.file for item in read if item.file])
            added += sum(bool(item.article) and not item.known for item in batch)
            changed += sum(item.known for item in batch)
            unchanged += sum(item.unchanged for item in read)
            forgotten += sum(len(item.file.gone) for item in read if item.file)
            problems += [
                Problem(*facts) for item in read if item.file for facts in item.file.problems
            ]
            passages += sum(len(item.passages) for item in batch)
            if progress and entries:
                pace = passages / max(1e-9, time.monotonic() - started)
                said = f"{added + changed} articles, {pace:.0f} passages a second"
                progress(batch[-1].done, total, said)
    if not (added or changed or unchanged) and not any(
        _below(name, root) and store.origins_of(name) for name in store.files()
    ):
        raise CorpusError(_nothing(root, problems))
    unread = [problem.path for problem in problems]  # a folder among them may hold anything
    forgotten += store.forget_files(
        [
            name
            for name in store.files()
            if hash(name) not in seen
            and _below(name, root)
            and not any(name.startswith(f"{folder}/") for folder in unread)
        ]
    )
    return Synced(added, changed, unchanged, forgotten, tuple(problems))


def stale(store: Store, root: Path) -> int:
    """How many files below ``root`` came, changed or went since they were read. Raises
    CorpusError as ``files`` does."""
    seen: set[int] = set()
    changed = 0
    for file in files(root, suffixes()):
        if isinstance(file, File):
            seen.add(hash(file.name))
            known = store.file(file.name)
            changed += known is None or known.stamp.removeprefix(_UNSURE) != _stamp(file)
    gone = sum(hash(name) not in seen and _below(name, root) for name in store.files())
    return changed + gone


def encoded(encoder: Encoder, articles: Iterable[Article]) -> Iterator[Entry]:
    """Articles with their passages and vectors, as many at a time as are encoded well."""
    prepared = (_Prepared(0, "", article, *_split(encoder, article)) for article in articles)
    for batch in _batches(prepared):
        yield from _encode(encoder, batch)


def _prepared(
    store: Store, encoder: Encoder, todo: Iterable[File], base: Path
) -> Iterator[_Prepared]:
    place = readable(base.as_posix().rstrip("/"))
    before = 0
    for file in todo:
        found = unchanged = 0
        kept: set[int] = set()
        bad: list[Problem] = []
        for item, done in read_file(file, base):
            if isinstance(item, Problem):
                bad.append(item)
                continue
            found += 1
            origin = f"{place}/{item.id}"
            kept.add(hash(origin))
            digest = store.known(origin)
            if digest == item.hash:
                unchanged += 1
                continue
            passages, inputs = _split(encoder, item)
            yield _Prepared(before + done, origin, item, passages, inputs, digest is not None)
        before += file.size
        # Where something could not be read, what was read of it before stays.
        lost = any(problem.file or problem.path == file.name for problem in bad)
        # A bad line stays bad; a file that failed may be read the next time.
        whole = not any(problem.file == problem.path for problem in bad)
        gone = () if lost else tuple(o for o in store.origins_of(file.name) if hash(o) not in kept)
        yield _Prepared(
            before,
            file=ReadFile(
                file.name, ("" if found and whole and _settled(file) else _UNSURE) + _stamp(file),
                found, tuple((p.path, p.reason, p.file) for p in bad), gone,
            ),
            unchanged=unchanged,
        )  # fmt: skip


def _split(encoder: Encoder, article: Article) -> tuple[tuple[Passage, ...], tuple[str, ...]]:
    """The passages of an article, and what the encoder is given for each."""
    passages = tuple(split_passages(article, encoder.pieces, limit=encoder.limit))
    head = heading(article.title, encoder.pieces, encoder.limit)
    return passages, tuple(passage_input(head, passage.text(article)) for passage in passages)


def _batches(items: Iterable[_Prepared]) -> Iterator[list[_Prepared]]:
    batch: list[_Prepared] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.passages)
        if size >= BATCH or len(batch) >= 4 * BATCH:  # files that say the same have no passages
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _entries(
    store: Store, encoder: Encoder, batch: list[_Prepared], folder: str
) -> Iterator[Entry]:
    """The batch's articles with their vectors, and ids that no other article has."""
    ids: set[str] = set()
    for entry in _encode(encoder, batch):
        name = store.id_of(entry.origin)
        if name is None:
            name = _free_id(
                entry.article.id, folder, lambda wanted: wanted in ids or store.taken(wanted)
            )
            ids.add(name)
        passages = [replace(passage, article_id=name) for passage in entry.passages]
        yield replace(entry, article=replace(entry.article, id=name), passages=passages)


def _encode(encoder: Encoder, batch: list[_Prepared]) -> Iterator[Entry]:
    vectors = encoder.encode(list(chain.from_iterable(item.inputs for item in batch)))
    first = 0
    for item in batch:
        if item.article is not None:
            after = first + len(item.passages)
            yield Entry(item.origin, item.article, item.passages, vectors[first:after])
            first = after


def _free_id(wanted: str, folder: str, taken: Callable[[str], bool]) -> str:
    """``wanted``; where another folder's article has that id, with the folder in front."""
    if not taken(wanted):
        return wanted
    name, number = f"{folder}/{wanted}", 2
    while taken(name):
        name, number = f"{folder}~{number}/{wanted}", number + 1
    return name


def _stamp(file: File) -> str:
    return f"{READING_VERSION}/{file.stamp}"


def _settled(file: File) -> bool:
    return time.time_ns() - file.modified > _FRESH


def _below(name: str, root: Path) -> bool:
    place = readable(root.as_posix())
    return name == place or name.startswith(place.rstrip("/") + "/")


def _nothing(root: Path, problems: list[Problem]) -> str:
    if not problems:
        return f"{root}: no articles in it"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{root}: no article could be read: {problems[0]}{more}"
