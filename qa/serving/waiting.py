"""Files that were sent and wait to be added: whose they are, and that they do not become too many."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from qa.serving.asgi import Refused
from qa.serving.people import Person

__all__ = ["FILES", "Waiting"]

FILES = 4_000
"""That may wait of one user: twice what is added at a time."""


@dataclass(slots=True)
class _Lot:
    """What waits of one user, with its bytes, and what is just coming in."""

    there: dict[tuple[str, Person], int] = field(default_factory=dict)
    size: int = 0
    files_coming: int = 0
    size_coming: int = 0

    def look(self) -> None:
        """Forget what does not lie there any more."""
        for path, person in list(self.there):
            try:
                self.there[path, person] = os.stat(path).st_size
            except OSError:
                del self.there[path, person]
        self.size = sum(self.there.values())


class Waiting:
    """Counts for each user the files that they have sent and that still lie there, and their bytes;
    what several requests send at once counts, too. For one event loop."""

    def __init__(self, size: int, files: int = FILES) -> None:
        self._size, self._files = size, files
        self._lots: defaultdict[str, _Lot] = defaultdict(_Lot)

    def sent(self, path: str, person: Person) -> bool:
        """Whether the person sent this file."""
        lot = self._lots.get(person.user)
        return lot is not None and (path, person) in lot.there

    def add(self, path: str, person: Person) -> None:
        """Remember a file that a person sent; two may send the same."""
        self._lots[person.user].there[path, person] = 0

    @contextmanager
    def coming(self, user: str) -> Iterator[Callable[[int, int], None]]:
        """While a request sends files: what each file and each piece of one is counted with. It
        raises Refused with 413 where it is too much; so does this at once."""
        lot, files, size = self._lots[user], 0, 0

        def count(more: int, bytes_: int) -> None:
            nonlocal files, size
            files, size = files + more, size + bytes_
            lot.files_coming += more
            lot.size_coming += bytes_
            if len(lot.there) + lot.files_coming > self._files:
                raise Refused(
                    413, f"more than {self._files:,} files would wait to be added; add those first"
                )
            if lot.size + lot.size_coming > self._size:
                raise Refused(413, "too much has been uploaded and not added; add it first")

        lot.look()
        try:
            count(0, 0)
            yield count
        finally:
            lot.files_coming -= files
            lot.size_coming -= size
            lot.look()
