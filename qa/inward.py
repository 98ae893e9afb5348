"""Pronouns that stand for something in their own question, or for nothing at all."""

import re

__all__ = ["inward"]

# "It" that stands for nothing before.
_EMPTY = re.compile(
    r"\bit (?:true|possible|known|take|takes|rain|raining|snowing|legal|like to|safe|worth|necessary|easy|hard|far|in [A-Z])\b"
    r"|\bit (?:illegal|important|difficult|dangerous|likely|unlikely|normal|common|wrong|right|better|best|allowed|usual) (?:to|that|for)\b"
    r"|\b(?:is|was|been|be) it (?:\w+ )?(?:\w+ed|clear|said|thought|found) that\b|\bit (?:was )?the (?:first|last|only) time\b"
    r"|\b(?:is|was) it that\b|\b(?:do|done|doing) it\b|\bdid it\W*$|\blike it\b|\bcosts? to\b|\bfar is it\b|\btime is it\b|\bit to\b"
)
_PHRASE = re.compile(r"\b(?:the|a|an|this|that) |\b(?!^)[A-Z]")  # which "it" may stand for
# A subject of the question's own, which a pronoun behind it stands for.
_SUBJECT = re.compile(
    r"\b(?:which|what) [a-z]+ (?:\w+ed|said|gave|lost|took|left|won|made|wrote|thought|knew)\b"
    r"|\b(?:the|a|an|do|did|does) [a-z ]{2,40}(?:says?|said|thinks?|claim(?:s|ed)?|believe[sd]?|announce[sd]?)(?: that)? $",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"^who (?:\w+ed|gave|lost|took|left|sold|won|made|wrote)\b|\b(?:which|what) [a-z]+ \w+",
    re.IGNORECASE,
)
_ASKED_ABOUT = re.compile(r"\b(?:about|against|by|think of) $")  # "about their album": another's
_MANY = r"(?:[a-z'-]+ )?(?:[a-z]+[^s\W]s|people|men|women|children|police)"
# "How many people lost their homes", "Why did the strikers end their protest".
_OWNERS = re.compile(
    rf"\bhow many {_MANY} (?!(?:did|do|does|was|were|is|are|has|have|had|will|would|can|could)\b)\w+ "
    rf"|\b(?:did|do|have|will|would|can|could|should|must|may|when|if) (?:the |these |those )?{_MANY} \w+ ",
    re.IGNORECASE,
)
# "How did the driver lose control of his car": who acts there.
_ACTOR = re.compile(
    r"\b(?:did|does|has|will|would|can|could|should) (?:the|an?) (?:[a-z-]+ )?"
    r"(?:man|woman|boy|girl|driver|pilot|teacher|doctor|gunman|suspect|president|minister|king|queen|mayor|governor"
    r"|captain|coach|owner|founder|ambassador|spokesman|spokeswoman|chairman|secretary|judge|player|singer) \w+ ",
    re.IGNORECASE,
)


def inward(question: str, word: str, start: int) -> bool:
    """Whether pronoun ``word``, at character ``start``, needs nothing that was said before."""
    before = question[:start]
    if word in ("it", "its") and (_PHRASE.search(before) or _EMPTY.search(question)):
        return True
    if word == "it":
        return False
    if _SUBJECT.search(before):
        return True
    did = re.search(r"\bdid\b", question, re.IGNORECASE)
    if word in ("his", "its", "their") and _OWNER.search(before) and not did:
        return True
    if _ASKED_ABOUT.search(before):
        return False
    return bool(
        (word == "their" and _OWNERS.search(before))
        or (word in ("his", "her") and _ACTOR.search(before))
    )
