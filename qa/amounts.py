"""Between which figures an amount lies that is said with words around it."""

import re
from collections.abc import Sequence

__all__ = ["bounds"]

_AT_LEAST = frozenset(
    ("more", "over", "above", "least", "exceeding", "exceeded", "minimum", "plus")
)
_AT_MOST = frozenset(("up", "most", "fewer", "less", "under", "below", "maximum"))
_NEARLY = frozenset(("nearly", "almost", "close"))
_ABOUT = frozenset((
    "about", "around", "some", "approximately", "approx", "roughly", "estimated", "circa", "ca", "so",
))  # fmt: skip
_ROUNDED = 10_000  # from here on closing zeros are taken for rounding


def bounds(tokens: Sequence[str]) -> tuple[float, float]:
    """The least and the most that is meant: "more than 600" may be 613 but not 6,000, "about
    500" may be 487, "1.2 billion" may be 1.23 billion. A range is from its first to its last
    figure. ``tokens`` are those of ``qa.values.Value``."""
    figures = [figure for token in tokens for figure in _figures(token)]
    if not figures:
        return 0.0, float("inf")
    low, high = min(figures), max(figures)
    words = set(tokens)
    if words & _NEARLY:
        return 0.9 * low, high
    if words & _AT_LEAST:
        return low, 1.5 * high
    if words & _AT_MOST:
        return low / 1.5, high
    if words & _ABOUT:
        return 0.9 * low, 1.1 * high
    return low - _slack(low), high + _slack(high)


def _figures(token: str) -> list[float]:
    """A range has two; a time such as 2:11:24 is one, in seconds."""
    if lasted := re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", token):
        hours, minutes, seconds = map(float, lasted.groups())
        return [3600 * hours + 60 * minutes + seconds]
    return [float(part) for part in re.findall(r"\d+(?:\.\d+)?", token.replace(",", ""))]


def _slack(figure: float) -> float:
    """Half of the last place that is not a closing zero, of a large figure."""
    if figure < _ROUNDED or figure != int(figure):
        return 0.0
    digits = str(int(figure))
    return 0.5 * 10 ** (len(digits) - len(digits.rstrip("0"))) if digits.endswith("0") else 0.0
