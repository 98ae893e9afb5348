"""When two answers to one question say the same: as figures, as dates, or as names.

Where it is not plain, they are said to differ: shown apart, both can be read; shown as
one, a source would be made to say what it does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from text_to_num import alpha2digit

from qa.amounts import bounds
from qa.mentions import PREPOSITIONS
from qa.spelling import in_figures, in_words, word_in_full
from qa.vocabulary import MONTHS, SCALES, TELLING, TITLES, UNITS, VAGUE, WEEKDAYS

__all__ = ["Value", "differ", "same", "value_of"]

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
    r"|(?P<word>[^\W\d_]+(?:[.'’+&-]?[^\W_]+)*\+*)|(?P<symbol>[%$€£¥₼₽₺₹°²³]|(?<=\S),)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\w.:,])(\d{1,2})(?:[:.](\d\d))?\s?([ap])\.?\s?m\b\.?|(?<![\w.:,])(\d{1,2}):(\d\d)(?![\w:])(?!\.\d)",
    re.IGNORECASE,
)
_PLURALS = re.compile(rf"\b({'|'.join(sorted(VAGUE))})\b", re.IGNORECASE)
_ALL_UNITS = {*UNITS.values(), "°", "²", "³"}
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_SHORT = 7  # words of an answer that is one value
_PARTS = frozenset(("half", "quarter", "quarters", "third", "thirds", "fifth", "tenth"))
_BESIDE_TIMES = frozenset(("at", "about", "around", "shortly", "before", "after", "local", "time", "in", "morning",
                           "evening", "night", "afternoon", "of", "h", "o'clock"))  # fmt: skip
_FILLERS = frozenset(("a", "an", "the"))
_SETS_APART = (
    PREPOSITIONS | TELLING | {"wife", "husband", "son", "daughter", "mother", "aide", "widow"}
)

Date = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Value:
    """An answer in the form in which it is compared.

    ``tokens`` are its words in lower case, its figures in full, its units as symbols;
    ``name`` those before the first comma; ``date`` is year, month and day, as far as said,
    if the answer is a date and nothing else; ``capital`` says that it has a capital letter.
    """

    tokens: tuple[str, ...]
    name: tuple[str, ...]
    date: Date | None
    capital: bool = False

    @property
    def unit(self) -> frozenset[str]:
        """Symbols of units and currencies in it."""
        return frozenset(self.tokens) & _ALL_UNITS

    @property
    def numbers(self) -> tuple[str, ...]:
        """The figures in it."""
        return tuple(filter(_is_number, self.tokens))

    @property
    def telling(self) -> bool:
        """Whether it has a figure that seldom stands in two texts by chance: three digits or more,
        noughts at the end aside, that is no year."""
        return any(
            len(re.sub(r"\D", "", number).strip("0")) > 2 and not _YEAR.fullmatch(number)
            for number in self.numbers
        )

    @property
    def counted(self) -> bool:
        """Whether it is an amount."""
        return _kind(self) == "amount"


@lru_cache(maxsize=2048)  # for one question the same passages are gone through several times
def value_of(text: str, language: str | None = None) -> Value:
    """The form of an answer in which it can be compared."""
    spelled = (language or "en")[:2].lower()
    plain = in_words(text, english=spelled == "en")
    digits = _CLOCK.sub(_of_day, _SCALED.sub(_in_full, plain))
    if spelled in _LANGUAGES:
        # "Hundreds" is no hundred: such words are hidden from the library.
        digits = alpha2digit(_PLURALS.sub(r"vague\1", digits), spelled).replace("vague", "")
    if spelled == "en":
        digits = in_figures(digits)
    every = list(_tokens(digits))
    if spelled == "en":  # which the library leaves in words when they stand alone
        every = [{"one": "1", "two": "2"}.get(token, token) for token in every]
    tokens = tuple(part for part in every if part != ",")
    first = every.index(",") if "," in every else len(every)
    # "1,850" is a count, not a year; so is "1 850".
    date = None if re.search(r"\d[,\s]\d{3}\b", text) else _date(tokens)
    apposed = every.count(",") == 1 and "and" not in tokens
    name = tuple(every[:first]) if apposed else tokens
    return Value(tokens, name, date, any(map(str.isupper, text)))


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


def _of_day(match: re.Match[str]) -> str:
    """A time of the day in the form 18:30."""
    hour, minute = int(match[1] or match[4]), match[2] or match[5] or "00"
    if match[3]:
        hour = hour % 12 + (12 if match[3].lower() == "p" else 0)
    return match[0] if hour > 24 or int(minute) > 59 else f"{hour}:{minute}"


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        if match["joined"]:
            joined = re.sub(r"\s?[-–—]\s?", "-", match["joined"].rstrip(".,")).replace(" ", "")
            yield re.sub(r"^(\d):(\d)$", r"\1-\2", joined)  # a score
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
            word = word_in_full(match["word"])
            if word not in _FILLERS:
                yield word


def _date(tokens: tuple[str, ...]) -> Date | None:
    rest = [t for t in tokens if t not in ("on", "in", "of") and t not in WEEKDAYS]
    if len(rest) > 3:
        return None
    months = [MONTHS[t] for t in rest if t in MONTHS]
    numbers = [t for t in rest if t not in MONTHS]
    numbers = [re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", t) for t in numbers]
    years = [int(t) for t in numbers if _YEAR.fullmatch(t)]
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
    numbers, others = one.numbers, other.numbers
    if numbers or others:
        return len(numbers) == 1 and numbers == others and _counted_alike(one, other)
    return (
        _titled(one.tokens, other)
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
    kind = _kind(one)
    if not kind or kind != _kind(other) or same(one, other):
        return False
    if kind == "weekday":
        return not set(one.tokens) & set(other.tokens) & WEEKDAYS
    if kind == "time":
        # Of 8:15 and 20:15 the one may be the other's evening.
        times, others = (
            {_minutes(t) % 720 for t in value.tokens if ":" in t} for value in (one, other)
        )
        return not times & others
    if kind == "amount":
        if one.unit != other.unit:
            return False
        vague, theirs = (VAGUE & set(value.tokens) for value in (one, other))
        if vague or theirs:
            return vague != theirs
        (low, high), (least, most) = bounds(one.tokens), bounds(other.tokens)
        return high < least or most < low
    if kind == "name":
        return not _alike(one, other)
    return True


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


def _minutes(token: str) -> int:
    hour, minute = (int(part) for part in token.split(":")[:2])
    return 60 * hour + minute


def _kind(value: Value) -> str:
    """What sort of answer it is; empty if it is none that can be compared."""
    tokens = set(value.tokens)
    if value.date:
        # A year says nothing against a day of the year.
        return "year" if value.date[1] is None else "date" if value.date[2] else "month"
    if WEEKDAYS & tokens and tokens <= WEEKDAYS | {"on", "last", "next"}:
        return "weekday"
    if any(re.fullmatch(r"\d{1,2}:\d\d", token) for token in value.tokens):
        rest = {t for t in tokens if ":" not in t and not _is_number(t) and t not in MONTHS}
        return "time" if rest <= WEEKDAYS | _BESIDE_TIMES else ""
    if tokens & _PARTS or any(re.search(r"\d(?:st|nd|rd|th)$", token) for token in value.tokens):
        return ""  # a rank or a part
    if any(map(_is_number, value.tokens)) or VAGUE & tokens:
        return "amount" if len(value.tokens) <= _SHORT else ""
    return "name" if tokens and value.capital and len(value.tokens) <= _SHORT else ""


def _is_number(token: str) -> bool:
    return token.lstrip("-")[:1].isdigit()


def _counted_alike(one: Value, other: Value) -> bool:
    if one.date or other.date:
        return False  # a year is not a count
    words, others = ({t for t in v.tokens if not _is_number(t)} for v in (one, other))
    if words & _ALL_UNITS != others & _ALL_UNITS:
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
