"""An index of articles: kept true to their files, and searched by meaning and by words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

import filelock

from corpus.article import Article, Passage
from corpus.chunking import CHUNKER_VERSION
from corpus.errors import UnusableIndexError
from corpus.files import located, readable
from corpus.reading import suffixes
from embeddings import derived
from embeddings.encoder import Encoder, Vectors
from embeddings.store import Entry, Ids, Store
from embeddings.syncing import Progress, Synced, encoded, stale, sync

__all__ = ["Index", "Progress", "Synced", "alone"]

_PATIENCE = 600  # seconds to wait for another process that is indexing the same folder


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

    def sync(
        self, path: str | Path, progress: Progress | None = None, base: Path | None = None
    ) -> Synced:
        """Take in the articles of a file or folder: only new and changed ones are encoded.

        Articles whose files are gone from ``path`` are forgotten; those that came from
        elsewhere stay, and so does what was read before from a file that now cannot be
        read. Ids are paths below ``base``, by default ``path`` itself, a file's folder. Raises
        CorpusError, with nothing changed, if there is nothing to read.
        """
        root = located(path)
        with alone(self.folder):
            self._refuse_another(self.store.manifest())  # someone may have rebuilt it since
            try:
                self.store.order()
                return sync(self.store, self.encoder, root, progress, base)
            finally:  # what was done before an error or Ctrl-C can be asked
                self._settle()

    def forget(self, path: str | Path) -> int:
        """Remove the articles that came from a file or folder, there or not; returns how many."""
        root = located(path)
        # A link to a file was read under the link's own name.
        given = Path(path).expanduser()
        linked = located(given.parent) / given.name if given.name not in ("", "..") else root
        gone = 0
        with alone(self.folder):
            for place in (readable(found.as_posix()) for found in (linked, root)):
                # What is gone cannot be asked whether it was a folder; its ending tells.
                inside = "#" if Path(place).suffix.lower() in suffixes() else "/"
                gone = gone or self.store.forget(place, place + inside)
            self._settle()
        return gone

    def rebuild(self, progress: Progress | None = None) -> int:
        """Split and encode all articles again with this encoder; returns how many.

        Until all is encoded the index stays what it was; then it changes in one transaction.
        """
        with alone(self.folder):
            count, _ = self.store.counts()

            def entries() -> Iterator[Entry]:
                for done, entry in enumerate(encoded(self.encoder, self.store.articles()), 1):
                    yield entry
                    if progress:
                        progress(done, count, entry.article.id)

            self.store.replace_passages(entries(), self._made_with())
            self._settle()
        return count

    def _settle(self) -> None:
        self._derived = derived.settle(self.store)

    # Searching

    def _current(self) -> derived.Derived:
        """The newest indexes there are; made here where none are and no one else is at it."""
        generation = self.store.generation
        current = self._derived
        if current is not None and current.generation == generation:
            return current
        # Who has something to search in does not wait for what another thread is opening.
        if not self._loading.acquire(blocking=current is None):
            assert current is not None
            return current
        try:
            current = self._derived
            if current is not None and current.generation == generation:
                return current
            self._refuse_another(self.store.manifest())
            found = derived.load(self.store, generation)
            if found is None and (current is None or not self._being_written()):
                found = derived.update(self.store)
            # While another process is writing, its last finished indexes serve.
            self._derived = current = found or current
        finally:
            self._loading.release()
        assert current is not None
        return current

    def _being_written(self) -> bool:
        try:
            with filelock.FileLock(self.folder / "indexing.lock", timeout=0):
                return False
        except (filelock.Timeout, OSError):
            return True

    @property
    def state(self) -> tuple[int, int]:
        """The generations of the database and of the indexes searched: while another process
        finishes these, they are older."""
        return self.store.generation, self._current().generation

    @property
    def recall(self) -> float | None:
        """The share of the ten nearest passages that an approximate search finds; None where
        search is exact."""
        return self._current().recall

    def stale(self, path: str | Path) -> int:
        """How many files of a file or folder came, changed or went since they were read.

        Raises CorpusError where there is nothing."""
        return stale(self.store, located(path))

    @property
    def size(self) -> int:
        """The bytes that the database and what is derived from it take on disk."""
        sizes: dict[int, int] = {}  # generations share files
        for path in self.folder.rglob("*"):
            place = path.relative_to(self.folder).parts[0]
            if place.startswith((self.store.path.name, "derived-")):
                with suppress(OSError):  # gone by now: another generation took its place
                    facts = path.stat()
                    sizes[facts.st_ino] = facts.st_size if path.is_file() else 0
        return sum(sizes.values())

    def dense(self, vector: Vectors, k: int, only: Ids | None = None) -> list[tuple[int, float]]:
        """The ``k`` passages nearest to ``vector``, shape (dimension,): (id, cosine), best first."""
        return self._current().dense.search(vector, k, only)

    def cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """The cosine of ``vector`` with passages that ``dense`` did not bring up."""
        return {i: float(other @ vector) for i, other in self.store.vectors(ids).items()}

    def lexical(self, question: str, k: int, only: Ids | None = None) -> list[tuple[int, float]]:
        """The ``k`` passages of highest BM25 score: (id, score), best first."""
        return self._current().lexical.search(question, k, only)

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """Passages with their articles; ids that are gone are left out."""
        return self.store.passages(ids)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Inside, no other process writes the index in ``folder``. Waits for ten minutes, then raises
    UnusableIndexError, as where the folder cannot be written."""
    lock = filelock.FileLock(folder / "indexing.lock", timeout=_PATIENCE)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise UnusableIndexError(
            f"{folder}: another process has been indexing for {_PATIENCE // 60} minutes; "
            "try again later"
        ) from error
    except OSError as error:
        raise UnusableIndexError(
            f"{folder}: cannot be written ({error.strerror}); give another place with --index"
        ) from error
    try:
        yield
    finally:
        lock.release()
