"""Answers compared word for word, after the manner of SQuAD's official script."""

import re
import string
from collections import Counter
from collections.abc import Iterable

__all__ = ["f1", "normalized", "token_f1"]

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = string.punctuation + "“”‘’«»–—…"


def normalized(text: str, punctuation: str = _PUNCTUATION) -> str:
    """Lower case, no punctuation, no English articles, single spaces."""
    plain = text.lower().translate(str.maketrans("", "", punctuation))
    return " ".join(_ARTICLES.sub(" ", plain).split())


def f1(predicted: str, accepted: Iterable[str]) -> float:
    """The highest token F1 of ``predicted`` with an accepted answer, 0 to 1.

    Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension" (2016).
    """
    return max(
        (token_f1(normalized(predicted).split(), normalized(a).split()) for a in accepted),
        default=0.0,
    )


def token_f1(predicted: list[str], accepted: list[str]) -> float:
    """The harmonic mean of precision and recall of words, 0 to 1."""
    if not predicted or not accepted:
        return float(predicted == accepted)
    common = (Counter(predicted) & Counter(accepted)).total()
    return 2 * common / (len(predicted) + len(accepted))
