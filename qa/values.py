"""The form of an answer in which it can be compared: figures, dates and names, each written in
one way."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from text_to_num import alpha2digit

from qa.spelling import in_figures, in_words, word_in_full
from qa.vocabulary import (
    DOLLARS,
    MONTHS,
    OTHERS_MONEY,
    PARTS_OF_TIME,
    SCALES,
    UNITS,
    VAGUE,
    WEEKDAYS,
)

__all__ = ["Value", "is_number", "value_of", "words_of"]

_LANGUAGES = {"da", "de", "en", "es", "fr", "it", "nl", "pt"}  # those of text2num
# A single letter is a scale only behind an amount of money: 5 m are metres.
_SCALE = rf"(?P<scale>{'|'.join(sorted(SCALES, key=len, reverse=True))})\b(?![-'’]\w)"
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_SCALED = re.compile(
    rf"(?P<money>[$€£]\s?)?(?P<digits>(?<![\w.,:/-]){_DIGITS})[\s-]?{_SCALE}", re.IGNORECASE
)
# "5-7 million", "between 5 and 7 million": the scale is that of both.
_SCALED_RANGE = re.compile(
    rf"(?P<between>\bbetween )?(?P<money>[$€£]\s?)?(?P<low>(?<![\w.,:/-]){_DIGITS})"
    rf"(?:\s?[-–—]\s?| to |(?(between) and |(?!)))(?:[$€£]\s?)?(?P<digits>{_DIGITS})[\s-]?{_SCALE}",
    re.IGNORECASE,
)
_RANGE = 100  # times the lower end that the upper end is at most: "from 500 to 7 million" is none
_TOKEN = re.compile(
    r"(?P<number>(?<![\w.])[-+−]?(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?"
    r"(?!\d|[.,]\d|\s?[-–—:/]\s?\d))(?P<ordinal>(?:st|nd|rd|th)\b)?"
    r"|(?P<joined>\d(?:[\d.,]|\s?[-–—:/]\s?(?=\d))*)"  # ranges, times, scores
    r"|(?P<currency>\b[A-Z]{1,3}\$)|(?P<word>[^\W\d_]+(?:[.'’+&-]?[^\W_]+)*\+*)|(?P<symbol>[%$€£¥₼₽₺₹°²³]|(?<=\S),)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\w.:,])(\d{1,2})(?:[:.](\d\d))?\s?([ap])\.?\s?m\b\.?|(?<![\w.:,])(\d{1,2}):(\d\d)(?![\w:])(?!\.\d)",
    re.IGNORECASE,
)
_PLURALS = re.compile(rf"\b({'|'.join(sorted(VAGUE))})\b", re.IGNORECASE)
_ALL_UNITS = {*UNITS.values(), "°", "²", "³"}
_MONEY = frozenset("$€£¥₼₽₺₹")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_SHORT = 7  # words of an answer that is one value
_PARTS = frozenset(("half", "quarter", "quarters", "third", "thirds", "fifth", "tenth"))
_BESIDE_TIMES = frozenset(("at", "about", "around", "shortly", "before", "after", "local", "time", "in", "morning",
                           "evening", "night", "afternoon", "of", "on", "h", "o'clock", "soon", "just"))  # fmt: skip
_FILLERS = frozenset(("a", "an", "the"))

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
        return frozenset(t for t in self.tokens if t in _ALL_UNITS or {t[0], t[-1]} & _MONEY)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The figures in it."""
        return tuple(filter(is_number, self.tokens))

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
        return self.kind == "amount"

    @property
    def kind(self) -> str:
        """What sort of answer it is; empty if it is none that can be compared."""
        tokens = set(self.tokens)
        if self.date:
            # A year says nothing against a day of the year.
            return "year" if self.date[1] is None else "date" if self.date[2] else "month"
        if WEEKDAYS & tokens and tokens <= WEEKDAYS | {"on", "last", "next"}:
            return "weekday"
        if any(re.fullmatch(r"\d{1,2}:\d\d", token) for token in self.tokens):
            rest = {t for t in tokens if ":" not in t and not is_number(t) and t not in MONTHS}
            return "time" if rest <= WEEKDAYS | _BESIDE_TIMES else ""
        if tokens & _PARTS or any(re.search(r"\d(?:st|nd|rd|th)$", token) for token in self.tokens):
            return ""  # a rank or a part
        if any(map(is_number, self.tokens)) or VAGUE & tokens:
            return "amount" if len(self.tokens) <= _SHORT else ""
        return "name" if tokens and self.capital and len(self.tokens) <= _SHORT else ""


@lru_cache(maxsize=1024)  # the spans of one question are compared again and again
def value_of(text: str, language: str | None = None) -> Value:
    """The form of an answer in which it can be compared. Of longer texts only words are wanted:
    ``words_of``."""
    return _worked_out(text, language)


@lru_cache(maxsize=48)  # few, since they are long; looked into once for each value
def words_of(text: str, language: str | None = None) -> tuple[str, ...]:
    """The tokens of a passage or an article, as those of a ``Value`` are written."""
    return _worked_out(text, language).tokens


def _worked_out(text: str, language: str | None) -> Value:
    spelled = (language or "en")[:2].lower()
    plain = in_words(text, english=spelled == "en")
    digits = _CLOCK.sub(_of_day, _SCALED.sub(_in_full, _SCALED_RANGE.sub(_both_in_full, plain)))
    if spelled in _LANGUAGES:
        # "Hundreds" is no hundred: such words are hidden from the library.
        digits = alpha2digit(_PLURALS.sub(r"vague\1", digits), spelled).replace("vague", "")
    if spelled == "en":
        digits = in_figures(digits)
    every = list(_tokens(digits))
    if spelled == "en":  # which the library leaves in words when they stand alone
        every = [{"one": "1", "two": "2"}.get(token, token) for token in every]
        every = _of_countries(every)
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
    return f"{match['money'] or ''}{_enlarged(match['digits'], match['scale'])}"


def _both_in_full(match: re.Match[str]) -> str:
    low, high = (float(match[end].replace(",", "")[:15]) for end in ("low", "digits"))
    if (len(match["scale"]) == 1 and not match["money"]) or not low < high <= _RANGE * low:
        return match[0]
    ends = (_enlarged(match[end], match["scale"]) for end in ("low", "digits"))
    return f"{match['money'] or ''}{'-'.join(ends)}"


def _enlarged(digits: str, scale: str) -> str:
    """``digits`` with the noughts of their scale. A comma that parts no thousands parts decimals."""
    thousands = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|[^,]*", digits)
    whole, _, part = digits.replace(",", "" if thousands else ".").partition(".")
    zeros = SCALES[scale.lower()]
    # Moving the point by hand keeps every digit, however many there are.
    return f"{whole}{part[:zeros].ljust(zeros, '0')}" + (f".{part[zeros:]}" if part[zeros:] else "")


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
        elif match["currency"]:
            code = match["currency"][:-1].lower()
            yield f"{DOLLARS.get(code, code)}$"
        else:
            word = word_in_full(match["word"])
            if word not in _FILLERS:
                yield word


def _of_countries(tokens: Sequence[str]) -> list[str]:
    """The tokens with "Australian dollars" as A$ is written, and of pounds, lira and rupees of other
    countries than those whose sign it is the country with the sign."""
    kept: list[str] = []
    for written in tokens:
        table = DOLLARS if written == "$" else OTHERS_MONEY if written in _MONEY else {}
        size = next((s for s in (2, 1) if table and " ".join(kept[-s:]) in table), 0)
        whose = table[" ".join(kept[-size:])] if size else ""
        del kept[len(kept) - size :]
        kept.append(whose + written)
    return kept


def _date(tokens: tuple[str, ...]) -> Date | None:
    partly = not PARTS_OF_TIME.isdisjoint(tokens)
    around = {"on", "in", "of", "at", "by"} if partly else {"on", "in", "of"}
    rest = [t for t in tokens if t not in around | WEEKDAYS | PARTS_OF_TIME]
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
    if not years and not days and not (partly and months):
        return None
    return next(iter(years), None), next(iter(months), None), next(iter(days), None)


def is_number(token: str) -> bool:
    """Whether a token is a figure."""
    return token.lstrip("-")[:1].isdigit()
