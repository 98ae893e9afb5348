"""When two answers to one question say the same: as figures, as dates, or as names.

Where it is not plain, they are said to differ: shown apart, both can be read; shown as
one, a source would be made to say what it does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from text_to_num import alpha2digit

from qa.vocabulary import MONTHS, PEOPLE, SCALES, TELLING, TITLES, UNITS

__all__ = ["Value", "same", "value_of"]

_LANGUAGES = {"da", "de", "en", "es", "fr", "it", "nl", "pt"}  # those of text2num
# A single letter is a scale only behind an amount of money: 5 m are metres.
_SCALED = re.compile(
    r"(?P<money>[$€£]\s?)?(?P<digits>(?<![\w.,:/-])\d[\d,]*(?:\.\d+)?)\s?(?P<scale>"
    + "|".join(sorted(SCALES, key=len, reverse=True))
    + r")\b(?![-'’]\w)",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?P<number>(?<![\w.])[-+−]?(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?"
    r"(?!\d|[.,]\d|\s?[-–—:/]\s?\d))(?P<ordinal>(?:st|nd|rd|th)\b)?"
    r"|(?P<joined>\d(?:[\d.,]|\s?[-–—:/]\s?(?=\d))*)"  # ranges, times, scores
    r"|(?P<word>[^\W\d_]+(?:[.'’+&-]?[^\W_]+)*\+*)|(?P<symbol>[%$€£¥₼₽₺°²³]|(?<=\S),)",
    re.IGNORECASE,
)
_ALL_UNITS = {*UNITS.values(), "°", "²", "³"}
_FILLERS = frozenset(("a", "an", "the"))

Date = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Value:
    """An answer in the form in which it is compared.

    ``tokens`` are its words in lower case, its figures in full, its units as symbols;
    ``name`` those before the first comma; ``date`` is year, month and day, as far as said,
    if the answer is a date and nothing else.
    """

    tokens: tuple[str, ...]
    name: tuple[str, ...]
    date: Date | None


def value_of(text: str, language: str | None = None) -> Value:
    """The form of an answer in which it can be compared."""
    spelled = (language or "en")[:2].lower()
    digits = _SCALED.sub(_in_full, " ".join(text.split()))
    if spelled in _LANGUAGES:
        digits = alpha2digit(digits, spelled)
    every = list(_tokens(digits))
    tokens = tuple(part for part in every if part != ",")
    first = every.index(",") if "," in every else len(every)
    return Value(tokens, tuple(every[:first]), _date(tokens))


def _in_full(match: re.Match[str]) -> str:
    if len(match["scale"]) == 1 and not match["money"]:
        return match[0]
    digits = match["digits"].replace(",", "")
    zeros = SCALES[match["scale"].lower()]
    whole, _, part = digits.partition(".")
    # Moving the point by hand keeps every digit, however many there are.
    return f"{match['money'] or ''}{whole}{part[:zeros].ljust(zeros, '0')}" + (
        f".{part[zeros:]}" if part[zeros:] else ""
    )


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        if match["joined"]:
            yield re.sub(r"\s?[-–—]\s?", "-", match["joined"].rstrip(".,")).replace(" ", "")
        elif match["number"]:
            digits = re.sub(r"[,\u00a0\u202f+]", "", match["number"]).replace("−", "-")
            whole, _, part = digits.partition(".")
            sign = "-" if whole.startswith("-") else ""
            part = part.rstrip("0")
            amount = (whole.lstrip("-").lstrip("0") or "0") + (f".{part}" if part else "")
            yield sign + amount + (match["ordinal"] or "").lower()
        elif match["symbol"]:
            yield match["symbol"]
        else:
            word = match["word"].lower().removesuffix("'s").removesuffix("’s")
            if word not in _FILLERS:
                yield "people" if word in PEOPLE else UNITS.get(word, word)


def _date(tokens: tuple[str, ...]) -> Date | None:
    rest = [t for t in tokens if t not in ("on", "in", "of")]
    months = [MONTHS[t] for t in rest if t in MONTHS]
    numbers = [t for t in rest if t not in MONTHS]
    numbers = [re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", t) for t in numbers]
    years = [int(t) for t in numbers if re.fullmatch(r"1[5-9]\d\d|20\d\d", t)]
    days = [int(t) for t in numbers if re.fullmatch(r"[12]?\d|3[01]", t) and t != "0"]
    if len(months) > 1 or len(years) > 1 or len(days) > 1:
        return None
    if len(years) + len(days) != len(numbers) or (days and not months) or not rest:
        return None
    if not years and not days:
        return None
    return next(iter(years), None), next(iter(months), None), next(iter(days), None)


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
        return said <= also or also <= said
    if one.tokens == other.tokens:
        return bool(one.tokens)
    numbers, others = (tuple(filter(_is_number, value.tokens)) for value in (one, other))
    if numbers or others:
        return len(numbers) == 1 and numbers == others and _counted_alike(one, other)
    return (
        _titled(one.tokens, other.tokens)
        or _titled(other.tokens, one.tokens)
        or (
            (one.name != one.tokens or other.name != other.tokens)
            and bool(one.name)
            and (one.name in (other.tokens, other.name) or other.name == one.tokens)
        )
    )


def _is_number(token: str) -> bool:
    return token.lstrip("-")[:1].isdigit()


def _counted_alike(one: Value, other: Value) -> bool:
    if one.date or other.date:
        return False  # a year is not a count
    words, others = ({t for t in v.tokens if not _is_number(t)} for v in (one, other))
    if words & _ALL_UNITS != others & _ALL_UNITS:
        return False
    return (words <= others or others <= words) and not (words ^ others) & TELLING


def _titled(name: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether ``long`` is ``name`` with titles in front."""
    extra = len(long) - len(name)
    return (
        extra > 0
        and bool(name)
        and long[extra:] == name
        and TITLES.issuperset(long[:extra])
        and not TITLES.issuperset(name)
    )
