"""What form an answer takes, by what is asked: a span, whole sentences, a list, or evidence."""

import re

from qa.mentions import AUXILIARIES
from qa.result import Form

__all__ = ["form_of"]

_MEASURED = (
    r"many|much|long|old|far|tall|big|large|high|deep|wide|often|fast|heavy|few|late|early|"
    r"strong|soon|close|near|hot|cold|wealthy|rich|popular"
)
_SENTENCES = re.compile(
    rf"(?:and |but )?(?:why|how (?!(?:{_MEASURED})\b)|what (?:happened|happens|was the (?:cause|reason|consequence)"
    r"|were the (?:causes|reasons|consequences)|caused|led to)|for what reason)\b|.*\bwhy\?*$",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?:name|list)\b|who (?:are|were) the\b|who else\b|what are the\b|what were the\b|"
    r"(?:in |to |from |by |of |on |at )?(?:which|what) (?:other )?(?P<noun>[a-z'’-]+s['’]?|people|countries)\b",
    re.IGNORECASE,
)
_NOT_PLURAL = frozenset((
    "is", "was", "does", "has", "this", "its", "his", "us", "as", "class", "process", "address",
    "business", "loss", "crisis", "status", "series", "bus", "campus", "virus", "process",
    "illness", "fortress", "mass", "congress", "princess", "actress", "pass", "press", "less",
))  # fmt: skip


def form_of(question: str) -> Form:
    """The form of the answer to a question that stands alone.

    Who, when, where and how many are answered by a span in its sentence; why and how by
    sentences; "which countries" by all that are named; yes or no by the sentences that bear
    on it, since the verdict is the asker's own.
    """
    asked = question.strip()
    first = re.match(r"[^\W\d_]+", asked)
    if first and first[0].lower() in AUXILIARIES:
        return "evidence"
    if _SENTENCES.match(asked):
        return "sentences"
    found = _LIST.match(asked)
    if found and (found["noun"] or "").lower() not in _NOT_PLURAL:
        return "list"
    return "span"
