"""One way of writing what newspapers write in several: figures, dates, initials, and the words
in front of figures."""

import re
import unicodedata
from collections.abc import Iterable
from functools import partial

from qa.vocabulary import MONTHS, PEOPLE, SHORT_TITLES, TELLING, UNITS

__all__ = ["in_figures", "in_words", "lacks", "word_in_full"]

_NAMES = {number: name for name, number in reversed(MONTHS.items())}
# A space parts thousands where it does not break, or where noughts follow.
_THOUSANDS = re.compile(
    r"(?<![\w.,])\d{1,3}(?:(?:[\u00a0\u2009\u202f]\d{3})+|(?: \d{3})* 000|(?: \d{3}){2,}|(?:\.\d{3}){2,})"
    r"(?![\w]|[.,]\d)"
)
_LETTERS = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "ə": "a", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h",
})  # fmt: skip
"""Those that no accent is taken off by Unicode's decomposition."""
_INITIAL = re.compile(r"\b([A-Z])\. (?=[A-Z]\. ?[A-Z])")  # "J. K. Rowling"
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")  # "U.S" is "US"
_ISO_DAY = re.compile(r"(?<![\w-])((?:1[5-9]|20)\d\d)-(\d\d)-(\d\d)(?![\w-])")
_DOTTED_DAY = re.compile(r"(?<![\w.])(\d{1,2})\.(\d{1,2})\.((?:1[5-9]|20)\d\d)(?!\w)")
_PARTS = re.compile(
    r"\b(one|two|three|four)[- ](thirds?|quarters?|fifths?|tenths?)\b", re.IGNORECASE
)
_MEASURES = r"(?:hour|minute|day|week|month|year|kilometre|kilometer|metre|meter|mile|tonne|ton|kilo(?:gram)?)\b"
_OF_ALL = r"(?= of\b(?! an? )|$|[.,;:)])"  # a share of something, and no third man
_SHARES = {
    "a half": "50", "one half": "50", "a quarter": "25", "one quarter": "25", "three quarters": "75", "a fifth": "20",
    "one fifth": "20", "two fifths": "40", "three fifths": "60", "four fifths": "80", "a tenth": "10", "one tenth": "10",
    "a third": "about 33", "one third": "about 33", "two thirds": "about 67",
}  # fmt: skip
_SHARE = re.compile(
    rf"(?<!and )\b(?:a |(?:one|two|three|four)[ -])(?:half|thirds?|quarters?|fifths?|tenth)\b{_OF_ALL}",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"\b(?:(?P<half>half)|(?:a |one[ -])?(?P<quarter>quarter) of|three[ -]quarters of) an? (?={_MEASURES})",
    re.IGNORECASE,
)
_SINGLE = re.compile(
    rf"(?:^|(?<=nearly )|(?<=almost )|(?<=about )|(?<=than ))an? (?={_MEASURES}|(?:dollar|euro|pound)\b)",
    re.IGNORECASE,
)
_FIRST = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}  # fmt: skip
_ONE_OF = rf"(?:{'|'.join(_FIRST)})"
_ENGLISH = (
    (
        re.compile(rf"\b({_ONE_OF}|\d+) and a half\b(?! of)", re.IGNORECASE),
        lambda m: f"{_first(m[1])}.5",
    ),
    (
        re.compile(
            rf"\b({_ONE_OF}) to ({_ONE_OF})(?= (?:hundred|thousand|million|billion|trillion)\b)",
            re.IGNORECASE,
        ),
        lambda m: f"{_first(m[1])} to {_first(m[2])}",
    ),
    (
        re.compile(
            r"(?<=\d) ?(?:km|kilomet(?:re|er)s?) ?(?:/ ?|per |an )(?:h|hr|hour)\b", re.IGNORECASE
        ),
        " kph",
    ),
    (re.compile(r"(?<=\d) ?miles? ?(?:/ ?|per |an )(?:h|hr|hour)\b", re.IGNORECASE), " mph"),
    (re.compile(r"(?<=\d) ?(?:°|degrees) ?F(?:ahrenheit)?\b", re.IGNORECASE), "° fahrenheit"),
    (re.compile(r"\bhalf (?:a )?dozen\b", re.IGNORECASE), "six"),
    (re.compile(r"(?:\b(?:a|one) |^)dozen\b(?! or)", re.IGNORECASE), "twelve"),
    (re.compile(r"\btwo dozen\b", re.IGNORECASE), "24"),
    (re.compile(r"\bhalf a (million|billion)\b", re.IGNORECASE), r"0.5 \1"),
    (re.compile(r"\bper cent\b", re.IGNORECASE), "percent"),
    (re.compile(r"(?<=\d) ?½"), ".5"),
    (_PART, lambda m: "0.5 " if m["half"] else "0.25 " if m["quarter"] else "0.75 "),
    (re.compile(rf"\b(?:an?|one) ({_MEASURES}) and a half\b", re.IGNORECASE), r"1.5 \1"),
    (re.compile(r"\ba fortnight\b", re.IGNORECASE), "2 weeks"),
    (_SHARE, lambda m: _share(m[0])),
    (_PARTS, r"\1-\2"),
    (_SINGLE, "1 "),
)
_EVERYWHERE = (
    (re.compile(r"(?<![\w.,])\.(?=\d)"), "0."),
    (re.compile(r"(?<=\d)(?: ?(km|cm|m|ft)²| ?(km)2\b)"), lambda m: f" square {m[1] or m[2]}"),
)
_AMOUNT = r"[$€£]?\d"
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_BEFORE_FIGURES = (
    (re.compile(r"\b(?:(one)|two)(?= to \d)", re.IGNORECASE), lambda m: "1" if m[1] else "2"),
    (re.compile(r"(?<![\w.,:-])(\d+) and a half\b", re.IGNORECASE), r"\1.5"),
    (re.compile(rf"\b(?:no (?:fewer|less) than|a minimum of)(?= {_AMOUNT})", re.IGNORECASE), "at least"),
    (re.compile(rf"\b(?:no|not) more than(?= {_AMOUNT})", re.IGNORECASE), "at most"),
    (re.compile(rf"\b(?:over|above|upwards of|in excess of)(?= {_AMOUNT})", re.IGNORECASE), "more than"),
    (re.compile(rf"\b(?:under|below|fewer than)(?= {_AMOUNT})", re.IGNORECASE), "less than"),
    (re.compile(rf"\b(?:around|roughly|approximately|some|circa)(?= {_AMOUNT})", re.IGNORECASE), "about"),
    (re.compile(rf"\balmost(?= {_AMOUNT})", re.IGNORECASE), "nearly"),
    (re.compile(rf"\bas (?:many|much) as(?= {_AMOUNT})", re.IGNORECASE), "up to"),
    (re.compile(rf"(?<![\d.,])({_NUMBER}) or more\b", re.IGNORECASE), r"at least \1"),
    (re.compile(r"(?<=\d)[- ]years?[- ]old\b", re.IGNORECASE), " old"),  # the age is a bare figure, too
    (re.compile(rf"\bbetween ({_NUMBER}) and (?={_NUMBER}(?![\d:]))", re.IGNORECASE), r"\1-"),
    (re.compile(rf"(?<![\w:.,-])({_NUMBER}) to (?={_NUMBER}(?![\d:]))"), r"\1-"),
)  # fmt: skip
_WRITTEN_ANEW = {
    *MONTHS,
    *SHORT_TITLES.values(),
    *UNITS.values(),
    *TELLING,
    "people",
    "percent",
    "six",
    "twelve",
}
_HOUR = r"(one|two|\d{1,2})(?![\d:.,]*\d)"
_PART_OF_DAY = re.compile(
    r"(?<![\w.:,])(\d{1,2})(?:[.:](\d\d))?(?: o'clock)? (?:in the (morning|afternoon|evening)|at (night))\b",
    re.IGNORECASE,
)
_MINUTES_PAST = re.compile(
    rf"\b(\d{{1,2}}) (?:(?:minutes )?past|minutes (?P<to>to)) {_HOUR}", re.IGNORECASE
)
_OF_THE_CLOCK = (
    (re.compile(rf"\bhalf past {_HOUR}", re.IGNORECASE), 30),
    (re.compile(rf"\b(?:a )?quarter past {_HOUR}", re.IGNORECASE), 15),
    (re.compile(rf"\b(?:a )?quarter to {_HOUR}", re.IGNORECASE), -15),
)
_NOON, _MIDNIGHT = re.compile(r"\b(?:noon|midday)\b"), re.compile(r"\bmidnight\b")
_DOZENS = re.compile(r"\b(\d{1,3}) dozen\b", re.IGNORECASE)


def in_words(text: str, *, english: bool) -> str:
    """``text`` with one spelling, before figures in words are made digits."""
    plain = _THOUSANDS.sub(lambda match: re.sub(r"[\s.]", "", match[0]), text)
    plain = " ".join(plain.split()).replace("’", "'")
    plain = _ISO_DAY.sub(lambda m: _day(m[0], m[1], m[2], m[3]), plain)
    plain = _DOTTED_DAY.sub(lambda m: _day(m[0], m[3], m[2], m[1]), plain)
    plain = _INITIAL.sub(r"\1.", plain)
    for written, instead in _EVERYWHERE:
        plain = written.sub(instead, plain)
    for written, instead in _ENGLISH if english else ():
        plain = written.sub(instead, plain)
    return plain


def in_figures(text: str) -> str:
    """An English text with its numbers in digits: what stands beside them in one spelling."""
    text = _DOZENS.sub(lambda match: str(12 * int(match[1])), text)
    for spoken, minutes in _OF_THE_CLOCK:
        text = spoken.sub(partial(_clock, minutes), text)
    text = _MINUTES_PAST.sub(
        lambda m: _hour(_figure(m[3]), int(m[1]) * (-1 if m["to"] else 1)), text
    )
    text = _PART_OF_DAY.sub(_on_day, text)
    text = _MIDNIGHT.sub("0:00", _NOON.sub("12:00", text))
    for written, instead in _BEFORE_FIGURES:
        text = written.sub(instead, text)
    return text


def word_in_full(word: str) -> str:
    """A word in lower case, without accents and the dots of initials; titles in full, units as
    their symbols."""
    word = _plain_letters(word).removesuffix("'s")
    if _INITIALS.fullmatch(word):
        word = word.replace(".", "")
    if word in PEOPLE:
        return "people"
    return UNITS.get(word, SHORT_TITLES.get(word, word))


def _first(word: str) -> str:
    return str(_FIRST.get(word.lower(), word))


def _share(written: str) -> str:
    percent = _SHARES.get(written.lower().replace("-", " "))
    return f"{percent} percent" if percent else written


def _clock(minutes: int, hour: re.Match[str]) -> str:
    return _hour(_figure(hour[1]), minutes)


def _figure(hour: str) -> int:
    return {"one": 1, "two": 2}.get(hour.lower()) or int(hour)


def _hour(hour: int, minutes: int) -> str:
    after = (60 * hour + minutes) % 1440
    return f"{after // 60}:{after % 60:02}"


def _on_day(match: re.Match[str]) -> str:
    """A time with the part of the day that it is of: "2:30 in the afternoon" is 14:30."""
    hour, minutes = int(match[1]), int(match[2] or 0)
    late = (match[3] and match[3].lower() != "morning") or (match[4] and 5 < hour < 12)
    if hour > 12 or minutes > 59:
        return match[0]
    return _hour(hour % 12 + (12 if late else 0), minutes)


def lacks(text: str, words: Iterable[str]) -> bool:
    """Whether its letters alone tell that ``text`` has not all ``words``, those of a value, however they
    are written: quicker than to make a value of it."""
    letters = _plain_letters(_INITIAL.sub(r"\1.", " ".join(text.split()))).replace(".", "")
    return any(
        word not in letters
        for word in words
        if word.isascii() and word.isalpha() and word not in _WRITTEN_ANEW
    )


def _plain_letters(text: str) -> str:
    text = text.lower()
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(_LETTERS)


def _day(written: str, year: str, month: str, day: str) -> str:
    name = _NAMES.get(int(month))
    return f"{int(day)} {name} {year}" if name and 0 < int(day) < 32 else written
