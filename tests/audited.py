"""What this process opens and changes, as Python itself tells it.

Files that SQLite, FAISS and tantivy open from C are not told; they are given no name by a client.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

_CHANGES = {
    "os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "os.utime", "shutil.move", "shutil.rmtree", "shutil.copyfile", "sqlite3.connect",
}  # fmt: skip
_RUNS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}
_LOOKS = {"open", "os.listdir", "os.scandir"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CODE = tuple(Path(os.path.realpath(p)) for p in (sys.prefix, sys.base_prefix, "/usr", "/proc", "/sys", "/dev"))  # fmt: skip
_GRADIOS = Path(
    os.path.realpath(tempfile.gettempdir()), "gradio", "vibe_edit_history"
)  # always made
_CHECKOUT = Path(os.path.realpath(__file__)).parent.parent


@dataclass(frozen=True)
class Touched:
    """A path that was opened, listed or changed; ``path`` is the whole, real one."""

    event: str
    path: Path
    changed: bool


_lists: list[list[Touched]] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _lists or event not in _CHANGES | _RUNS | _LOOKS:
        return
    named = args[:2] if event in ("os.rename", "os.link", "os.symlink", "shutil.move") else args[:1]
    changed = event not in _LOOKS or (event == "open" and bool((args[2] or 0) & _WRITING))
    for one in named:
        if isinstance(one, str | bytes | os.PathLike):  # else a number, of what is open already
            named_so = os.fsdecode(one).replace("\0", "\\0")
            if event == "sqlite3.connect":  # an address
                named_so = unquote(named_so.removeprefix("file:").partition("?")[0])
            if event in ("os.remove", "os.rmdir") and args[1] != -1:  # in a folder that is open
                named_so = os.path.join(os.readlink(f"/proc/self/fd/{args[1]}"), named_so)
            path = Path(os.path.realpath(named_so))
            for found in _lists:
                found.append(Touched(event, path, changed))


sys.addaudithook(_hook)  # for good: a hook cannot be taken away


@contextmanager
def touched() -> Iterator[list[Touched]]:
    """What is opened and changed meanwhile, by any thread."""
    found: list[Touched] = []
    _lists.append(found)
    try:
        yield found
    finally:
        _lists.remove(found)


def astray(found: list[Touched], *folders: Path) -> list[Touched]:
    """What was changed outside of these folders; or read, and is no program's own file."""
    own = tuple(Path(os.path.realpath(folder)) for folder in folders)

    def right(one: Touched) -> bool:
        if one.event in _RUNS:
            return False
        if any(one.path.is_relative_to(folder) for folder in own):
            return True
        if one.path in (Path(os.devnull), _GRADIOS):
            return True
        code = any(one.path.is_relative_to(folder) for folder in _CODE)
        return not one.changed and (code or _module(one.path))

    return [one for one in found if not right(one)]


def _module(path: Path) -> bool:
    inside = path.is_relative_to(_CHECKOUT)
    return (
        inside and path.suffix in (".py", ".pyc", ".css", ".json", "") and "users" not in path.name
    )


__all__ = ["Touched", "astray", "touched"]
