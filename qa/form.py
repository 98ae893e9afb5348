"""What form an answer takes, by what is asked: a span, whole sentences, a list, or evidence."""

import re

from qa.mentions import AUXILIARIES, PARTICIPLE, words
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
    r"(?P<led>in |to |from |by |of |on |at )?(?:which|what) (?:other )?(?P<noun>[a-z'’-]+[^s'’\W]s['’]?|people)"
    r"(?= |\?|$)(?P<rest>.*)",
    re.IGNORECASE,
)
_POLITE = re.compile(r"(?:(?:can|could|would) you (?:please )?tell me|do you know|please tell me)\b[, ]*(?=\w)", re.IGNORECASE)  # fmt: skip
_MANY = frozenset((
    "are", "were", "have", "had", "did", "do", "will", "can", "could", "may", "must", "in", "of", "from",
))  # fmt: skip
_ALONE = frozenset(("it", "him", "her", "them", "this", "that", "the", "a", "an"))  # behind a verb
_NOT_PLURAL = frozenset((  # words in -ss are no nouns of _LIST anyway
    "news", "sports", "means", "causes", "stands", "happens", "makes", "holds", "gives", "says",
    "is", "was", "does", "has", "this", "its", "his", "us", "as", "series", "crisis", "status",
    "bus", "campus", "virus",
))  # fmt: skip


def form_of(question: str) -> Form:
    """The form of the answer to a question that stands alone.

    Who, when, where and how many are answered by a span in its sentence; why and how by
    sentences; "which countries" by all that are named; yes or no by the sentences that bear
    on it, since the verdict is the asker's own.
    """
    asked = _POLITE.sub("", question.strip())
    first = re.match(r"[^\W\d_]+", asked)
    if first and first[0].lower() in AUXILIARIES and not re.match(r"May \d", asked):
        return "evidence"
    if _SENTENCES.match(asked):
        return "sentences"
    found = _LIST.match(asked)
    if found and (
        found["noun"] is None or _plural(found["noun"], found["rest"], bool(found["led"]))
    ):
        return "list"
    return "span"


def _plural(noun: str, rest: str, led: bool) -> bool:
    """Whether "which" asks for several: not in "which news agency reported", "what causes it"."""
    behind = [word[0].lower() for word in words(rest)[:2]]
    if noun.lower() in _NOT_PLURAL or (not noun.islower() and not noun.isupper()):
        return False
    if not behind or behind[0] in _MANY or PARTICIPLE.fullmatch(behind[0]):
        return True
    if behind[0] in AUXILIARIES:
        return led  # "in which countries is it sold", but "which series is on"
    # Another noun stands in between if the verb comes behind it.
    verb = behind[1:] and (behind[1] in AUXILIARIES or PARTICIPLE.fullmatch(behind[1]))
    return not verb and behind[0] not in _ALONE
