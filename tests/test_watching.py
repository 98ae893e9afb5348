"""An index that follows its folder."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from corpus.errors import QuothError
from embeddings.index import Index
from embeddings.syncing import Synced
from qa.watching import follow
from tests.fakes import FakeEncoder


def until(holds: Callable[[], bool]) -> None:
    """Wait for it, half a minute at most."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_files_that_come_change_and_go(tmp_path: Path, news: Path, encoder: FakeEncoder) -> None:
    """Each is in the index soon after; a folder that is gone is said, and nothing is lost; the
    index's own folder inside the corpus disturbs nobody."""
    index = Index(news / "index", encoder)
    index.sync(news)
    said: list[Synced | QuothError] = []
    stop = Event()
    thread = Thread(target=follow, args=(index, [news], lambda _, done: said.append(done), stop))
    thread.start()
    try:
        time.sleep(1)  # until it watches
        (news / "flood.txt").write_text("Flood\n\nThe river rose by 2 metres.")
        until(lambda: index.store.taken("flood.txt"))
        (news / "flood.txt").write_text("Flood\n\nThe river rose by 3 metres.")
        until(lambda: "3 metres" in getattr(index.store.article("flood.txt"), "text", ""))
        (news / "flood.txt").unlink()
        until(lambda: not index.store.taken("flood.txt"))
        until(lambda: len(said) == 3)
        time.sleep(2.5)
        assert len(said) == 3
        for file in news.glob("*.txt"):
            file.unlink()
        until(lambda: any(isinstance(done, QuothError) for done in said))
        assert index.store.counts()[0] == 3
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
