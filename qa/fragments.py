"""Questions that are only a part of one ("And in Berlin?", "When?"), made whole again with the
question before."""

import re

from qa.mentions import (
    ASKING,
    AUXILIARIES,
    PARTICIPLE,
    PREPOSITIONS,
    Mention,
    mentions,
    name_in,
    words,
)

__all__ = ["completed"]

_YEAR = re.compile(r"(?:1\d|20)\d\d")
_ACTIVE = frozenset(("died", "survived", "escaped", "returned", "remained", "perished", "fled"))
_PEOPLE = re.compile(
    r"(?:children|women|men|girls|boys|elderly|soldiers|troops|officers|police|passengers|crew|pupils|students|doctors"
    r"|nurses|foreigners|tourists|civilians|hostages|prisoners|victims|migrants|refugees|workers|fighters|survivors)"
)
# Used as participles are: "How many were missing?"
_STATE = re.compile(r"missing|dead|homeless|alive|ill|sick|unhurt|unharmed")
_NO_PART = re.compile(
    r"the (?:year|month|week|day|night) (?:before|after)|both|all|some|none|one|others?|then|(?:his|her|its|their|my|our|your)\b.*"
)

_ABOUT = re.compile(r"^(?:and\s+)?(?:what|how) about\s+|^and(?: what| how)? (?:for|of)\s+", re.IGNORECASE)  # fmt: skip
_COUNTING_THAT = re.compile(
    r"(?P<counted>how many [a-z]+) (?:is|are|was|were) (?:that|this|those|these)", re.IGNORECASE
)
_THAT = re.compile(
    r"(?P<asking>when|where|why|how|who)(?P<else> else)?"
    r"(?: (?:was|is|did|has|were)(?: (?:that|this|it))(?: (?:happen|happened|take place|done|be))?)?",
    re.IGNORECASE,
)
# "Of how many countries did ...": what is asked for, the auxiliary, and what follows.
_ASKED = re.compile(
    r"(?:[a-z]+ )?(?P<asking>when|where|why|how many|how|which|what|who|whom),?"
    r"(?: (?P<noun>(?:[a-z'-]+ ){0,2}[a-z'-]+?))?(?:,[^,]+,)?"
    r" (?P<verb>did|does|do|was|were|is|are|has|have|had) (?P<rest>.+)",
    re.IGNORECASE,
)


def completed(part: str, asked: str, answer: str | None, *, led: bool) -> str:
    """``part`` as a whole question, from the question before and its answer.

    ``led`` says that it began with "and" or the like. Empty if it is whole already, or if
    it is not plain how the two go together.
    """
    return _event(part, asked, answer) or _instead(part, asked, led)


def _event(bare: str, asked: str, answer: str | None) -> str:
    """Of "When?" or "Where was that?": the question before, asked that way."""
    match = _THAT.fullmatch(bare.rstrip("?!. "))
    if not match:
        return ""
    asking = match["asking"].capitalize()
    if not plain_alone(asked) or (asking == "Who" and not match["else"]):
        return ""  # what was asked before is not plain itself
    person = asked.lower().startswith("who ")
    if asking == "Where" and " " in bare.strip("?!. ") and name_in(answer) and not person:
        return f"Where is {name_in(answer)}?"
    if person and not _ASKED.match(asked):
        if match["else"]:
            return f"{asking} else {asked[4:]}" if asking == "Who" else ""
        if name_in(answer):
            return f"{asking} was it that {answer} {asked[4:]}"
    parts = _ASKED.match(asked)
    if parts and parts["rest"].lower().startswith("there "):
        return ""
    if parts and not match["else"] and asking != "Who":
        noun, verb, rest = parts["noun"], parts["verb"], parts["rest"]
        follows = re.match(r"(?:the|a|an|his|her|its|their|[A-Z])", rest)
        if (
            not noun
            and parts["asking"].lower() != "who"
            and (verb == "did" or parts["asking"].lower() != "what")
        ):
            return f"{asking} {verb} {rest}"
        if noun and (follows or verb in ("did", "do", "does")):
            return f"{asking} {verb} {rest}"
        if noun and parts["asking"].lower() in ("which", "what"):
            return f"{asking} {verb} the {noun} {rest}"
        if noun:
            return f"{asking} {verb} {noun} {rest}"
    if re.search(r"\bit\b", bare):
        return ""  # what it stands for can be put there
    return f"{bare.rstrip('?!. ').capitalize()}: {asked}"


def plain_alone(question: str) -> bool:
    """Whether a question has no pronoun left in it."""
    return not re.search(r"\b(?:it|he|she|they|them|him|there)\b", question, re.IGNORECASE)


def _instead(bare: str, asked: str, led: bool) -> str:
    """Of "And in Berlin?": the question before, with this part instead of its own."""
    part = _ABOUT.sub("", bare).rstrip("?!. ").strip()
    about = part != bare.rstrip("?!. ").strip()
    tokens = [token[0].lower() for token in words(part)]
    if not tokens or len(tokens) > 7:
        return ""
    if same := _COUNTING_THAT.fullmatch(part):  # "How many people is that?", of families
        return _counting(same["counted"], asked) if "how many " in asked.lower() else ""
    if tokens[0] in PREPOSITIONS:  # it may have stood at the beginning: "In 1993?"
        part = part[0].lower() + part[1:]
    elif (led or about) and _YEAR.fullmatch(part):
        part, tokens = f"in {part}", ["in", part]
    if tokens[:2] == ["how", "many"] and not AUXILIARIES & set(tokens) and len(tokens) < 5:
        return _counting(part, asked)
    if (ASKING | AUXILIARIES) & set(tokens):
        # "At whose suggestion?" has no verb: it asks on about the same.
        fragment = not AUXILIARIES & set(tokens) and len(tokens) <= 4 and tokens[0] in PREPOSITIONS
        return f"{part[0].upper()}{part[1:]}: {asked}" if fragment else ""
    if not (led or about or tokens[0] in PREPOSITIONS):
        return ""
    if tokens[0] in PREPOSITIONS:
        return _placed(part, tokens[0], asked)
    if dated := re.fullmatch(r"(.+) (in (?:1\d|20)\d\d)", part):  # "And the Tories in 2001?"
        put = _replaced(dated[1], asked)
        return put and _placed(dated[2], "in", put)
    return _replaced(part, asked)


def _replaced(part: str, asked: str) -> str:
    """``asked`` with ``part`` instead of the phrase that it most likely stands against."""
    if of_them := re.match(
        r"(how many of .+ (?:was|were|is|are) )[\w -]+(\?)$", asked, re.IGNORECASE
    ):
        return f"{of_them[1]}{part}{of_them[2]}"
    known = mentions(asked)
    own, tokens = words(part), words(asked)
    noun = own[-1][0].lower().removesuffix("s")
    for place in range(len(tokens) - 1, len(own) - 1, -1):
        # "And the second edition?" against "the first edition".
        if tokens[place][0].lower().removesuffix("s") == noun and len(own) > 1:
            start, end = tokens[place - len(own) + 1].start(), tokens[place].end()
            inner = tokens[place - len(own) + 2].start()
            if part.startswith("the "):  # "is the largest city": no further back than its article
                held = [m.start for m in known if m.start <= tokens[place].start() < m.end]
                start = max([start, *held[:1]])
            if any(
                m.text.startswith("the ") and m.start < inner and end <= m.end and m.start != start
                for m in known
            ):
                # "And the women's final?" against "the Wimbledon men's final".
                return f"{asked[:inner]}{part.removeprefix('the ')}{asked[end:]}"
            return f"{asked[:start]}{part}{asked[end:]}"
    # "And the US?" against "the president of France"
    owned = re.search(r"\b[a-z]+ of (?=[A-Z])", asked) if " of " not in part else None
    article = re.match(r"the [A-Z]", part)
    if part[:1].isupper() or (article and (owned or not re.search(r"\bthe ", asked))):
        # "the World Cup" does not stand against "Italy".
        names = [
            m for m in known if m.name and not asked[: m.start].lower().endswith(("the ", "a "))
        ]
        if article and owned:
            names = [m for m in names if m.start == owned.end()]
        return _swapped(asked, names[-1], part) if names else ""
    if _NO_PART.fullmatch(part):
        return ""
    counted = [m for m in known if asked[: m.start].lower().endswith(("how many ", "which ", "what "))]  # fmt: skip
    several = part.removeprefix("the ")
    if _is_done(several) and (several == part or counted):
        return _done(several, asked)  # "And injured?", "And the wounded?" against "killed"
    plural = several == part and any(m.plural for m in mentions(f"of the {part}"))
    if counted and (plural or _PEOPLE.fullmatch(several)):
        return _swapped(asked, counted[0], several)
    if counted and not re.match(r"(?:the|a|an|one|this|that)\b", part):
        return ""
    phrases = [m for m in known if not m.name and m not in counted and m.text.startswith("the ")]
    names_ours, names_theirs = (
        any(map(str.isupper, t)) for t in (part, phrases[-1].text if phrases else "")
    )
    alike = (
        phrases
        and part.startswith("the ")
        and (names_ours or not names_theirs or len(phrases) == 1)
    )
    if not alike:
        return ""
    whose = re.match(r"the [^A-Z]+?(?= of (?:the )?[A-Z])", phrases[-1].text)
    if whose and " of " not in part:  # "And the capital?" against "the president of France"
        start = phrases[-1].start
        return f"{asked[:start]}{part}{asked[start + len(whose[0]) :]}"
    return _swapped(asked, phrases[-1], part)


def _is_done(word: str) -> bool:
    return bool(PARTICIPLE.fullmatch(word) or _STATE.fullmatch(word))


def _done(part: str, asked: str) -> str:
    """``asked`` with another participle: "How many people were injured", "… survived"."""
    done = [token for token in words(asked) if PARTICIPLE.fullmatch(token[0].lower())]
    if not done:
        return ""
    front = asked[: done[-1].start()]
    if part in _ACTIVE:
        front = re.sub(r"\b(?:was|were|is|are) $", "", front)
    return f"{front}{part}{asked[done[-1].end() :]}"


def _counting(part: str, asked: str) -> str:
    """Of "How many women?" or "How many?": counted in the question before."""
    noun = part.split(" ", 2)[2] if part.count(" ") > 1 else ""
    counted = [m for m in mentions(asked) if asked[: m.start].lower().endswith("how many ")]
    if counted and noun.split(" ")[0] in PREPOSITIONS:
        return _placed(noun, noun.split(" ")[0], asked)
    if counted and _is_done(noun.split(" ")[-1]):  # "How many people died?"
        who, _, done = noun.rpartition(" ")
        return _done(done, _swapped(asked, counted[0], who) if who else asked)
    if counted and noun:
        return _swapped(asked, counted[0], noun)
    parts = _ASKED.match(asked)
    if (
        not noun
        and parts
        and re.match(
            r"d(?:id|o) (?:[a-z]+s|people|children|women|men)\b(?<!ss)",
            f"{parts['verb']} {parts['rest']}",
        )
    ):
        return f"{part} {parts['rest']}"  # "Where did residents flee?"
    return f"{part}: {asked}" if not counted else ""


def _placed(part: str, preposition: str, asked: str) -> str:
    """``asked`` with ``part`` in place of its phrase with the same preposition, or behind it."""
    named = part[len(preposition) :].strip()
    if not re.match(r"[A-Z\d]|(?:the|a|an|this|that|other|which|all|many|most)\b", named):
        return ""  # nothing behind it, or not English
    years = re.compile(r"\bin (?:[A-Z]\w+ )?(?:1\d|20)\d\d\b")
    if years.fullmatch(part) and years.search(asked):
        return years.sub(part, asked, count=1)
    if years.fullmatch(part):  # no other place
        return f"{asked.rstrip('?!. ')} {part}?"
    for mention in reversed(mentions(asked)):
        if asked[: mention.start].lower().split()[-1:] == [preposition]:
            start = mention.start - len(preposition) - 1
            # "in Khojaly city": the noun behind a name goes with it.
            behind = re.match(r" [a-z]+(?=\?|$)", asked[mention.end :])
            goes_with = behind and mention.name and not PARTICIPLE.fullmatch(behind[0].strip())
            end = mention.end + (len(behind[0]) if behind and goes_with else 0)
            return f"{asked[:start]}{part}{asked[end:]}"
    closing = [m for m in mentions(asked) if m.name and m.end == len(asked.rstrip("?!. "))]
    if preposition == "in" and closing and named[0].isupper():
        owner = closing[-1]
        if asked[: owner.start].endswith(" of "):  # "the population of Baku"
            return _swapped(asked, owner, named)
    return f"{asked.rstrip('?!. ')} {part}?"


def _swapped(asked: str, mention: Mention, part: str) -> str:
    return f"{asked[: mention.start]}{part}{asked[mention.end :]}"
