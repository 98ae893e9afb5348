"""An index kept true to its folders for as long as it runs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from corpus.errors import QuothError
from corpus.files import located
from embeddings.index import Index
from embeddings.syncing import Synced

__all__ = ["follow"]


def follow(
    index: Index, paths: Sequence[Path], say: Callable[[Path, Synced | QuothError], None],
    stop: Event | None = None,
) -> None:  # fmt: skip
    """Take in what changes below ``paths``, a second or two after it does, and ``say`` what it
    came to, errors too; until ``stop`` or Ctrl-C. Changes in the index's own folder and in hidden
    files are none."""
    from watchfiles import Change, watch

    roots = {path: located(path) for path in paths}
    # A file that is replaced is another one under the same name: its folder is watched.
    places = {root if root.is_dir() else root.parent for root in roots.values()}

    def counts(_: Change, name: str) -> bool:
        path = Path(name)
        if path.is_relative_to(index.folder):
            return False
        return any(
            path.is_relative_to(place)
            and not any(part.startswith(".") for part in path.relative_to(place).parts)
            for place in places
        )

    unseen = True  # what changed before now told nobody
    for changes in watch(
        *places, watch_filter=counts, stop_event=stop, raise_interrupt=False,
        recursive=any(root.is_dir() for root in roots.values()),
        yield_on_timeout=True, rust_timeout=1000,
    ):  # fmt: skip
        changed = [Path(name) for _, name in changes]
        for path, root in roots.items():
            if unseen or any(
                each.is_relative_to(root) or root.is_relative_to(each) for each in changed
            ):
                try:
                    say(path, index.sync(root))
                except QuothError as error:
                    say(path, error)
        unseen = False
