"""What a question speaks of: its names and noun phrases, found by their small words.

No tagger is needed for questions: they are short, and their small words (the, of, did, in)
show where a phrase begins and ends. Where that is not plain, nothing is found.
"""

import re
from dataclasses import dataclass

__all__ = [
    "ASKING",
    "AUXILIARIES",
    "PARTICIPLE",
    "PEOPLE",
    "PREPOSITIONS",
    "ROLES",
    "Mention",
    "mentions",
    "name_in",
    "words",
]

AUXILIARIES = frozenset((
    "is", "are", "was", "were", "be", "been", "did", "does", "do", "has", "have", "had", "can",
    "could", "will", "would", "should", "may", "might", "must",
))  # fmt: skip
PREPOSITIONS = frozenset((
    "in", "at", "on", "of", "for", "from", "to", "by", "with", "near", "about", "against",
    "after", "before", "during", "between", "among", "under", "over", "into", "as", "since",
    "until", "through", "outside", "inside", "without", "besides", "towards", "around", "across",
))  # fmt: skip
ASKING = frozenset((
    "who", "whom", "whose", "what", "which", "when", "where", "why", "how",
))  # fmt: skip
ROLES = frozenset((
    "president", "minister", "ceo", "chief", "head", "owner", "king", "queen", "leader", "founder",
    "director", "manager", "captain", "coach", "mayor", "governor", "chairman", "chairwoman", "author",
    "editor", "critic", "secretary", "secretary-general", "general", "ambassador", "spokesman",
))  # fmt: skip
"""Words for whom something has at its head: of "the owner of Chelsea" Chelsea is the thing."""
PEOPLE = ROLES | frozenset((
    "person", "man", "woman", "boy", "girl", "child", "member", "mp", "deputy", "senator", "politician", "candidate",
    "official", "officer", "soldier", "commander", "judge", "lawyer", "witness", "survivor", "victim", "resident",
    "doctor", "nurse", "scientist", "professor", "teacher", "student", "historian", "philosopher", "economist",
    "engineer", "architect", "inventor", "explorer", "pilot", "driver", "worker", "farmer", "artist", "painter",
    "sculptor", "photographer", "writer", "poet", "novelist", "playwright", "journalist", "reporter", "composer",
    "singer", "musician", "conductor", "actor", "actress", "dancer", "player", "footballer", "goalkeeper", "striker",
    "runner", "champion", "winner", "prince", "princess", "emperor", "pope", "bishop", "priest", "saint", "expert",
    "researcher", "activist", "entrepreneur", "businessman", "businesswoman", "policeman", "fireman", "firefighter",
))  # fmt: skip
"""Words for one person: which of them is asked for is whom "he" or "she" stands for."""
_OF_MINISTRIES = frozenset(
    ("minister", "secretary", "general", "chief")
)  # "Minister of Defence" is one name
_OWNERS = frozenset(("its", "their", "his", "our", "your"))
_DETERMINERS = frozenset(("the", "a", "an", "this", "that", "these", "those")) | _OWNERS
_OTHERS = frozenset((
    "and", "or", "but", "that", "who", "which", "not", "also", "there", "it", "he", "she",
    "they", "him", "her", "them", "i", "you", "we", "any", "so", "if",
    "first", "else", "many", "much", "long", "old", "then", "than",
))  # fmt: skip
_PLACING = frozenset(("in", "at", "near", "across", "inside"))
_LINKS = frozenset((
    "of", "the", "for", "and", "de", "von", "van", "der", "den", "al", "bin", "ibn", "la", "le", "du", "di",
    "da", "el", "y", "zu",
))  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:[.'’&/-][^\W_]+)*\.?(?=[^\w.]|$)|[^\W_]+")
# Participles that close a question in the passive ("When was the bridge built?").
PARTICIPLE = re.compile(
    r"\w+ed$|(?:built|held|made|born|found|sent|taken|given|written|shown|known|begun|done|seen"
    r"|brought|bought|sold|told|paid|won|lost|kept|left|put|set|cut|hit|shot|sunk|torn|drawn"
    r"|struck|stolen|chosen|broken|spoken|thrown|hurt|laid|led|met|run|spent|buried)$"
)

_NAME = re.compile(
    r"(?:the )?[A-Z0-9][^\s,;:]*(?: (?:of |the |and |de |von |van |der |den |di |da |al |bin )*[A-Z0-9][^\s,;:]*)*"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase of a question, characters ``start`` to ``end``. A ``name`` is capitalised;
    ``head`` is the noun that a phrase of small letters ends in, before any preposition."""

    text: str
    start: int
    end: int
    name: bool
    head: str = ""
    plural: bool = False
    placed: bool = False  # behind "in" or "at"


def words(text: str) -> list[re.Match[str]]:
    """The words of a question, with their places."""
    return list(_WORD.finditer(text))


def mentions(question: str) -> list[Mention]:
    """Names and noun phrases of a question, in order; longer phrases hold shorter ones."""
    tokens = words(question)
    lower = [token[0].lower().rstrip(".") for token in tokens]
    found = []
    behind = 0  # the last name found
    for first in range(len(tokens)):
        if first >= behind and _capital(tokens, lower, first):
            last = first
            while (following := _next_of_name(tokens, lower, last)) is not None:
                last = following
            behind = last + 1
            placed = first > 0 and lower[first - 1] in _PLACING
            if not _leads(lower, last):
                found.append(_mention(question, tokens[first], tokens[last], True, "", placed))
        if _opens(lower, first):
            last, head = _phrase(question, tokens, lower, first)
            if head >= 0:
                start = first if lower[first] in ("the", "a", "an") else first + 1
                placed = first > 0 and lower[first - 1] in _PLACING
                owned = "the " if lower[first] in _OWNERS else ""
                found.append(
                    _mention(
                        question, tokens[start], tokens[last], False, lower[head], placed, owned
                    )
                )
    return found


def _mention(
    question: str,
    first: re.Match[str],
    last: re.Match[str],
    name: bool,
    head: str,
    placed: bool,
    article: str = "",
) -> Mention:
    start, end = first.start(), last.end()
    many = {"people", "children", "women", "men", "police"} & set(question[start:end].split())
    plural = bool(head) and (bool(many) or (head.endswith("s") and not head.endswith("ss")))
    return Mention(article + question[start:end], start, end, name, head, plural, placed)


def _capital(tokens: list[re.Match[str]], lower: list[str], place: int) -> bool:
    word = tokens[place][0]
    return word[0].isupper() and lower[place] not in (
        ASKING | AUXILIARIES | PREPOSITIONS | _OTHERS | _DETERMINERS
    )


def _next_of_name(tokens: list[re.Match[str]], lower: list[str], last: int) -> int | None:
    """The word with which a name goes on, over links such as "of" in "Battle of Lissa"."""
    place = last + 1
    if re.search(r"['’]s$", tokens[last][0]) or _leads(lower, last):
        return None  # what follows is owned, or has it at its head
    while place < len(tokens) and place <= last + 3:
        if not tokens[place].string[tokens[place - 1].end() : tokens[place].start()].isspace():
            return None
        if _capital(tokens, lower, place) or tokens[place][0].isdigit():
            return place
        if lower[place] not in _LINKS or tokens[place][0][0].isupper():
            return None
        place += 1
    return None


def _leads(lower: list[str], place: int) -> bool:
    """Whether the word is that of whom the next word's thing has at its head: "CEO of Apple"."""
    prime = lower[place - 1 : place + 1] == ["prime", "minister"]
    leads = prime or lower[place] in ROLES - _OF_MINISTRIES
    return (
        leads and lower[place + 1 : place + 2] == ["of"] and lower[place + 2 : place + 3] != ["the"]
    )


def _opens(lower: list[str], place: int) -> bool:
    """Whether a phrase begins with this word, or behind it ("how many | people")."""
    before = lower[place - 1] if place else ""
    if lower[place] == "that":  # not that of "the forces that attacked"
        return before in AUXILIARIES | PREPOSITIONS | ASKING | {""}
    return lower[place] in _DETERMINERS or (lower[place] == "many" and before == "how")


def _phrase(
    question: str, tokens: list[re.Match[str]], lower: list[str], first: int
) -> tuple[int, int]:
    """The last word of the phrase whose determiner is word ``first``, and its head; -1 for none."""
    end = first + 1
    while end < len(tokens) and lower[end] not in AUXILIARIES | ASKING | _OTHERS:
        if not question[tokens[end - 1].end() : tokens[end].start()].isspace():
            break
        end += 1
    before = lower[first - 1] if first else ""
    questioned = any(word in ("did", "does", "do") for word in lower[:first])
    open_end = end < len(tokens)
    if lower[first] == "many":  # the counted noun ends at its verb or preposition
        end = next((i for i in range(first + 1, end) if lower[i] in PREPOSITIONS), end)
    elif end == len(tokens) and end - first > 2:
        verb = lower[end - 1]
        passive = any(word in ("is", "are", "was", "were", "been") for word in lower[:first])
        # The verb stands last where the auxiliary stands in front of this phrase.
        if questioned and before in AUXILIARIES:
            end = _subject_end(tokens, lower, first, end)
        elif (passive and PARTICIPLE.fullmatch(verb)) or (
            questioned
            and before in PREPOSITIONS
            and _within_subject(question, tokens, lower, first)
        ):
            end -= 1
    while end - 1 > first and (
        lower[end - 1] in PREPOSITIONS | _DETERMINERS or lower[end - 1].endswith("ly")
    ):
        end -= 1
    stop = next((i for i in range(first + 1, end) if lower[i] in PREPOSITIONS), end)
    head = stop - 1
    if open_end and questioned and before in AUXILIARIES:
        return first, -1  # "did the X leave the Y": where the verb stands is not plain
    return (end - 1, head) if head > first else (first, -1)


def _within_subject(
    question: str, tokens: list[re.Match[str]], lower: list[str], first: int
) -> bool:
    """Whether word ``first`` stands in "did the X …" where the verb is the question's last word
    ("did the session at the museum begin")."""
    subject = max(i for i in range(first) if lower[i] in ("did", "does", "do")) + 1
    if subject >= first or lower[subject] not in _DETERMINERS:
        return False
    return _phrase(question, tokens, lower, subject)[0] == len(tokens) - 2


def _subject_end(tokens: list[re.Match[str]], lower: list[str], first: int, end: int) -> int:
    """Behind which word of "did the X …" the verb stands: the last one's, or the one's in front
    of what it governs ("did the earthquake hit | Turkey", "did the strike begin | in Paris")."""
    governed = [
        i for i in range(first + 2, end) if lower[i] in _DETERMINERS | PREPOSITIONS - {"of"}
    ]
    if tokens[end - 1][0][0].isupper() or tokens[end - 1][0].isdigit():
        names = end - 1
        while names - 1 > first + 1 and tokens[names - 1][0][0].isupper():
            names -= 1
        end = min([*governed, names])
    elif objects := [
        i for i in governed if lower[i] in _DETERMINERS and lower[i - 1] not in PREPOSITIONS
    ]:
        end = objects[0]  # "hit the iceberg"
    elif governed and lower[governed[-1]] in _DETERMINERS and end - governed[-1] == 2:
        end = governed[-1] - 1  # "begin at the mine"
    return max(end - 1, first + 1)


def name_in(answer: str | None) -> str:
    """The name that an answer is; empty if it is anything else."""
    found = _NAME.fullmatch((answer or "").strip(" .,\"“”'"))
    plain = found and len(found[0].split()) <= 7 and re.search("[A-Z]", found[0])
    return found[0] if found and plain else ""
