"""Follow-up questions, made to stand alone by what was asked and answered before.

Rules on the small words of English questions, no language model: what a pronoun stands
for, or what part of the question before a fragment replaces, is taken from the
conversation word for word. Where that is not plain the question is left as it is: a
wrong resolution is worse than none.
"""

import re
from collections.abc import Sequence

from qa.fragments import completed
from qa.inward import inward
from qa.mentions import (
    ASKING,
    AUXILIARIES,
    PARTICIPLE,
    PEOPLE,
    PREPOSITIONS,
    ROLES,
    mentions,
    name_in,
    words,
)
from qa.pointing import Turn, pointed
from qa.vocabulary import MONTHS

__all__ = ["Turn", "resolved"]


_LONGEST = 300  # characters of a question, or of an answer, that is looked into
_PERSON = {"he": "", "him": "", "she": "", "his": "'s", "hers": "'s", "her": ""}
_THING = {"it": "", "its": "'s"}
_GROUP = {"they": "", "them": "", "their": "'s", "theirs": "'s"}
_LEAD = re.compile(r"^(?:and|but|so|also|then|ok|okay|well)\b[,\s]+", re.IGNORECASE)
# What was put in front of the question before ("At whose suggestion: When did …?").
_PREFIX = re.compile(
    rf"(?:{'|'.join(sorted(ASKING | PREPOSITIONS))})\b[^:?]{{0,28}}: (?=[A-Z])", re.IGNORECASE
)
_HARMED = re.compile(
    r"\b(?:kill|assassinat|murder|shot|shoot|arrest|captur|convict|execut|attack|wound|dismiss|fire|elect|appoint)\w*\b"
)
# "What is the population of Baku?": what comes of it is a figure, and it is Baku.
_OF_SOMETHING = re.compile(
    r"what (?:is|was|are|were) the (?:\w+ )?(?:population|area|size|height|length|width|depth|weight|age|price|cost|value"
    r"|speed|number|name|title|cause|reason|aim|purpose|goal|result|outcome|date|capital|currency|language|capacity|budget"
    r"|revenue|turnover|temperature|distance|address|location|motto|symbol|origin|meaning|scale|magnitude|strength|toll) of\b",
    re.IGNORECASE,
)
_OF_ITSELF = re.compile(
    r"\b(?:grow|chang|reach|ris|rose|fall|fell|increas|decreas|declin|measur|calculat|estimat|compar)"
)
_LED = re.compile(rf"(?:\bthe )?(?:\bprime )?\b(?:{'|'.join(sorted(ROLES))}) of $", re.IGNORECASE)
_MANY = re.compile(
    r"(?:which|what) (?!was |is |does |has )(?:\w+ )?(?:\w+(?<!s)s|people|men|women|children)\b",
    re.IGNORECASE,
)
_DEADLY = ("kill", "assa", "murd", "shot", "shoo", "exec", "atta", "woun", "buri")
_WHICH_PERSON = re.compile(
    rf"(?:which|what) (?:[a-z]+ ){{0,2}}?(?:{'|'.join(sorted(PEOPLE))})\b(?! [a-z]+ (?:is|are|was|were|do|does|did|has|have|had)\b)",
    re.IGNORECASE,
)
_BODIES = re.compile(
    r"(?:which|what) (?:\w+ ){0,2}(?:company|firm|party|band|club|team|airline|group|bank|army|newspaper|agency|ministry)\b",
    re.IGNORECASE,
)
_FRAME = PREPOSITIONS | {"is", "was", "has", "had"}
_DOING = (["did"], ["does"])
_OBJECT_ENDS = AUXILIARIES | PREPOSITIONS | ASKING | {"and", "or", "but", "the", "a", "an"}


def resolved(question: str, turns: Sequence[Turn]) -> str:
    """``question`` so that it can be understood without ``turns``, the conversation before it.

    Returned as it is where it stands alone, or where what it refers to is not plain.
    """
    asked = " ".join(question.split())
    if len(asked) > _LONGEST or (turns and len(turns[-1].question) > _LONGEST):
        return asked
    turns = [
        Turn(
            _PREFIX.sub("", turn.question),
            turn.answer if len(turn.answer or "") <= _LONGEST else None,
        )
        for turn in turns
        if len(turn.question) <= _LONGEST
    ]
    if not turns:
        return asked
    bare = _LEAD.sub("", asked)
    before = turns[-1]
    if done := completed(bare, before.question, before.answer, led=bare != asked):
        return done
    put = _pronouns(bare, turns)
    if put == bare:
        put = pointed(bare, turns)
    if put == bare and len(words(bare)) < 4:
        return asked
    return put[:1].upper() + put[1:] if put != asked else asked


def _pronouns(bare: str, turns: Sequence[Turn]) -> str:
    """The question with its first pronoun, and others of another kind, put into words."""
    tokens = words(bare)
    lower = [token[0].lower() for token in tokens]
    own = mentions(bare)
    pieces: list[tuple[int, int, str]] = []
    for place, word in enumerate(lower):
        kind = next((k for k in (_PERSON, _THING, _GROUP) if word in k), None)
        if word in ("those", "these") and lower[place - 1 : place] == ["of"]:
            kind = _GROUP
        one = _that_one(lower, place)
        if one:
            kind = _THING  # "How long did that one last?"
        if kind is None and word != "there":
            continue
        start, end = tokens[place].start(), tokens[place + one].end()
        capital = place > 0 and tokens[place][0][0].isupper()  # a title, as in "Who directed Her?"
        quoted = len(re.findall(r"[\"“”]", bare[:start])) % 2 == 1
        if capital or quoted or inward(bare, word, start):
            continue
        if any(m.name and m.start < start for m in own) and kind is not _THING:
            continue  # most likely it stands for that name
        if word == "there":
            text = _place(lower, place, turns)
        elif kind is _PERSON:
            text = _person(turns, bare)
        elif kind is _THING:
            text = _thing(bare, turns, lower[1:2] == ["else"], pieces[-1][2] if pieces else "")
        else:
            text = _group(turns, place > 0 and lower[place - 1] in ("of", "among"))
        if not text or any(text in piece[2] for piece in pieces):
            continue
        possessive = (kind or {}).get(word, "")
        if word == "her" and place + 1 < len(lower) and lower[place + 1] not in _OBJECT_ENDS:
            possessive = "'s"
        pieces.append((start, end, text + possessive))
    for start, end, text in reversed(pieces):
        bare = bare[:start] + text + bare[end:]
    return bare


def _that_one(lower: Sequence[str], place: int) -> bool:
    """Whether "that one" stands there for a thing: not in "that one person", "that one should know"."""
    before, behind = lower[place - 1 : place], lower[place + 2 : place + 3]
    if lower[place : place + 2] != ["that", "one"] or before == ["about"]:
        return False
    return before in _DOING or not behind or not _FRAME.isdisjoint(behind)


def _asks(turn: Turn, *asking: str) -> bool:
    return any(turn.question.lower().startswith(word) for word in asking)


def _person(turns: Sequence[Turn], asked: str) -> str:
    """Whom "he" or "she" stands for: who was asked for last, else who was spoken of."""
    for turn in reversed(turns):
        name = name_in(turn.answer)
        spoken = [
            _led(turn.question, mention.start) + _plain(mention.text)
            for mention in mentions(turn.question)
            if mention.name
            and not mention.placed
            and not re.search(r" (?:and|for) |\d", mention.text)
            and mention.text.split()[0].lower() not in MONTHS
        ]
        if spoken and _suffered(asked, turn.question):
            return spoken[-1]  # "Who shot X?", "Where was he shot?"
        if name and (_asks(turn, "who ") or _WHICH_PERSON.match(turn.question)):
            return "" if " and " in name else name
        if spoken:
            return spoken[0]
    return ""


def _led(question: str, start: int) -> str:
    """The office in front of what it is the head of: no country is a person."""
    office = _LED.search(question[:start])
    return office[0] if office else ""


def _suffered(asked: str, before: str) -> bool:
    """Whether what is ``asked`` was done to "him" is what the question ``before`` asked who did."""
    done = re.search(r"\b(?:was|is) (?:he|she) (?:\w+ly )?(\w+)", asked, re.IGNORECASE)
    told = _HARMED.search(before)
    ours, theirs = (done[1][:4] if done else "", told[0][:4] if told else "")
    return bool(ours and theirs) and (ours == theirs or (ours in _DEADLY and theirs in _DEADLY))


def _thing(asked: str, turns: Sequence[Turn], others: bool, person: str) -> str:
    """What "it" stands for: the thing that was asked for (not if for ``others``), or about;
    beside a ``person`` who does something with it no place where something was."""
    for turn in reversed(turns):
        name = name_in(turn.answer)
        several = " and " in name and _MANY.match(turn.question)
        if _asks(turn, "what ", "which ") and name and not several and not others:
            return f"the {name}" if _described(turn) and not name.startswith("the ") else name
        spoken = mentions(turn.question)
        phrases = [
            m for m in spoken if not m.name and not m.plural and not PARTICIPLE.fullmatch(m.text)
        ]
        role = next((m for m in phrases if m.head in ROLES), None)
        if role:  # "the owner of Chelsea": it is Chelsea
            behind = [m for m in spoken if m.name and role.start < m.start]
            return _plain(behind[0].text) if behind else ""
        if phrases and _OF_SOMETHING.match(turn.question) and not _OF_ITSELF.search(asked):
            behind = [m for m in spoken if phrases[0].start < m.start < phrases[0].end]
            if behind:
                return _plain(behind[0].text)
        events = [m for m in phrases if m.placed and not m.text[0].isupper()]
        # What it happened to, rather than where; an event, rather than the place in its name.
        for found in (
            [m for m in phrases if not m.placed],
            [m for m in events if any(n.name and m.start < n.start < m.end for n in spoken)],
            [m for m in spoken if m.name and not (person and (m.placed or m.text in person))][::-1],
            events,
        ):
            if found:
                owner = re.search(r"\S+['’]s $", turn.question[: found[0].start])
                return (owner[0] if owner and found[0].name else "") + _plain(found[0].text)
    return ""


def _plain(text: str) -> str:
    return re.sub(r"['’]s$", "", text)


def _described(turn: Turn) -> bool:
    """Whether the answer is a common noun with a name ("366th Motor Rifle Regiment")."""
    match = re.match(r"(?:which|what) ([a-z]+)", turn.question, re.IGNORECASE)
    return bool(match and match[1].lower() in name_in(turn.answer).lower().split())


def _group(turns: Sequence[Turn], parted: bool) -> str:
    """Whom "they" stands for: several or a body that was asked for, else those counted or
    spoken of; nobody where one person was asked for. A name is no several ``parted`` by "of" or "among"."""
    for turn in reversed(turns):
        asked, name = turn.question.rstrip("?!. "), name_in(turn.answer)
        if name and (" and " in name or _BODIES.match(asked)):
            return name
        counted = re.match(
            r"how many ((?:[\w'-]+ ){1,8}?)(?:was|were|is|are|have been|have) (.+)",
            asked,
            re.IGNORECASE,
        )
        if counted:
            # "How many people were killed in X?": the people killed in X.
            return f"the {counted[1]}{counted[2]}"
        if name and _asks(turn, "who "):
            return ""
        for mention in mentions(turn.question):
            if mention.plural and not asked[: mention.start].lower().endswith("how many "):
                return mention.text
        names = [_plain(m.text) for m in mentions(turn.question) if m.name and not m.placed]
        if names and not parted:  # of "When did Smith meet Jones?" neither is plain
            return names[0] if " and " in names[0] or len(set(names)) == 1 else ""
    return ""


def _place(lower: Sequence[str], place: int, turns: Sequence[Turn]) -> str:
    """Where "there" is, unless it only says that something exists."""
    around = {*lower[max(0, place - 1) : place], *lower[place + 1 : place + 2]}
    if place == 0 or around & (AUXILIARIES | {"else", "any", "exist", "remain", "out", "over"}):
        return ""
    leading = {"from": "", "to": "", "in": "", "go": "to ", "move": "to ", "travel": "to "}
    link = leading.get(lower[place - 1], "in ")
    for turn in reversed(turns):
        if _asks(turn, "where ") and name_in(turn.answer):
            return link + name_in(turn.answer)
        places = [m for m in mentions(turn.question) if m.placed]
        if places:
            return link + places[-1].text
    return ""
