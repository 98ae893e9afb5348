"""Whose a session or an answer is: whoever's it was first."""

from collections import OrderedDict

from qa.serving.people import Person

__all__ = ["Owners"]

_KEPT = 100_000  # the least recently used are forgotten beyond


class Owners:
    """Remembers who used an id first. For one event loop."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._owners: OrderedDict[str, Person] = OrderedDict()

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
