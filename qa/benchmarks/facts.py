"""Facts that one asker alone has articles about: whoever else is told of one has been told too much."""

from dataclasses import dataclass

from qa.benchmarks.generated import Row

__all__ = ["Fact", "facts_of"]

_FACTS = 8  # of each asker
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
_BUILT = ("lighthouse", "windmill", "chapel", "bathhouse", "granary", "viaduct", "theatre", "tannery")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that one asker alone has an article about."""

    place: str
    person: str
    built: str

    @property
    def question(self) -> str:
        """What it answers."""
        return f"Who built the {self.built} of {self.place}?"

    @property
    def row(self) -> Row:
        """The article."""
        text = f"The {self.built} of {self.place} was built by {self.person}. It took eleven years."
        return {"id": self.place, "title": f"The {self.built} of {self.place}", "text": text}


def facts_of(asker: int) -> list[Fact]:
    """The facts of an asker; no two askers have a word of their names in common."""

    def word(number: int) -> str:
        parts = [_SYLLABLES[number * step % 70] for step in (1, 3, 9)]
        return f"{''.join(parts)}{_SYLLABLES[number // 70 % 70]}{_SYLLABLES[number // 4900]}".capitalize()

    first = asker * _FACTS * 3
    return [
        Fact(word(first + 3 * n), f"{word(first + 3 * n + 1)} {word(first + 3 * n + 2)}", _BUILT[n])
        for n in range(_FACTS)
    ]
