"""Files that people add, on the disk: ``<folder>/<owner>/<name>``, and nowhere else.

A client's name is only ever used as what ``safe_name`` makes of it; nothing is overwritten, and
nothing outside the folder is removed.
"""

import hashlib
import os
import time
import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from corpus.article import Article, Problem
from corpus.characters import printable, whole
from corpus.errors import CorpusError
from corpus.files import File, readable
from corpus.reading import read_file, suffixes

__all__ = ["EVERYONE", "Limits", "Uploads", "one_line", "owner_of", "safe_name"]

EVERYONE = "everyone"
"""The owner of what is added where nobody says who they are: seen by all."""

MB = 1_000_000

_INCOMING = ".incoming-"
_ABANDONED = 3600  # seconds after which what was coming in is not coming any more
_BAD_LINES = 1000  # that a file may have, besides as many as it has articles
_SHOWN = 200  # characters of a name or a reason
_LONGEST, _LONGEST_BYTES = 100, 200  # of a name; disks take 255 bytes
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³"]
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be added: bytes in a file, files at a time, bytes of one owner."""

    file: int = 20 * MB
    files: int = 2_000
    owner: int = 500 * MB


def owner_of(user: str) -> str:
    """The folder of a user's files: it does not tell the name."""
    if not user:
        return EVERYONE
    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def safe_name(name: str) -> str:
    """A file's name made of what a client says it is: letters, digits, blanks and ``._-()``, on every
    system the name of an ordinary file, and 100 characters at most."""
    base = whole(name).replace("\\", "/").rpartition("/")[2]
    base = unicodedata.normalize("NFC", printable(base))
    base = "".join(c if _plain(c) else "_" for c in base)
    stem, ending = os.path.splitext(" ".join(base.split()).strip(". "))
    stem, ending = stem.rstrip(". "), ending.rstrip(". ")[:20]
    if stem.split(".")[0].strip().lower() in _RESERVED:
        stem = f"_{stem}"
    return _shortened(stem or "article", ending)


def one_line(text: str) -> str:
    """What a client says, as a short line to show."""
    line = " ".join(printable(text[:_SHOWN]).split())
    return f"{line}…" if len(text) > _SHOWN else line


class Uploads:
    """The folder of what people added. Safe from several threads."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits
        self._lock = Lock()

    def of(self, owner: str) -> Path:
        """Where the owner's files lie."""
        return self.folder / owner

    def take(
        self, owner: str, files: Sequence[tuple[str, Path]]
    ) -> tuple[dict[Path, str], list[Problem]]:
        """Copies of these files where they belong, each with what its owner calls it; and why
        others were not taken. Raises CorpusError where the owner's folder is a link."""
        if Path(os.path.realpath(self.of(owner))) != self.of(owner):  # it would be seen by others
            raise CorpusError(f"{self.of(owner)}: is a link; put a folder in its place")
        taken: dict[Path, str] = {}
        problems: list[Problem] = []
        kept: dict[Path, int] | None = None
        for name, file in files:
            incoming = self.of(owner) / f"{_INCOMING}{uuid.uuid4().hex}{_ending(name)}"
            try:
                data = self._received(file, name)
                incoming.parent.mkdir(parents=True, exist_ok=True)
                incoming.write_bytes(data)
                _check(incoming)
                with self._lock:
                    kept = dict(self._files(owner)) if kept is None else kept
                    self._refuse_more(kept, data, incoming.suffix)
                    place = _placed(incoming, safe_name(name))
                kept[place] = len(data)
                taken[place] = one_line(name)
            except ValueError as error:
                problems.append(Problem(one_line(name), str(error)))
            except OSError as error:
                why = error.strerror or type(error).__name__
                problems.append(Problem(one_line(name), f"cannot be kept here ({why})"))
            finally:
                with suppress(OSError):
                    incoming.unlink(missing_ok=True)
        return taken, problems

    def remove(self, owner: str, path: str | Path) -> None:
        """Remove a file of the owner's, if it is there; of a link, the link. Raises CorpusError for
        what is not below the owner's folder, or gets there by a link."""
        folder, place = self.of(owner), Path(path)
        inside = place.is_relative_to(folder) and place != folder and ".." not in place.parts
        if not inside or Path(os.path.realpath(place.parent)) != place.parent:
            raise CorpusError(f"{one_line(place.name)}: not a file that was added here; left alone")
        try:
            place.unlink(missing_ok=True)
        except OSError as error:
            raise CorpusError(
                f"{one_line(place.name)}: cannot be removed ({error.strerror}); see to the disk, then try again"
            ) from error

    def clean(self) -> None:
        """Remove what was coming in when a process was ended."""
        for left in self.folder.glob(f"*/{_INCOMING}*"):
            with suppress(OSError):
                if time.time() - left.lstat().st_mtime > _ABANDONED:
                    left.unlink()

    def _received(self, file: Path, name: str) -> bytes:
        """What a file holds that may be taken."""
        ending, known = _ending(name), suffixes()
        if ending not in known:
            said = f"the format {ending}" if ending else "a file without ending"
            raise ValueError(f"{said} cannot be read; expected {', '.join(known)}")
        if file.is_symlink() or not file.is_file():
            raise ValueError("did not arrive; send it again")
        with file.open("rb") as opened:
            data = opened.read(self.limits.file + 1)
        if len(data) > self.limits.file:
            raise ValueError(f"larger than {_size(self.limits.file)}; split it")
        if not data.strip():
            raise ValueError("empty file; expected the text of an article")
        return data

    def _refuse_more(self, kept: dict[Path, int], data: bytes, ending: str) -> None:
        for place, size in kept.items():
            if size == len(data) and place.suffix.lower() == ending and _holds(place, data):
                raise ValueError(f"is there already, as {one_line(place.name)}")
        if sum(kept.values()) + len(data) > self.limits.owner:
            raise ValueError(
                f"more than {_size(self.limits.owner)} in all; remove what is not needed any more"
            )

    def _files(self, owner: str) -> Iterator[tuple[Path, int]]:
        for folder, folders, names in os.walk(self.of(owner)):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                with suppress(OSError):
                    if not name.startswith("."):
                        yield Path(folder, name), Path(folder, name).stat().st_size


def _check(file: Path) -> None:
    """Raises ValueError where no article can be read, or hardly any."""
    first, bad, articles = "", 0, 0
    for item, _ in read_file(File(file), file.parent):
        if isinstance(item, Article):
            articles += 1
            continue
        place = item.path.removeprefix(readable(file.as_posix()))[1:]
        first = first or one_line(
            f"line {place}: {item.reason}" if place and item.file else item.reason
        )
        bad += 1
        if bad > _BAD_LINES + articles:
            raise ValueError(f"{bad:,} of its lines cannot be read; {first}")
    if not articles:
        raise ValueError(f"{first} (and {bad - 1} more)" if bad > 1 else first)


def _placed(incoming: Path, name: str) -> Path:
    """The file under its name, or the first one like it that is free."""
    stem, ending = os.path.splitext(name)
    place, number = incoming.with_name(name), 1
    while not _moved(incoming, place):
        number += 1
        place = incoming.with_name(_shortened(stem, f" ({number}){ending}"))
    return place


def _moved(file: Path, place: Path) -> bool:
    """Give a file another name, unless there is something of that name."""
    if os.path.lexists(place):
        return False
    try:
        os.link(file, place)  # alone tells, and at once, that the name was free
    except FileExistsError:
        return False
    except OSError:  # a disk that knows no links
        file.rename(place)
    return True


def _plain(character: str) -> bool:
    return character in "._-() " or unicodedata.category(character)[0] in "LMN"


def _shortened(stem: str, ending: str) -> str:
    stem = stem[: _LONGEST - len(ending)]
    while len(f"{stem}{ending}".encode()) > _LONGEST_BYTES:
        stem = stem[:-1]
    return f"{stem.rstrip('. ')}{ending}"


def _ending(name: str) -> str:
    return os.path.splitext(safe_name(name))[1].lower()


def _holds(place: Path, data: bytes) -> bool:
    try:
        return place.read_bytes() == data
    except OSError:
        return False


def _size(count: int) -> str:
    return f"{count / MB:,.0f} MB" if count >= MB else f"{count:,} bytes"
