"""When two sentences speak of different facts: the one of the killed, the other of the wounded.

Words that exclude each other, in groups. If one side says a word of a group and the other
only others of that group, they do not answer the same question.
"""

import itertools
import re
from collections.abc import Iterable

__all__ = ["contrasted", "miscounted"]

_GROUPS: tuple[tuple[str, ...], ...] = (
    # What became of people.
    (
        r"kill\w*|dead|died|dies|die|deaths?|fatal\w*|lives|perish\w*|murder\w*|slain|massacred|executed",
        r"injur\w*|wound\w*|hurt|crippled|maimed|disabled|hospitali[sz]ed",
        r"missing|unknown|disappeared|unaccounted",
        r"surviv\w*|rescued|saved|alive|unharmed|evacuated",
        r"hostages?|captive\w*|prisoners?|arrest\w*|detain\w*|jailed",
        r"displaced|homeless|refugees?|fled",
        r"returned|resettled|settled",
        r"infected|cases?|sick|ill|poisoned",
        r"born|birth",
        r"buried|funeral",
    ),
    # Done, or only meant, wanted or said beforehand.
    (
        r"planned|due to|plans?|expected|expects?|scheduled|would|forecast\w*|hoped|hopes|intended|"
        r"intends|targets?|proposed|budget(?:ed)?|set aside|earmarked|allocated|promised|meant to|(?:was|were) to|supposed|predicted|original date|earlier date",
        r"demand(?:ed|s|ing)|sues|sued|suing|asked for|sought|seeks|called for|requested|applied|prosecut\w+ (?:asked|wanted|demanded)",
        r"",
    ),
    (r"former(?:ly)?|ex|previous(?:ly)?|predecessor|outgoing", r"succe\w+|new|incoming|appointed|takes over|took over"),
    (r"deputy|vice(?![ -]president)|assistant|second-in-command|first mate|co-?pilot", r""),
    (r"aftershocks?|second shock|foreshock", r""),
    (r"neighbou?ring|nearby|adjoining", r""),
    (r"semi-?finals?|quarter-?finals?|qualif\w+|group stage", r"finals?"),
    (r"first round|first leg|first half", r"second round|run-?off|second leg|second half"),
    (r"in favou?r|approved|voted for|yes|supported", r"against|opposed|rejected|no", r"abstained|abstentions?"),
    (r"signed|signing", r"ratif\w+", r"entered into force|took effect|takes effect|came into force", r"initialled"),
    (r"opened|opening|opens|inaugurat\w+|unveil\w+", r"clos\w+|shut", r"began|begun|foundation stone|groundbreaking|construction started",
     r"demolished|torn down|destroyed", r"reopen\w*"),
    (r"found(?:ed|ing)|established|set up", r"merged|closed|dissolved|renamed"),
    (r"born|birth", r"grew up|raised|childhood", r"died|dies|death|buried", r"studied|school"),
    (r"begin\w*|began|begun|start\w*|opened|opens", r"sentenced|ended|ends|verdict|concluded|acquitted|convicted",
     r"adjourned|postponed|resume\w*"),
    (r"depart\w*|left for|pulled out|set out|set off|took off|sailed from", r"arriv\w*|reached|landed|docked|rolled in|pulled in",
     r"derail\w*|crash\w*|collid\w*|capsiz\w*|sank|ran aground"),
    (r"import\w*|bought|buys|purchase\w*", r"export\w*|sold|sells|sale"),
    (r"lawyer|defen[cs]e|counsel|attorney for the defen[cs]e", r"prosecut\w+", r"judge|presid\w+ over"),
    (r"wins?|won|winner|victor\w*|champion\w*", r"lost|loses|runner-?up|defeated|beaten"),
    (r"total|in all|altogether|overall|combined", r"each|apiece|per|share of|part of|a third of|half of|first phase|first stage"),
    (r"wheat", r"barley", r"maize|corn", r"rye", r"oats", r"rice"),
    (r"revenue|sales|turnover", r"profits?|earnings", r"loss(?:es)?", r"debts?"),
    (r"donat\w*|gave|pledge\w*|grant\w*", r"loan\w*|lent|borrow\w*"),
    (r"(?:full|whole|entire) year|annual\w*", r"(?:first|second|third|fourth|last) quarter|quarterly|half-year\w*"),
    (r"net", r"operating|gross|pre-?tax"),
    (r"chief executive|CEO", r"chief (?:scientist|financial|operating|technology)|finance chief|CFO|COO"),
    (r"trial", r"hearing|appeal"),
    (r"destroy\w*|burn(?:ed|t) down|razed|gutted|flattened", r"damag\w+"),
    (r"plant(?:ed|ing)", r"fell(?:ed|ing)|cut down|chopped"),
    (r"launched|christened", r"maiden (?:voyage|flight)|first (?:voyage|flight)|entered service"),
    (r"adults?", r"students?|pupils?|child(?:ren)?|pensioners?|seniors?"),
    (r"minimum|lowest", r"maximum|highest", r"average|median"),
    (r"design\w*|architect", r"built|builder|contractor", r"financ\w*|paid for|funded"),
    (r"author|wrote|written", r"translat\w*", r"publish\w*|edit(?:ed|or)", r"illustrat\w*"),
    (r"temporary", r"permanent"),
    (r"men's", r"women's"),
)  # fmt: skip
# Who is counted: the ones are not all, and not the others.
_COUNTED: tuple[str, ...] = (
    r"child(?:ren)?|girls?|boys?|minors?|infants?|bab(?:y|ies)|youths?|teenagers?",
    r"women|woman|females?",
    r"men|males?",
    r"elderly|pensioners?|seniors?",
    r"adults?",
    r"famil(?:y|ies)|households?",
    r"pupils?|students?",
    r"soldiers?|troops|servicemen",
    r"officers?|police(?:men)?",
    r"fire(?:men|fighters)",
    r"crew|sailors?",
    r"doctors?|nurses?",
    r"foreigners?|tourists?",
    r"hours?|minutes?|days?|weeks?|months?|years?",
    r"metres?|kilometres?|km|miles?|meters?|kilometers?|feet",
)  # fmt: skip
_OF_WHICH = re.compile(r"\W*(?:\w+\W+){0,2}?of (?:them|whom|those|these|which)\b", re.IGNORECASE)
_AMONG = re.compile(
    r"\b(?:among|including|of) (?:them|those|whom|these)\b|\bincluding\W*$", re.IGNORECASE
)
_OF_THE = re.compile(
    r"\W*of (?:the|its|their|these|those) ((?:[\w'’-]+ ){0,3}[\w'’-]+)", re.IGNORECASE
)
_COMPILED = tuple(
    tuple(re.compile(rf"\b(?:{words})\b", re.IGNORECASE) if words else None for words in group)
    for group in _GROUPS
)
_KINDS = tuple(re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for words in _COUNTED)
_WHOLE = re.compile(r"\b(?:total|in all|altogether|overall)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"district|region|province|county|village|town|city|school|hospital|clinic|station|airport|bridge|camp|"
    r"prison|plant|factory|mine|pit|university|museum|church|street|square|port|island|valley|river|club|"
    r"team|party|ministry|department|court|committee|marathon|cup|league|prize|award"
)
_COMMON = frozenset((
    "this", "that", "their", "with", "from", "same", "when", "where", "were", "have", "whole", "main",
    "local", "state", "public", "near", "every", "each", "other", "first", "last", "large", "small",
    "north", "south", "east", "west", "central", "grand", "home", "city", "town",
))  # fmt: skip
_ADJECTIVE = re.compile(
    r"(?:day|'s|’s|ian|ish|ese|ern|ous|ful|ive|al|ic|ed|ing|new|old|young|big|long)$"
)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def contrasted(question: str, one: str, other: str) -> bool:
    """Whether a sentence, its value masked, cannot speak of the same fact as another.

    ``one`` is taken to answer ``question``. ``other`` contrasts with the two if of some
    group of words that exclude each other it says one that neither of them says, and none
    that they say; or if it names other years only.
    """
    asked = f"{question} {one}"
    for group in _COMPILED:
        here, there = _said(group, asked), _said(group, other)
        if there and not there & here and (here or None in group):
            return True
    if _subset(question, one, other) or _other_kind(question, other):
        return True
    if _WHOLE.search(question) and not _WHOLE.search(other):
        return True
    years, others = set(_YEAR.findall(question)), set(_YEAR.findall(other))
    return bool(years and others and not years & others)


def _said(group: Iterable[re.Pattern[str] | None], text: str) -> set[int]:
    return {place for place, words in enumerate(group) if words and words.search(text)}


def miscounted(question: str, other: str) -> bool:
    """Whether ``other`` counts none of those that "how many" asks for: children, women, families."""
    asked = _wanted(question)
    behind = other.partition("…")[2]
    return bool(asked) and not asked & _said(_KINDS, behind)


def _wanted(question: str) -> set[int]:
    """Those that "how many" asks for."""
    return _said(_KINDS, question) if "how many" in question.lower() else set()


def _subset(question: str, one: str, other: str) -> bool:
    """Whether ``other`` counts some of them, or others than were asked for."""
    before, _, behind = other.partition("…")
    if _OF_WHICH.match(behind) or _AMONG.search(before):
        return not _OF_WHICH.match(one.partition("…")[2])
    if (whole := _OF_THE.match(behind)) and not (
        set(whole[1].lower().split()) & set(re.findall(r"[\w'’-]+", f"{question} {one}".lower()))
    ):
        return True  # two of the prisons, where inmates are counted
    asked = _wanted(question)
    if asked and not asked & _said(_KINDS, other):
        return True  # how many children were asked for, and it speaks of none
    counted = " ".join(behind.split()[:2])
    near = f"{question} {' '.join(one.partition('…')[2].split()[:2])}"
    theirs, ours = _said(_KINDS, counted), _said(_KINDS, near)
    return bool(theirs) and not theirs & ours


def _other_kind(question: str, other: str) -> bool:
    """Whether ``other`` has a place or body of the question by another name: the gearbox plant
    for the battery plant, Nemba district for Harro district."""
    words = re.findall(r"[\w'-]+|[^\w\s]", other)
    small = {word.lower() for word in words}
    for first, noun in itertools.pairwise(re.findall(r"[\w'-]+", question)):
        if not _NAMED.fullmatch(noun.lower()) or len(first) < 4 or first.lower() in small:
            continue
        for before, same in itertools.pairwise(words):
            if same.lower() != noun.lower() or len(before) < 4 or before.lower() in _COMMON:
                continue
            # Two names, or two nouns: an adjective in front says nothing.
            if first[0].isupper() == before[0].isupper() and not _ADJECTIVE.search(before):
                return True
    return False
