"""Where other articles give another value for the same fact.

The reader, asked the same question of another article, finds its value for that fact if it
has one; but it also finds what only looks alike, the wounded for the killed. So another
value counts as a disagreement only if it is one of the same kind, if neither article says
both, and if the words around the two values do not tell different facts apart.
"""

import re
from collections.abc import Sequence

from corpus.sentences import sentence_spans
from qa.agreement import supporting
from qa.contrast import contrasted, miscounted
from qa.decision import Candidate
from qa.mentions import mentions
from qa.sameness import differ, same
from qa.values import Value, value_of, words_of
from qa.vocabulary import MONTHS, WEEKDAYS

__all__ = ["changing", "counted_right", "disagreeing"]

_LIKELY = 0.5  # of the threshold, as for an article that says the same
_NEAR = 20_000  # characters before and behind a span: an article; of a book the part around it
_LONG = 500  # characters that are looked into for places
_FEW = 4  # words of a clause that says too little without its sentence
_CHANGES = re.compile(
    r"\b(?:so far|to date|as of|until now|up to now|by now|now|currently|at present|already|"
    r"(?:have|has) (?:\w+ )?(?:been )?(?:risen|grown|fallen|returned|recorded|registered|counted|collected|raised|"
    r"adopted|recogni[sz]ed|confirmed|reached|climbed|increased|settled|destroyed|burned|found|identified))\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[$€£]?\d(?:[\d.,]|:(?=\d))*|\S+")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_CLAUSE = re.compile(r"[,;:–—)]\s|\s[(–—]|\s(?:and|but|while|whereas|which|who|although)\s")


def disagreeing(
    question: str, chosen: Sequence[Candidate], others: Sequence[Candidate], threshold: float
) -> list[list[Candidate]]:
    """Other values for what ``chosen`` say, each with the articles that give it: first what most
    articles say, then what is likeliest.

    ``chosen`` are the spans that agree on the answer, best first; ``others`` all that were
    read, likeliest first.
    """
    first = chosen[0]
    value = value_of(first.text, first.article.language)
    measured = _measured(first)
    agreeing = {candidate.article.id for candidate in chosen}
    claims: list[tuple[Value, list[Candidate]]] = []
    settled = set(agreeing)
    for other in others:
        if other.article.id in settled or other.confidence < threshold * _LIKELY:
            continue
        theirs = value_of(other.text, other.article.language)
        if same(value, theirs):
            settled.add(other.article.id)
            continue
        if not differ(measured, _measured(other)):
            continue
        settled.add(other.article.id)
        if _says(other, value) or any(_says(c, theirs) for c in chosen):
            continue  # an article that says both tells two facts
        if contrasted(question, _around(first), _around(other)) or _apart(question, first, other):
            continue
        for known, group in claims:
            if same(known, theirs):
                group.append(other)
                break
        else:
            claims.append((theirs, [other]))
    if not claims:
        return []
    taken = agreeing.union(c.article.id for _, group in claims for c in group)
    left = [o for o in others if o.article.id not in taken and not _says(o, value)]
    found = [[*group, *supporting(group[0], left, threshold)[1:]] for _, group in claims]
    return sorted(found, key=lambda group: -len(group))


def counted_right(
    question: str, ranked: Sequence[Candidate], threshold: float
) -> Sequence[Candidate]:
    """``ranked`` without the figures of others than were asked for: of "613 people, among them 63
    children" only 63 counts children. All of them if none that is left reaches ``threshold``."""
    if "how many" not in question.lower():
        return ranked
    right = [c for c in ranked if not miscounted(question, _around(c))]
    return right if right and right[0].confidence >= threshold else ranked


def changing(chosen: Sequence[Candidate], claim: Sequence[Candidate]) -> bool:
    """Whether both may be right in their time: other dates, and a state that goes on."""
    dates, others = ({c.article.published for c in group} for group in (chosen, claim))
    return (
        value_of(claim[0].text, claim[0].article.language).counted
        and None not in dates | others
        # "2024" may be the day of "2024-05-03".
        and not any(
            (a or "").startswith(b or "") or (b or "").startswith(a or "")
            for a in dates
            for b in others
        )
        and any(_CHANGES.search(_sentence(c)[0]) for c in (*chosen, *claim))
    )


def _measured(candidate: Candidate) -> Value:
    """The value of a span with the word behind it, if that is its unit; an age has none."""
    article = candidate.article
    behind = article.text[candidate.end : candidate.end + 40].split()[:2]
    value = value_of(candidate.text, article.language)
    if behind[1:] and behind[1].startswith("old"):
        return value
    longer = value_of(" ".join([candidate.text, *behind[:1]]), article.language)
    return longer if value.counted and longer.unit and not value.unit else value


def _says(candidate: Candidate, value: Value) -> bool:
    """Whether the candidate's article has a value in its text too, written in any way."""
    article = candidate.article
    near = article.text[max(0, candidate.start - _NEAR) : candidate.end + _NEAR]
    text = words_of(near, article.language)
    if value.counted:  # whatever is counted is called there; but 3 May is no 3, nor 9 mice 9 days
        unit = value.unit
        counts = {
            token
            for token, before, behind in zip(text, ("", *text), (*text[1:], ""), strict=False)
            if not {before, behind} & MONTHS.keys() and (not unit or {before, behind} & unit)
        }
        return bool(value.numbers) and counts.issuperset(value.numbers)
    return bool(value.tokens) and f" {' '.join(value.tokens)} " in f" {' '.join(text)} "


def _sentence(candidate: Candidate) -> tuple[str, int, int]:
    """The sentence of a span, and where the span stands in it."""
    text = candidate.article.text
    for start, end in sentence_spans(text, candidate.article.language):
        if start <= candidate.start < end:
            end = max(end, candidate.end)
            return text[start:end], candidate.start - start, candidate.end - start
    return candidate.text, 0, len(candidate.text)


def _around(candidate: Candidate) -> str:
    """The clause of a span, with "…" for its value; what is counted stays."""
    sentence, start, end = _sentence(candidate)
    span = sentence[start:end]
    if value_of(span, candidate.article.language).counted:
        figure = _FIGURE.search(span)
        if figure:
            start, end = start + figure.start(), start + figure.end()
    before, behind = sentence[:start], sentence[end:]
    cuts = [match.end() for match in _CLAUSE.finditer(before)]
    next_cut = _CLAUSE.search(behind)
    clause = (
        f"{before[cuts[-1] if cuts else 0 :]} … {behind[: next_cut.start() if next_cut else None]}"
    )
    return clause if len(clause.split()) > _FEW else f"{before} … {behind}"


def _apart(question: str, first: Candidate, other: Candidate) -> bool:
    """Whether ``other`` is of another place or another year than the question asks about, or
    is a place where a person was asked for."""
    clause, article = _around(other), other.article
    before = clause.partition("…")[0].split()[-1:]
    if question.lower().startswith("who") and before in (["in"], ["at"], ["from"], ["near"]):
        return True
    years = _YEAR.findall(question)
    its_own = (article.published or "")[:4]
    if years and its_own not in ("", *years) and not any(y in article.text for y in years):
        return True
    placed = [m.text for m in mentions(f"? {clause[:_LONG]}") if m.placed and m.name]
    there = {re.sub(r"(?:['’]s)?\W*$", "", name) for name in placed}
    there = {
        name for name in there if name and name.split()[0].lower() not in MONTHS.keys() | WEEKDAYS
    }
    return bool(there and any(m.placed for m in mentions(question[:_LONG]))) and not any(
        name in question or name in first.article.text for name in there
    )
