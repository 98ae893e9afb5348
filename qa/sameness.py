"""When two answers to one question say the same, and when they do not go together.

Where it is not plain, they are said to differ: shown apart, both can be read; shown as
one, a source would be made to say what it does not.
"""

import re

from qa.amounts import bounds, measure
from qa.mentions import PREPOSITIONS
from qa.values import Date, Value, is_number
from qa.vocabulary import PARTS_OF_TIME, TELLING, TITLES, VAGUE, WEEKDAYS

__all__ = ["differ", "same"]

_SETS_APART = (
    PREPOSITIONS | TELLING | {"wife", "husband", "son", "daughter", "mother", "aide", "widow"}
)

_OF_PLACES = frozenset((
    "new", "old", "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "upper",
    "lower", "great", "little", "saint", "st", "san", "santa", "port", "fort", "mount", "lake", "cape", "el", "los", "las",
    "papua", "equatorial", "united", "city", "river", "street", "road", "university", "group", "company", "bank", "party",
    "ministry", "council", "bridge", "club", "institute", "museum", "times", "post", "news",
))  # fmt: skip
_OF_WOMEN = {"a", "e", "ne", "na", "le", "la", "ina", "ine", "ette", "lle"}  # Paul, Paula
_SOON = frozenset(("shortly", "soon", "about", "around", "before", "after", "nearly", "almost"))
_ROUNDED = 0.05  # share by which the same amount in another unit may be off
_WITHIN = 20  # minutes that are "shortly before"


def same(one: Value, other: Value) -> bool:
    """Whether two answers to one question say the same.

    Dates do where one says all that the other does; figures where the amounts and units
    are equal and one side has no words but those of the other; names where one is the
    other with a title in front ("Academician Rafael Huseynov") or an apposition behind a
    comma ("Baku, Azerbaijan").
    """
    if one.date and other.date:
        said, also = (
            {(place, part) for place, part in enumerate(date) if part is not None}
            for date in (one.date, other.date)
        )
        return (said <= also or also <= said) and not PARTS_OF_TIME & (
            {*one.tokens} ^ {*other.tokens}
        )
    if one.tokens == other.tokens:
        return bool(one.tokens)
    numbers, others = one.numbers, other.numbers
    if numbers or others:
        if one.unit != other.unit and measure(one.tokens):
            return _measured_alike(one, other)
        return len(numbers) == 1 and numbers == others and _counted_alike(one, other)
    return (
        _surname(one, other)
        or _titled(one.tokens, other)
        or _titled(other.tokens, one)
        or (one.name != one.tokens and bool(one.name) and one.name == other.tokens)
        or (other.name != other.tokens and bool(other.name) and other.name == one.tokens)
    )


def differ(one: Value, other: Value) -> bool:
    """Whether two answers to one question do not go together: two figures, dates, times of the
    day or names.

    "More than 600" goes with 613 and "about 500" with 487. An amount that nobody counted
    ("dozens") is set beside any figure: which of them is meant, the reader may judge.
    """
    kind = one.kind
    if one.date and other.date:
        return _other_day(one.date, other.date)
    if not kind or kind != other.kind or same(one, other):
        return False
    if kind == "weekday":
        return not set(one.tokens) & set(other.tokens) & WEEKDAYS
    if kind == "time":
        # Of 8:15 and 20:15 the one may be the other's evening.
        times, others = (
            {_minutes(t) % 720 for t in value.tokens if ":" in t} for value in (one, other)
        )
        near = _WITHIN if _SOON & {*one.tokens, *other.tokens} else 0
        return all((a - b) % 720 > near and (b - a) % 720 > near for a in times for b in others)
    if kind == "amount":
        scores = [[token for token in value.tokens if _is_score(token)] for value in (one, other)]
        if any(scores):
            return all(scores) and set(map(_sides, scores[0])).isdisjoint(map(_sides, scores[1]))
        if one.unit != other.unit or len(one.unit) > 1:
            apart = _measured_apart(one, other)
            if apart is not None or one.unit != other.unit:
                return bool(apart)
        vague, theirs = (VAGUE & set(value.tokens) for value in (one, other))
        if vague or theirs:
            return vague != theirs
        (low, high), (least, most) = bounds(one.tokens), bounds(other.tokens)
        return high < least or most < low
    if kind == "name":
        return not _alike(one, other)
    return True


def _other_day(one: Date, other: Date) -> bool:
    """Whether two dates have a part in common that is not the same: of 19 August and 1871 none is."""
    return any(None not in parts and parts[0] != parts[1] for parts in zip(one, other, strict=True))


def _surname(one: Value, other: Value) -> bool:
    """Whether two names end alike and one has initials, a short form or nothing where the other has first names:
    "Thorsson", "G. Thorsson" and "Captain Gunnar Thorsson", but not "York" and "New York"."""
    if not one.capital or not other.capital:
        return False
    long, short = sorted((_untitled(one.name), _untitled(other.name)), key=len, reverse=True)
    if not short or len(long) > 3 or len(long) < 2 or long[-1] != short[-1] or len(short[-1]) < 3:
        return False
    if _OF_PLACES & {*long, *short} or _SETS_APART & {*long, *short}:
        return False
    given = list(zip(long[:-1], short[:-1], strict=False))
    return len(short) == 1 or all(_shortened(*sorted(pair, key=len)) for pair in given)


def _shortened(short: str, long: str) -> bool:
    """Whether a first name is the other's initial or its beginning: of Stanley Stan, of Paula no Paul."""
    if not long.startswith(short) or len(short) in (1, len(long)):
        return long.startswith(short)
    rest = long[len(short) :]
    return rest not in _OF_WOMEN if len(short) > 2 else len(rest) > 3


def _untitled(name: tuple[str, ...]) -> tuple[str, ...]:
    first = next((i for i, word in enumerate(name) if word not in TITLES), len(name))
    return name[first:]


def _measured_alike(one: Value, other: Value) -> bool:
    """Whether two amounts in unlike units are one, rounded: "sixteen miles" and 26 kilometres."""
    ours, theirs = measure(one.tokens), measure(other.tokens)
    if not ours or not theirs or (set(one.tokens) ^ set(other.tokens)) & (TELLING - {"and"}):
        return False
    middle, its = sum(ours[1:]) / 2, sum(theirs[1:]) / 2
    apart = abs(middle - its) > _ROUNDED * max(middle, its)
    return not apart and _measured_apart(one, other) is False


def _measured_apart(one: Value, other: Value) -> bool | None:
    """Whether two amounts in unlike units are unlike in any unit; None if that cannot be said."""
    ours, theirs = measure(one.tokens), measure(other.tokens)
    if not ours or not theirs or ours[0] != theirs[0]:
        return None
    return ours[2] < theirs[1] or theirs[2] < ours[1]


def _alike(one: Value, other: Value) -> bool:
    """Whether two names may be the same one's: a word in common, or the initials of the other."""
    words, others = (
        {word for token in value.tokens for word in token.split("-")} - TITLES
        for value in (one, other)
    )
    if any(len(word) > 2 for word in words & others):
        return True
    first, second = ("".join(c for c in "".join(v.tokens) if c.isalpha()) for v in (one, other))
    letters, theirs = ("".join(t[0] for t in v.tokens if t[0].isalpha()) for v in (one, other))
    # UN and United Nations, U.S. and USA
    return any(
        len(short) > 1 and len(short) <= 4 and long.startswith(short)
        for short, long in ((first, theirs), (second, letters), (first, second), (second, first))
        if len(long) <= 6
    )


def _is_score(token: str) -> bool:
    """Whether it is a score such as 4-1: a range has its larger figure last."""
    sides = re.fullmatch(r"(\d{1,3})-(\d{1,3})", token)
    return sides is not None and int(sides[1]) >= int(sides[2])


def _sides(score: str) -> tuple[str, ...]:
    return tuple(sorted(score.split("-")))


def _minutes(token: str) -> int:
    hour, minute = (int(part) for part in token.split(":")[:2])
    return 60 * hour + minute


def _counted_alike(one: Value, other: Value) -> bool:
    if one.date or other.date:
        return False  # a year is not a count
    words, others = ({t for t in v.tokens if not is_number(t)} for v in (one, other))
    if one.unit != other.unit:
        return False
    return (words <= others or others <= words) and not (words ^ others) & TELLING


def _titled(name: tuple[str, ...], other: Value) -> bool:
    """Whether ``other`` is ``name`` with titles in front, and in front of those up to two words of
    where ("South Korean President"), but not "wife of President"."""
    long = other.tokens
    extra = len(long) - len(name)
    if extra <= 0 or not name or long[extra:] != name or TITLES.issuperset(name):
        return False
    where = next((place for place in range(extra) if long[place] in TITLES), extra)
    listed = where > 0 and other.name != long  # "Ada Birch, Judge Tom Ferrow"
    apart = listed or not _SETS_APART.isdisjoint(long[:where])
    led = where < extra or name[0] in TITLES
    return led and where < 3 and not apart and TITLES.issuperset(long[where:extra])
