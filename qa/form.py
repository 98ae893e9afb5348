"""What form an answer takes, by what is asked: a span, whole sentences, a list, or evidence."""

import re

from qa.mentions import AUXILIARIES, PARTICIPLE, words
from qa.result import Form

__all__ = ["form_of", "plainly"]

_MEASURED = (
    r"many|much|long|old|far|tall|big|large|high|deep|wide|often|fast|heavy|few|late|early|"
    r"strong|soon|close|near|hot|cold|wealthy|rich|popular|young|small|short|expensive|cheap|frequently|regularly|"
    r"quickly|powerful|severe|widespread|thick|thin|steep|dense|bright|loud|warm|slow|common|rare|likely"
)
_SENTENCES = re.compile(
    rf"(?:why|how (?!(?:{_MEASURED})\b)|what (?:happened|happens|(?:has|had|will|is) happen(?:ed|ing)?"
    r"|(?:was|is|were|are) the (?:\w+ )?(?:cause|reason|consequence)s?|caused|led to|prompted|triggered"
    r"|made (?:him|her|it|them) )|what['’]s (?:happening|the (?:\w+ )?(?:cause|reason))"
    r"|for (?:what|which) reason|on what grounds)\b|.*\bwhy\?*$",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?:name|list)\b|who (?:are|were) the (?-i:(?![A-Z]\w*\?*$))|who else\b|what (?:are|were) (?:the|his|her|its|their)\b|"
    r"(?P<led>(?:in|to|from|by|of|on|at|for|with|under|against|during|between|through|after|into) )?"
    r"(?:which|what) (?:of (?:the|these|those|his|her|its|their) )?"
    r"(?:(?:other|two|three|four|five|six|\w+(?:ean|ian|can|ish|ese|ern)|(?-i:[A-Z]{2,4})) )?"
    r"(?P<noun>[a-z'’-]+[^s'’\W]s['’]?|people|men|women|children)"
    r"(?= |\?|$)(?P<rest>.*)",
    re.IGNORECASE,
)
_LEADS = r"(?:(?:and|but|so|then|also)\b,? (?=\w+ )){0,2}"
_POLITELY = (
    r"(?:(?:(?:can|could|would) you (?:please )?tell me|do you know|(?:please )?tell me"
    r"|I(?: would|['’]d)? (?:want|like) to know|please)\b[, ]*(?=\w))"
)
_POLITE = re.compile(rf"{_LEADS}{_POLITELY}?", re.IGNORECASE)
_TOLD = re.compile(rf"{_LEADS}{_POLITELY}(?!about\b)(?=\w+\W+\w)", re.IGNORECASE)
_YES_NO = AUXILIARIES | {"am", "if", "whether"}
_MANY = frozenset((
    "are", "were", "have", "had", "did", "do", "will", "can", "could", "may", "must", "in", "of", "from",
))  # fmt: skip
_PRONOUNS = frozenset(("he", "she", "it", "they"))
_DETERMINERS = frozenset(("the", "this", "that", "his", "her", "its", "their"))
_ALONE = frozenset(("it", "him", "her", "them", "this", "that", "the", "a", "an"))  # behind a verb
_NOT_PLURAL = frozenset((  # words in -ss are no nouns of _LIST anyway
    "news", "sports", "means", "causes", "stands", "happens", "makes", "holds", "gives", "says",
    "is", "was", "does", "has", "this", "its", "his", "us", "as", "series",
    "species", "gas", "headquarters", "politics", "physics", "goes", "lies", "matters", "remains", "drives",
    "explains", "seems", "comes", "keeps",
))  # fmt: skip


def plainly(question: str) -> str:
    """A question without "Could you tell me" and the like, which the models only stumble over."""
    return _TOLD.sub("", question.strip(), count=1) if _TOLD.match(question.strip()) else question


def form_of(question: str) -> Form:
    """The form of the answer to a question that stands alone.

    Who, when, where and how many are answered by a span in its sentence; why and how by
    sentences; "which countries" by all that are named; yes or no by the sentences that bear
    on it, since the verdict is the asker's own.
    """
    asked = _POLITE.sub("", question.strip(), count=1)
    first = re.match(r"[^\W\d_]+", asked)
    denied = re.match(r"[a-z]+n['’]t\b", asked, re.IGNORECASE)  # "Didn't the mayor know?"
    if denied or (first and first[0].lower() in _YES_NO and not re.match(r"May \d", asked)):
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
    if noun.lower().endswith(("sis", "us")):
        return False
    if not behind or behind[0] in _MANY or PARTICIPLE.fullmatch(behind[0]):
        return True
    if behind[0] in AUXILIARIES:
        # "in which countries is it sold", "what books has he written", but "which series is on"
        if behind[0] in ("does", "has") and re.match(r" \w+ [A-Z]", rest):
            return True
        subject = _PRONOUNS if behind[0] in ("is", "was") else _PRONOUNS | _DETERMINERS
        return led or not subject.isdisjoint(behind[1:])
    # Another noun stands in between if the verb comes behind it.
    verb = behind[1:] and (behind[1] in AUXILIARIES or PARTICIPLE.fullmatch(behind[1]))
    return not verb and behind[0] not in _ALONE
