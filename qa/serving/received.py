"""The folder where uploads lie until they are added, and for an hour at most."""

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import gradio as gr

__all__ = ["receiving", "sweep"]

_PREFIX = "quoth-uploads-"
_ABANDONED = 3600  # seconds after which nobody adds it any more
_EVERY = 600  # seconds


@contextmanager
def receiving(page: gr.Blocks) -> Iterator[None]:
    """Have what is sent to a page lie where nobody else on this computer can read it, until the
    end; what nobody adds within an hour is removed, also what was left when a server was killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        sweep(left)  # perhaps a running server's, for which the same holds
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        for block in page.blocks.values():
            if hasattr(block, "GRADIO_CACHE"):
                block.GRADIO_CACHE = folder
        over = Event()

        def keep() -> None:
            while not over.wait(_EVERY):
                sweep(Path(folder))

        Thread(target=keep, name="sweeping", daemon=True).start()
        try:
            yield
        finally:
            over.set()


def sweep(folder: Path, now: float | None = None) -> None:
    """Remove what has been in a folder of uploads for an hour; the folder itself stays."""
    before = (time.time() if now is None else now) - _ABANDONED
    own = filter(_is_own, folder.glob("*") if _is_own(folder) else ())
    for inner in own:  # files here are just coming in, and Gradio's
        for place in inner.glob("*"):
            with suppress(OSError):
                found = place.lstat()
                if max(found.st_mtime, found.st_ctime) < before:  # written, and moved here
                    place.unlink()
        with suppress(OSError):  # not empty
            if inner.lstat().st_mtime < before:
                inner.rmdir()


def _is_own(place: Path) -> bool:
    """Whether it is a folder of this user, not a link: anybody may put one where temporary files lie,
    with the same name and leading elsewhere."""
    try:
        facts = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == getattr(os, "getuid", lambda: 0)()
