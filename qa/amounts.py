"""Between which figures an amount lies that is said with words around it, or in other units."""

import re
from collections.abc import Sequence

__all__ = ["Measure", "bounds", "measure"]

Measure = tuple[str, float, float]
"""What is measured ("time"), and the least and the most of it in one unit."""

_UNITS = {
    "s": ("time", 1), "min": ("time", 60), "h": ("time", 3600), "d": ("time", 86_400),
    "w": ("time", 604_800), "mo": ("time", 2_629_746), "y": ("time", 31_556_952),
    "mm": ("length", 0.001), "cm": ("length", 0.01), "m": ("length", 1), "km": ("length", 1000),
    "inch": ("length", 0.0254), "ft": ("length", 0.3048), "yard": ("length", 0.9144),
    "mile": ("length", 1609.344),
    "g": ("mass", 0.001), "kg": ("mass", 1), "t": ("mass", 1000),
    "ha": ("area", 1), "acre": ("area", 0.40469),
    "kph": ("speed", 1), "mph": ("speed", 1.609344), "knot": ("speed", 1.852),
    "kw": ("power", 0.001), "mw": ("power", 1), "gw": ("power", 1000),
}  # fmt: skip

_AT_LEAST = frozenset(
    ("more", "over", "above", "least", "exceeding", "exceeded", "minimum", "plus")
)
_AT_MOST = frozenset(("up", "most", "fewer", "less", "under", "below", "maximum"))
_NEARLY = frozenset(("nearly", "almost", "close"))
_ABOUT = frozenset((
    "about", "around", "some", "approximately", "approx", "roughly", "estimated", "circa", "ca", "so",
))  # fmt: skip
_AROUND = (
    _AT_LEAST
    | _AT_MOST
    | _NEARLY
    | _ABOUT
    | {"and", "than", "to", "at", "just", "for", "in", "after", "old"}
)
_ROUNDED = 10_000  # from here on closing zeros are taken for rounding
_PLAIN = re.compile(r"\d{1,15}(?:\.\d{1,15})?")  # endless figures measure nothing
_OFF = 0.05  # by which share a round figure may be off


def bounds(tokens: Sequence[str]) -> tuple[float, float]:
    """The least and the most that is meant: "more than 600" may be 613 but not 6,000, "about
    500" may be 487, "1.2 billion" may be 1.23 billion. A range is from its first to its last
    figure. ``tokens`` are those of ``qa.values.Value``."""
    figures = [figure for token in tokens for figure in _figures(token)]
    if not figures:
        return 0.0, float("inf")
    low, high = min(figures), max(figures)
    return _meant(tokens, low, high) or (low - _slack(low), high + _slack(high))


def _meant(tokens: Sequence[str], low: float, high: float) -> tuple[float, float] | None:
    """What words such as "nearly" make of an amount; None where there are none."""
    words = set(tokens)
    if words & _NEARLY:
        return 0.9 * low, high
    if words & _AT_LEAST:
        return low, 1.5 * high
    if words & _AT_MOST:
        return low / 1.5, high
    return (0.9 * low, 1.1 * high) if words & _ABOUT else None


def _figures(token: str) -> list[float]:
    """A range has two; a time such as 2:11:24 is one, in seconds."""
    if lasted := re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", token):
        hours, minutes, seconds = map(float, lasted.groups())
        return [3600 * hours + 60 * minutes + seconds]
    return [float(part) for part in re.findall(r"\d+(?:\.\d+)?", token.replace(",", ""))]


def _slack(figure: float) -> float:
    """Half of the last place that is not a closing zero, of a large figure."""
    if figure < _ROUNDED or not figure.is_integer():
        return 0.0
    return min(_half_place(str(int(figure))), _OFF * figure) if figure % 10 == 0 else 0.0


def measure(tokens: Sequence[str]) -> Measure | None:
    """What an amount in units of time, length, mass, area, speed or power comes to; None for all others.

    "1 h 20 min" is 80 minutes. What is said in another unit is rounded, so half of the last place
    is allowed for: "nine months" may be 264 days, "14 hours" no 13 hours and 20 minutes.
    """
    whole, slack, of = 0.0, 0.0, set()
    rest = [token for token in tokens if token not in _AROUND]
    if not rest or len(rest) % 2:
        return None
    for figure, unit in zip(rest[::2], rest[1::2], strict=True):
        if unit not in _UNITS or not _PLAIN.fullmatch(figure):
            return None
        kind, size = _UNITS[unit]
        of.add(kind)
        whole += float(figure) * size
        slack = _half_place(figure) * size
    if len(of) > 1:
        return None
    return of.pop(), *(_meant(tokens, whole, whole) or (whole - slack, whole + slack))


def _half_place(figure: str) -> float:
    """Half of the last place of a figure that is not a closing zero."""
    _, _, part = figure.partition(".")
    zeros = len(figure) - len(figure.rstrip("0"))
    return 0.5 * 10.0 ** (-len(part) if part else zeros)
