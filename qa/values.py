"""When two answers to one question say the same: as numbers, as dates, or as names."""

import re
from dataclasses import dataclass

from text_to_num import alpha2digit

from corpus.dates import iso_date
from qa.text import normalized

__all__ = ["Value", "same", "value_of"]

_LANGUAGES = {"da", "de", "en", "es", "fr", "it", "nl", "pt"}  # those of text2num
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "mln": 1e6, "mn": 1e6, "billion": 1e9,
    "bln": 1e9, "bn": 1e9, "trillion": 1e12,
}  # fmt: skip
_NUMBER = re.compile(
    rf"(?<![\w.,])(?P<whole>\d{{1,3}}(?:[,\u00a0\u202f ]\d{{3}})+|\d+)(?P<part>\.\d+)?"
    rf"(?:[\s-]*(?P<scale>{'|'.join(_SCALES)})\b)?\.?(?P<ordinal>st|nd|rd|th)?(?!\w)",
    re.IGNORECASE,
)
_UNITS = {
    "%": "%", "percent": "%", "per cent": "%", "percentage": "%",
    "$": "$", "dollar": "$", "dollars": "$", "usd": "$", "€": "€", "euro": "€", "euros": "€",
    "£": "£", "pound": "£", "pounds": "£", "pounds sterling": "£",
    "km": "km", "kilometre": "km", "kilometres": "km", "kilometer": "km", "kilometers": "km",
    "mile": "mi", "miles": "mi", "metre": "m", "metres": "m", "meter": "m", "meters": "m",
    "hour": "h", "hours": "h", "minute": "min", "minutes": "min", "day": "d", "days": "d",
    "week": "w", "weeks": "w", "month": "mo", "months": "mo", "year": "y", "years": "y",
}  # fmt: skip
_UNIT = re.compile(
    "|".join(
        rf"(?<!\w){re.escape(name)}(?!\w)" if name[0].isalpha() else re.escape(name)
        for name in sorted(_UNITS, key=len, reverse=True)
    ),
    re.IGNORECASE,
)
# With one of these in front a name is another one: South Korea is not Korea.
_OTHERS = frozenset(
    [
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "central",
        "upper",
        "lower",
        "new",
        "old",
        "former",
        "ex",
        "vice",
        "deputy",
        "acting",
        "assistant",
        "non",
        "anti",
        "pro",
        "not",
        "no",
        "without",
        "except",
    ]
)
_MONTH = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """An answer's words brought to one form: ``words`` in lower case with numerals, ``date``
    as far as ISO 8601 can say it, ``numbers`` in full with the ``unit`` they are counted in."""

    words: tuple[str, ...]
    date: str | None
    numbers: tuple[float, ...]
    unit: str


def value_of(text: str, language: str | None = None) -> Value:
    """The form of an answer in which it can be compared."""
    text = " ".join(text.split())
    spelled = (language or "en")[:2].lower()
    digits = _NUMBER.sub(_in_full, text)
    if spelled in _LANGUAGES:
        digits = _NUMBER.sub(_in_full, alpha2digit(digits, spelled))
    found = list(_NUMBER.finditer(digits))
    units = {_UNITS[unit.lower()] for unit in _UNIT.findall(digits)}
    return Value(
        words=tuple(normalized(digits).split()),
        date=_whole_date(text.strip(" .,;:")),
        numbers=tuple(_amount(match) for match in found),
        unit=units.pop() if len(units) == 1 else "",
    )


def _whole_date(text: str) -> str | None:
    """The date that ``text`` is, as far as it says; None for a range of days, of which only
    the year would be left."""
    found = iso_date(text) if any(c.isdigit() for c in text) else None
    if found and len(found) == 4 and (_MONTH.search(text) or len(re.findall(r"\d+", text)) > 1):
        return None
    return found


def _amount(match: re.Match[str]) -> float:
    whole = re.sub(r"\D", "", match["whole"])
    return float(whole + (match["part"] or "")) * _SCALES.get((match["scale"] or "").lower(), 1)


def _in_full(match: re.Match[str]) -> str:
    amount = _amount(match)
    return (f"{amount:.0f}" if amount == int(amount) else f"{amount}") + (match["ordinal"] or "")


def same(one: Value, other: Value) -> bool:
    """Whether two answers to one question say the same.

    Dates do where neither says another day, month or year; numbers where the amounts are
    equal and the units not different; names where one is the other with a title or an
    apposition ("Academician Rafael Huseynov", "Rafael Huseynov").
    """
    if one.words == other.words:
        return bool(one.words)
    if one.date and other.date:
        return one.date.startswith(other.date) or other.date.startswith(one.date)
    if any(_MONTH.search(" ".join(value.words)) for value in (one, other)):
        return sorted(one.words) == sorted(other.words)  # days of no year, or several days
    if one.numbers or other.numbers:
        if one.numbers != other.numbers or one.date or other.date:
            return False
        percent = "%" in (one.unit, other.unit)
        return one.unit == other.unit or not (percent or (one.unit and other.unit))
    return _named_alike(one.words, other.words) or _named_alike(other.words, one.words)


def _named_alike(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether the words of ``short`` open or end ``long``, and the rest is no word that
    makes it another name."""
    if not short or len(short) >= len(long) or len(long) > len(short) + 4:
        return False
    at_end = long[-len(short) :] == short
    if not at_end and long[: len(short)] != short:
        return False
    rest = long[: -len(short)] if at_end else long[len(short) :]
    return not _OTHERS.intersection(rest)
