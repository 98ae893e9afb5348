"""What a question points at: "that campaign", "this year" of a conversation, in the words said there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.mentions import PREPOSITIONS, mentions, name_in, words
from qa.vocabulary import MONTHS

__all__ = ["Turn", "pointed"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was understood, and the words of its answer if it had one."""

    question: str
    answer: str | None = None


_DATED = re.compile(
    rf"(?=.*(?:\b\d{{4}}\b|{'|'.join(month for month in MONTHS if len(month) > 3)}))(?:\w+ ){{0,3}}\d[\w–-]*(?: \w+){{0,2}}",
    re.IGNORECASE,
)
_POINTING = re.compile(r"\b(?:[Tt]his|[Tt]hat|[Tt]hese|[Tt]hose|the) ([a-z]+)\b")


def _when(date: str) -> str:
    """The preposition that a date is asked with."""
    return "in " if re.fullmatch(r"(?:[^\W\d]+ )?\d{4}", date) else "on "


def pointed(bare: str, turns: Sequence[Turn]) -> str:
    """The question with "that campaign" as the campaign that was spoken of, "that year" as the year."""
    for match in _POINTING.finditer(bare):
        noun = match[1].lower()
        rest = [word[0] for word in words(bare[match.end() :])[:1]]
        pointing = not match[0].lower().startswith("the ")
        says_which = rest and (
            rest[0].lower() in PREPOSITIONS | {"that", "who", "which", "called", "named"}
            or rest[0][0].isupper()
        )
        if says_which and not pointing:
            continue
        for turn in reversed(turns):
            if noun in ("year", "day", "month", "date", "time") and turn.answer:
                if pointing and _DATED.fullmatch(turn.answer):
                    front = re.sub(r"\b(?:at|in|on) $", "", bare[: match.start()])
                    link = "" if PREPOSITIONS & set(front.split()[-1:]) else _when(turn.answer)
                    return front + link + turn.answer + bare[match.end() :]
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
                text = text.removeprefix("the ")
                named = text if noun in text.lower() else f"{text} {noun}"
                return f"{bare[: match.start()]}the {named}{bare[match.end() :]}"
    return bare
