"""SQLite's errors, told to people: what is only busy or full is not to be removed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import UnusableIndexError

__all__ = ["afresh", "is_busy", "is_read_only", "translated"]

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_DISK = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PERM")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process is in the way, for now."""
    return _name(error).startswith(_BUSY)


def is_read_only(error: sqlite3.Error) -> bool:
    """Whether the disk can perhaps be read though not written."""
    return _name(error).startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN"))


@contextmanager
def translated(path: Path, mend: str = "") -> Iterator[None]:
    """Inside, every error of SQLite about the database ``path`` is an UnusableIndexError.

    ``mend`` says what to do with a damaged one, by default with that of an index.
    """
    try:
        yield
    except sqlite3.Error as error:
        if is_busy(error):
            message = "in use by another process; try again later"
        elif _name(error).startswith(_DISK):
            message = f"cannot be written or read ({error}); see to the disk, then try again"
        else:
            again = f"or {afresh(path.parent)}"
            message = (
                f"not a usable Quoth database ({error}); restore it from a copy, {mend or again}"
            )
        raise UnusableIndexError(f"{path}: {message}") from error


def afresh(folder: Path) -> str:
    """How to begin an index anew; what people said and added is not the index."""
    return f"remove all but people.sqlite and uploads from {folder} and index your articles again"


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or ""
