"""Dates as newspapers write them, brought to ISO 8601."""

import re
from datetime import date, datetime

from dateutil import parser

__all__ = ["iso_date"]

_ISO_PREFIX = re.compile(r"((?:1[5-9]|20)\d\d)(?:-(0[1-9]|1[0-2]))?$")
_ISO_DAY = re.compile(r"((?:1[5-9]|20)\d\d-\d\d-\d\d)(?:$|[T ]\d\d:)")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.((?:1[5-9]|20)\d\d)$")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_RANGE = re.compile(r"\d\s*[-–/]\s*\d{1,2}\.?\s+[^\W\d]|[^\W\d]\.?\s+\d{1,2}\s*[-–/]\s*\d")
_WEEKDAY = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?", re.IGNORECASE
)
_VAGUELY = re.compile(
    r"^(?:c\.|ca\.?|circa|about|spring|summer|autumn|fall|winter|early|mid|late|the)[\s-]\s*",
    re.IGNORECASE,
)
_POINTED_TIME = re.compile(r"(?<=\d{4})(,? \d{1,2})\.(?=\d\d\b)")


def iso_date(value: object) -> str | None:
    """``value`` (text, number or date) as ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``.

    As much as is plainly said: of ``03/04/2024`` only the year, since half the world reads
    it otherwise. None where no year is named: a guess would be a false citation.
    """
    if isinstance(value, date):  # a datetime is a date too
        return value.isoformat()[:10]
    text = " ".join(str(value).split())
    if _ISO_PREFIX.match(text):
        return text
    if match := _ISO_DAY.match(text):
        return _checked(match[1])
    if match := _DOTTED.match(text):  # always day first
        return _checked(f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}")
    years: set[str] = set(_YEAR.findall(text))
    if len(years) != 1 or len(text) > 100:
        return None
    (year,) = years
    if _RANGE.search(text):
        return year
    text = _VAGUELY.sub("", _POINTED_TIME.sub(r"\1:", text))
    return _parsed(_WEEKDAY.sub(" ", text), year)


def _parsed(text: str, year: str) -> str | None:
    readings = set()
    try:
        # Read against two defaults and in both orders: where they differ, the text does not say.
        for default in (datetime(2000, 1, 1), datetime(2000, 2, 2)):
            for day_first in (False, True):
                found = parser.parse(text, default=default, dayfirst=day_first, ignoretz=True)
                readings.add((found.year, found.month, found.day))
    except (ValueError, ArithmeticError):
        return None
    if {y for y, _, _ in readings} != {int(year)}:
        return None
    months, days = {m for _, m, _ in readings}, {d for _, _, d in readings}
    if len(months) > 1:
        return year
    month = f"{year}-{months.pop():02d}"
    return month if len(days) > 1 else f"{month}-{days.pop():02d}"


def _checked(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
