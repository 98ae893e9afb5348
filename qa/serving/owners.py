"""Whose a session, an answer or an uploaded file is: whoever's it was first."""

import os
from collections import OrderedDict

from qa.serving.people import Person

__all__ = ["Owners"]

_KEPT = 100_000  # the least recently used are forgotten beyond


class Owners:
    """Remembers who used an id first. For one event loop."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._owners: OrderedDict[str, Person] = OrderedDict()
        self._files: OrderedDict[tuple[str, Person], None] = OrderedDict()

    def take(self, id: str, person: Person) -> bool:
        """Whether this is the person's; what was nobody's is from now on."""
        owner = self._owners.setdefault(id, person)
        self._owners.move_to_end(id)
        if len(self._owners) > self._kept:
            self._owners.popitem(last=False)
        return owner == person

    def has(self, id: str, person: Person) -> bool:
        """Whether this is known to be the person's."""
        return self._owners.get(id) == person

    def uploaded(self, path: str, person: Person) -> None:
        """Remember a file that a person sent; two may send the same."""
        self._files[path, person] = None
        if len(self._files) > self._kept:
            self._files.popitem(last=False)

    def waiting(self, user: str) -> int:
        """Bytes of the files that a user has sent and that still lie there; the rest is forgotten."""
        there: dict[str, int] = {}
        for path, person in [kept for kept in self._files if kept[1].user == user]:
            try:
                there[path] = os.stat(path).st_size
            except OSError:
                del self._files[path, person]
        return sum(there.values())

    def sent(self, path: str, person: Person) -> bool:
        """Whether the person sent this file."""
        return (path, person) in self._files
