"""Whether the files of a folder are still those that were written there."""

import hashlib
import json
from pathlib import Path
from typing import Any

__all__ = ["Stamp", "read_stamp", "write_stamp"]

Stamp = dict[str, Any]

_STAMP = "stamp.json"


def write_stamp(folder: Path, values: Stamp, like: Stamp | None = None) -> None:
    """Note size, time and hash of every file, and ``values`` beside them. What ``like``, another
    stamp, has a file of the same name, size and time for is not hashed again."""
    known = like["files"] if like else {}
    files = {}
    for name, path in _files(folder).items():
        size, modified = _facts(path)
        digest = known[name][2] if known.get(name, [])[:2] == [size, modified] else _digest(path)
        files[name] = [size, modified, digest]
    (folder / _STAMP).write_text(json.dumps({**values, "files": files}, indent=1))


def read_stamp(folder: Path, *, thorough: bool = False) -> Stamp | None:
    """The stamp, if the folder holds the files that it lists and no others; else None.

    A file of the size and time noted is taken to be the one; another time (of a copied
    folder), or ``thorough``, and its hash has to be.
    """
    try:
        stamp = json.loads((folder / _STAMP).read_text())
        files = _files(folder)
        if set(stamp["files"]) != set(files):
            return None
        for name, (size, modified, digest) in stamp["files"].items():
            found = _facts(files[name])
            if (thorough or found != (size, modified)) and (
                found[0] != size or _digest(files[name]) != digest
            ):
                return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return dict(stamp)


def _files(folder: Path) -> dict[str, Path]:
    found = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")
    return {p.relative_to(folder).as_posix(): p for p in found if p.name != _STAMP}


def _facts(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
