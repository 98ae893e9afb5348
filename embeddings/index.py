"""An index of articles: kept true to their files, and searched by meaning and by words."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import filelock

from corpus.article import Article, Passage, Problem
from corpus.chunking import CHUNKER_VERSION, heading, passage_input, split_passages
from corpus.errors import CorpusError, UnusableIndexError
from corpus.reading import located, read_articles, suffixes
from embeddings import derived
from embeddings.encoder import Encoder, Vectors
from embeddings.store import Store

__all__ = ["Index", "Progress", "Synced"]

Progress = Callable[[int, int, str], None]
"""Called with (articles done, articles to do, id of the last one); by ``sync`` after each is
safe on disk."""

_BATCH = 128  # passages encoded at a time: enough to fill the CPU, little to lose
_PATIENCE = 600  # seconds to wait for another process that is indexing the same folder


@dataclass(frozen=True, slots=True)
class Synced:
    """What keeping an index true to a folder came to: counts of articles, and problems."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    forgotten: int = 0
    problems: tuple[Problem, ...] = ()


class Index:
    """An index in a folder. Safe to search from several threads, also while it grows.

    Opening makes the folder if it is not there. Raises UnusableIndexError where the index is
    damaged, or was made with another schema, encoder or chunker; ``check=False`` lets the last
    two pass, so that ``rebuild`` can put them right.
    """

    def __init__(self, folder: str | Path, encoder: Encoder, *, check: bool = True) -> None:
        self.folder = located(folder)
        self.encoder = encoder
        self.store = Store(self.folder)
        manifest = self.store.manifest()
        if "encoder" not in manifest:
            self.store.set_manifest(self._made_with())
        elif check:
            self._refuse_another(manifest)
        self._derived: derived.Derived | None = None
        self._loading = Lock()

    def _made_with(self) -> dict[str, str]:
        return {
            "encoder": self.encoder.name,
            "dimension": str(self.encoder.dimension),
            "chunker": CHUNKER_VERSION,
        }

    def _refuse_another(self, manifest: dict[str, str]) -> None:
        for key, ours in self._made_with().items():
            if manifest[key] != ours:
                raise UnusableIndexError(
                    f"{self.folder}: the index was made with {key} {manifest[key]}, this is {key} {ours}; "
                    f"use the same one, or run: quoth index --rebuild --index {self.folder}"
                )

    # Keeping it true to the files

    def sync(self, path: str | Path, progress: Progress | None = None) -> Synced:
        """Take in the articles of a file or folder: only new and changed ones are encoded.

        Articles whose files are gone from ``path`` are forgotten; those that came from
        elsewhere stay, and so does what was read before from a file that now cannot be
        read. Raises CorpusError, with nothing changed, if there is nothing to read.
        """
        root = located(path)
        with self._alone():
            known = self.store.origins()
            base = root if root.is_dir() else root.parent
            ids = {name for name, _ in known.values()}
            pending: list[tuple[str, Article]] = []
            problems: list[Problem] = []
            seen: set[str] = set()
            changed = 0
            for item in read_articles(root):
                if isinstance(item, Problem):
                    problems.append(item)
                    continue
                origin = f"{base.as_posix().rstrip('/')}/{item.id}"
                seen.add(origin)
                if origin in known:
                    name, digest = known[origin]
                    if digest == item.hash:
                        continue
                    changed += 1
                else:
                    name = _free_id(item.id, base.name, ids)
                    ids.add(name)
                pending.append((origin, replace(item, id=name)))
            if not seen and not any(_belongs(origin, root) for origin in known):
                raise CorpusError(_nothing(root, problems))
            unread = {Path(problem.file or problem.path) for problem in problems}
            gone = [
                origin
                for origin in known
                if _belongs(origin, root) and origin not in seen and not _from_any(origin, unread)
            ]
            try:
                self._encode(pending, progress)
                self.store.forget(gone)
            finally:  # what was done before an error or Ctrl-C can be asked
                self._settle()
        return Synced(
            len(pending) - changed, changed, len(seen) - len(pending), len(gone), tuple(problems)
        )

    def forget(self, path: str | Path) -> int:
        """Remove the articles that came from a file or folder, there or not; returns how many."""
        root = located(path)
        with self._alone():
            place = root.as_posix()
            # What is gone cannot be asked whether it was a folder; its ending tells.
            inside = f"{place}#" if root.suffix.lower() in suffixes() else f"{place}/"
            gone = [o for o in self.store.origins() if o == place or o.startswith(inside)]
            self.store.forget(gone)
            self._settle()
        return len(gone)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Split and encode all articles again with this encoder; returns how many.

        Until all is encoded the index stays what it was; then it changes in one transaction.
        """
        with self._alone():
            articles = list(self.store.articles())
            encoded = []
            for batch in self._batches(articles):
                for item in self._encoded(batch):
                    encoded.append(item)
                    if progress:
                        progress(len(encoded), len(articles), item[0].id)
            self.store.replace_passages(encoded, self._made_with())
            self._settle()
        return len(articles)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = filelock.FileLock(self.folder / "indexing.lock", timeout=_PATIENCE)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise UnusableIndexError(
                f"{self.folder}: another process has been indexing for {_PATIENCE // 60} minutes; "
                "try again later"
            ) from error
        except OSError as error:
            raise UnusableIndexError(
                f"{self.folder}: cannot be written ({error.strerror}); give another place with --index"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _encode(self, pending: list[tuple[str, Article]], progress: Progress | None) -> None:
        origins = {article.id: origin for origin, article in pending}
        done = 0
        for batch in self._batches([article for _, article in pending]):
            for article, passages, vectors in self._encoded(batch):
                self.store.put(article, origins[article.id], passages, vectors)
                done += 1
                if progress:
                    progress(done, len(pending), article.id)

    def _batches(
        self, articles: Sequence[Article]
    ) -> Iterator[list[tuple[Article, list[Passage]]]]:
        batch: list[tuple[Article, list[Passage]]] = []
        size = 0
        for article in articles:
            passages = split_passages(article, self.encoder.pieces, limit=self.encoder.limit)
            batch.append((article, passages))
            size += len(passages)
            if size >= _BATCH:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _encoded(
        self, batch: list[tuple[Article, list[Passage]]]
    ) -> Iterator[tuple[Article, list[Passage], Vectors]]:
        texts = []
        for article, passages in batch:
            head = heading(article.title, self.encoder.pieces, self.encoder.limit)
            texts += [passage_input(head, passage.text(article)) for passage in passages]
        vectors = self.encoder.encode(texts)
        first = 0
        for article, passages in batch:
            yield article, passages, vectors[first : first + len(passages)]
            first += len(passages)

    def _settle(self) -> None:
        self._derived = derived.load(self.store, self.store.generation) or derived.build(self.store)
        derived.clear_others(self.store, self._derived.generation)

    # Searching

    def _current(self) -> derived.Derived:
        """The newest indexes there are; made here where none are and no one else is at it."""
        generation = self.store.generation
        current = self._derived
        if current is not None and current.generation == generation:
            return current
        with self._loading:
            current = self._derived
            if current is not None and current.generation == generation:
                return current
            self._refuse_another(self.store.manifest())
            found = derived.load(self.store, generation)
            if found is None and (current is None or not self._being_written()):
                found = derived.build(self.store)
            # While another process is writing, its last finished indexes serve.
            self._derived = current = found or current
        assert current is not None
        return current

    def _being_written(self) -> bool:
        try:
            with filelock.FileLock(self.folder / "indexing.lock", timeout=0):
                return False
        except (filelock.Timeout, OSError):
            return True

    def dense(
        self, vector: Vectors, k: int, only: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """The ``k`` passages nearest to ``vector``, shape (dimension,): (id, cosine), best first."""
        return self._current().dense.search(vector, k, only)

    def cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """The cosine of ``vector`` with passages that ``dense`` did not bring up."""
        return self._current().dense.cosines(vector, ids)

    def lexical(
        self, question: str, k: int, only: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """The ``k`` passages of highest BM25 score: (id, score), best first."""
        return self._current().lexical.search(question, k, only)

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """Passages with their articles; ids that are gone are left out."""
        return self.store.passages(ids)


def _free_id(wanted: str, folder: str, taken: set[str]) -> str:
    """``wanted``; where another folder's article has that id, with the folder in front."""
    if wanted not in taken:
        return wanted
    name, number = f"{folder}/{wanted}", 2
    while name in taken:
        name, number = f"{folder}~{number}/{wanted}", number + 1
    return name


def _belongs(origin: str, root: Path) -> bool:
    """Whether an article came from this file, or from below this folder."""
    place = root.as_posix()
    if root.is_dir():
        return origin.startswith(place.rstrip("/") + "/")
    return origin == place or origin.startswith(f"{place}#")


def _from_any(origin: str, files: set[Path]) -> bool:
    return any(_belongs(origin, file) for file in files)


def _nothing(root: Path, problems: list[Problem]) -> str:
    if not problems:
        return f"{root}: no articles in it"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{root}: no article could be read: {problems[0]}{more}"
