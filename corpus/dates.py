"""Dates as newspapers write them, brought to ISO 8601."""

import re
from datetime import date, datetime

from dateutil import parser

__all__ = ["iso_date"]

_ISO_PREFIX = re.compile(
    r"\s*((?:1[5-9]|20)\d\d)(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?\s*$"
)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def iso_date(value: object) -> str | None:
    """``value`` (text, number or date) as ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``.

    None where it is no date or does not name a year: a guess would be a false citation.
    """
    if isinstance(value, date):  # a datetime is a date too
        return value.isoformat()[:10]
    text = str(value)
    if match := _ISO_PREFIX.match(text):
        if match[3]:
            return _checked(text.strip())
        return "-".join(part for part in match.groups() if part)
    if not _YEAR.search(text):
        return None
    try:
        # Parsed against two defaults: where they differ, the text does not say.
        first, second = (
            parser.parse(text, default=datetime(2000, month, day), dayfirst=False)
            for month, day in ((1, 1), (2, 2))
        )
    except (ValueError, OverflowError):
        return None
    if first.month != second.month:
        return f"{first.year:04d}"
    if first.day != second.day:
        return f"{first.year:04d}-{first.month:02d}"
    return first.date().isoformat()


def _checked(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
