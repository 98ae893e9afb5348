"""Follow-up questions, made to stand alone by what was asked and answered before.

Rules on the small words of English questions, no language model: what a pronoun stands
for, or what part of the question before a fragment replaces, is taken from the
conversation word for word. Where that is not plain the question is left as it is: a
wrong resolution is worse than none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.fragments import completed
from qa.mentions import ASKING, AUXILIARIES, PREPOSITIONS, mentions, name_in, words

__all__ = ["Turn", "resolved"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was understood, and the words of its answer if it had one."""

    question: str
    answer: str | None = None


_PERSON = {"he": "", "him": "", "she": "", "his": "'s", "hers": "'s", "her": ""}
_THING = {"it": "", "its": "'s"}
_GROUP = {"they": "", "them": "", "their": "'s", "theirs": "'s"}
_LEAD = re.compile(r"^(?:and|but|so|also|then|ok|okay|well)\b[,\s]+", re.IGNORECASE)
_PREFIX = re.compile(
    r"[^:?]{2,30}: (?=[A-Z])"
)  # of a question that was resolved by putting one in front
# "It" that stands for nothing before.
_EMPTY = re.compile(r"\bit (?:true|possible|known|that|take|takes|rain)\b|\blike it\b", re.IGNORECASE)  # fmt: skip
_PHRASE = re.compile(r"\b(?:the|a|an|this|that) |\b(?!^)[A-Z]")  # which "it" may stand for
_OBJECT_ENDS = AUXILIARIES | PREPOSITIONS | ASKING | {"and", "or", "but", "the", "a", "an"}


def resolved(question: str, turns: Sequence[Turn]) -> str:
    """``question`` so that it can be understood without ``turns``, the conversation before it.

    Returned as it is where it stands alone, or where what it refers to is not plain.
    """
    asked = " ".join(question.split())
    if not turns:
        return asked
    turns = [Turn(_PREFIX.sub("", turn.question), turn.answer) for turn in turns]
    bare = _LEAD.sub("", asked)
    before = turns[-1]
    if done := completed(bare, before.question, before.answer, led=bare != asked):
        return done
    put = _pronouns(bare, turns)
    if put == bare:
        put = _named(bare, turns)
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
        if kind is None and word != "there":
            continue
        start, end = tokens[place].span()
        if any(m.name and m.start < start for m in own) and kind is not _THING:
            continue  # most likely it stands for that name
        if kind is _THING and (_PHRASE.search(bare[:start]) or _EMPTY.search(bare)):
            continue
        if word == "there":
            text = _place(lower, place, turns)
        elif kind is _PERSON:
            text = _person(turns)
        elif kind is _THING:
            text = _thing(turns, lower[1:2] == ["else"])
        else:
            text = _group(turns)
        if not text or any(text in piece[2] for piece in pieces):
            continue
        possessive = (kind or {}).get(word, "")
        if word == "her" and place + 1 < len(lower) and lower[place + 1] not in _OBJECT_ENDS:
            possessive = "'s"
        pieces.append((start, end, text + possessive))
    for start, end, text in reversed(pieces):
        bare = bare[:start] + text + bare[end:]
    return bare


def _asks(turn: Turn, *asking: str) -> bool:
    return any(turn.question.lower().startswith(word) for word in asking)


def _person(turns: Sequence[Turn]) -> str:
    """Whom "he" or "she" stands for: who was asked for last, else who was spoken of."""
    for turn in reversed(turns):
        name = name_in(turn.answer)
        if (
            _asks(turn, "who ", "which person", "which man", "which woman")
            and name
            and " and " not in name
        ):
            return name
        for mention in mentions(turn.question):
            if (
                mention.name
                and not mention.placed
                and not re.search(r" (?:and|for) ", mention.text)
            ):
                return re.sub(r"['’]s$", "", mention.text)
    return ""


def _thing(turns: Sequence[Turn], others: bool) -> str:
    """What "it" stands for: the thing that was asked for (not if for ``others``), or about."""
    for turn in reversed(turns):
        if _asks(turn, "what ", "which ") and name_in(turn.answer) and not others:
            return f"the {name_in(turn.answer)}" if _described(turn) else name_in(turn.answer)
        spoken = mentions(turn.question)
        phrases = [m for m in spoken if not m.name and not m.plural]
        # What it happened to, rather than where; a name, rather than nothing.
        for found in (
            [m for m in phrases if not m.placed],
            [m for m in spoken if m.name][::-1],
            phrases,
        ):
            if found:
                return found[0].text
    return ""


def _described(turn: Turn) -> bool:
    """Whether the answer is a common noun with a name ("366th Motor Rifle Regiment")."""
    match = re.match(r"(?:which|what) ([a-z]+)", turn.question, re.IGNORECASE)
    return bool(match and match[1].lower() in name_in(turn.answer).lower())


def _group(turns: Sequence[Turn]) -> str:
    """Whom "they" stands for: those who were counted or spoken of last."""
    for turn in reversed(turns):
        asked = turn.question.rstrip("?!. ")
        counted = re.match(
            r"how many ((?:[\w'-]+ ){1,8}?)(?:was|were|is|are|have been|have) (.+)",
            asked,
            re.IGNORECASE,
        )
        if counted:
            # "How many people were killed in X?": the people killed in X.
            return f"the {counted[1]}{counted[2]}"
        phrases = [m for m in mentions(turn.question) if m.plural]
        if phrases:
            return phrases[0].text
        names = [m for m in mentions(turn.question) if m.name and not m.placed]
        if names:
            return names[0].text
    return ""


def _place(lower: Sequence[str], place: int, turns: Sequence[Turn]) -> str:
    """Where "there" is, unless it only says that something exists."""
    around = {*lower[max(0, place - 1) : place], *lower[place + 1 : place + 2]}
    if place == 0 or around & {"is", "are", "was", "were", "been", "any", "else"}:
        return ""
    for turn in reversed(turns):
        if _asks(turn, "where ") and name_in(turn.answer):
            return f"in {name_in(turn.answer)}"
        places = [m for m in mentions(turn.question) if m.placed]
        if places:
            return f"in {places[-1].text}"
    return ""


_DATED = re.compile(r"(?:\w+ ){0,3}\d[\w–-]*(?: \w+){0,2}")
_POINTING = re.compile(r"\b(?:[Tt]his|[Tt]hat|[Tt]hese|[Tt]hose|the) ([a-z]+)\b")


def _named(bare: str, turns: Sequence[Turn]) -> str:
    """The question with "that campaign" as the campaign that was spoken of."""
    for match in _POINTING.finditer(bare):
        noun = match[1].lower()
        rest = bare[match.end() :].lstrip().split(" ")[0].rstrip("?").lower()
        pointing = not match[0].lower().startswith("the ")
        if rest in ("of", "in", "for", "at", "on", "from") and not pointing:
            continue  # says itself which one
        for turn in reversed(turns):
            if noun in ("year", "day", "month", "date", "time") and turn.answer:
                if pointing and _DATED.fullmatch(turn.answer):
                    return bare[: match.start()] + turn.answer + bare[match.end() :]
                continue
            for mention in sorted(mentions(turn.question), key=lambda m: len(m.text)):
                parts = mention.text.lower().removeprefix("the ").split()
                plain = mention.text.islower() and not pointing  # "the band" is not made clearer
                if (
                    len(parts) > 1
                    and not mention.name
                    and not plain
                    and noun in (mention.head, parts[0], parts[-1])
                ):
                    return bare[: match.start()] + mention.text + bare[match.end() :]
            which = re.match(rf"(?:which|what) {noun}\b", turn.question, re.IGNORECASE)
            if which and name_in(turn.answer):
                text = name_in(turn.answer)
                named = text if noun in text.lower() else f"{text} {noun}"
                return f"{bare[: match.start()]}the {named}{bare[match.end() :]}"
    return bare
