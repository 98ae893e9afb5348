"""The files of a corpus: which there are, and their text."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.article import Problem
from corpus.errors import CorpusError

__all__ = ["File", "files", "lines", "located", "readable", "whole_text"]

_BYTE_ORDER_MARKS = (  # the longer ones first: they begin like the shorter ones
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was found: ``size`` in bytes; in nanoseconds since 1970 when it was
    ``modified`` and, where the system tells, when that or its place last changed (``touched``)."""

    path: Path
    size: int = 0
    modified: int = 0
    touched: int = 0

    @property
    def name(self) -> str:
        """The path as text that can be stored."""
        return readable(self.path.as_posix())

    @property
    def stamp(self) -> str:
        """Changes when the file does."""
        return f"{self.size}/{self.modified}/{self.touched}"


def located(path: str | Path) -> Path:
    """The one absolute spelling of a path: ``~``, ``..`` and links resolved.

    Raises CorpusError where that cannot be done.
    """
    try:
        place = Path(os.path.realpath(Path(path).expanduser()))
        place.exists()  # some names cannot even be asked for
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CorpusError(f"{str(path)[:200]}: not a usable path ({reason})") from error
    return place


def files(root: Path, endings: Collection[str]) -> Iterator[File | Problem]:
    """The files to read, by name, and the folders below that cannot be entered or are links.

    Hidden ones are left alone. Raises CorpusError if there is no ``root``, if it is a file with
    another ending, or a folder without any file to read.
    """
    known = ", ".join(sorted(endings))
    if not root.exists():
        raise CorpusError(f"{root}: no such file or folder; give a folder of articles ({known})")
    if not root.is_dir():
        if root.suffix.lower() not in endings:
            ending = root.suffix or "without ending"
            raise CorpusError(f"{root}: the format {ending} cannot be read; expected {known}")
        yield _found(root)
        return
    refused: list[OSError] = []
    empty = True
    for folder, folders, names in os.walk(root, onerror=refused.append):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for linked in (place for f in folders if (place := Path(folder, f)).is_symlink()):
            empty = False
            yield Problem(
                readable(linked.as_posix()),
                "a link to a folder is not followed; give that folder too",
            )
        for error in refused:
            empty = False
            yield Problem(
                readable(Path(error.filename).as_posix()), f"cannot be read ({error.strerror})"
            )
        refused.clear()
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in endings:
                empty = False
                yield _found(Path(folder, name))
    for error in refused:
        empty = False
        yield Problem(
            readable(Path(error.filename).as_posix()), f"cannot be read ({error.strerror})"
        )
    if empty:
        raise CorpusError(
            f"{root}: no articles in this folder; expected files ending in {known}; nothing was changed"
        )


def _found(path: Path) -> File:
    try:
        facts = path.stat()
    except OSError:
        return File(path)  # reading it will say what is wrong
    return File(path, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def readable(name: str) -> str:
    """A file's name as text that can be stored, also where the disk's is no UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def whole_text(path: Path) -> str:
    """The text of a file. Raises OSError, and ValueError for what is no text of an article."""
    _check(path)
    text = _decoded(path.read_bytes())
    if not text.strip():
        raise ValueError("empty file; expected the text of an article")
    return text


def lines(path: Path) -> Iterator[tuple[str | ValueError, int]]:
    """The lines of a file and the bytes read with each, one line in memory at a time; of a line
    that is no text, the reason.

    Raises as ``whole_text`` does.
    """
    _check(path)
    with path.open("rb") as file:
        beginning = file.read(4)
        file.seek(0)
        if any(beginning.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS):
            data = file.read()  # its line ends are more than a byte
            yield from ((line, len(data)) for line in _decoded(data).split("\n"))
            return
        done, blank = 0, True
        for line in file:
            try:
                text: str | ValueError = _decoded(line, done).removesuffix("\n")
            except ValueError as error:
                text = error
            done += len(line)
            blank = blank and isinstance(text, str) and not text.strip()
            yield text, done
        if blank:
            raise ValueError("empty file; expected the text of an article")


def _check(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise ValueError("not a regular file")


def _decoded(data: bytes, first: int = 0) -> str:
    """Text from UTF-8, or from UTF-16/32 that say so. Other encodings are not guessed:
    a wrong guess would misquote. Raises ValueError with the place of the first bad byte,
    ``first`` being the place of ``data``."""
    encoding = "utf-8-sig" if first == 0 else "utf-8"
    for mark, name in _BYTE_ORDER_MARKS if first == 0 else ():
        if data.startswith(mark):
            encoding = name
            break
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"not {encoding.removesuffix('-sig').upper()} text (byte {first + error.start}); save it as UTF-8"
        ) from error
    if "\0" in text:
        raise ValueError("not a text file (it holds NUL bytes); export it as text")
    return text
