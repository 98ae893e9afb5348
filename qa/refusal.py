"""Why there is no answer, in a plain sentence: never one about the subject itself."""

import re
from collections.abc import Sequence

from qa.decision import coverage, rarity
from qa.retriever import Retrieved

__all__ = ["no_question", "reason"]

_GREETINGS = frozenset((
    "hello", "hi", "hey", "good", "morning", "afternoon", "evening", "night", "day", "greetings",
    "thanks", "thank", "you", "very", "much", "many", "so", "bye", "goodbye", "please", "ok",
    "okay", "great", "nice", "cheers", "there", "all", "everyone", "dear", "welcome", "yes", "no",
))  # fmt: skip
_ALIKE, _SHARED = 0.27, 0.5
"""The cosine of a question and a passage about it, and the share of the question's words, by what they
tell, that such a passage has: one of the two is enough. On the Khojaly articles 66 of 68 questions
about them reach one, and 1 of 18 about anything else."""


def no_question(asked: str) -> str:
    """Why this cannot be answered whatever the articles say; empty if it can."""
    words = re.findall(r"[^\W_]+", asked.lower())
    if not words:
        return "There is no question in it: ask one in words."
    if _GREETINGS.issuperset(words):
        return "Quoth only quotes: ask a question that the articles can answer."
    if len(words) == 1:
        return "One word is not a question: ask who, when, where, why, how many or what about it."
    return ""


def reason(asked: str, retrieved: Sequence[Retrieved]) -> str:
    """Why the passages that were read do not answer."""
    texts = [found.text for found in retrieved]
    weights = rarity(asked, texts)
    alike = max((found.cosine for found in retrieved), default=0.0)
    shared = max((coverage(weights, text) for text in texts), default=0.0)
    if alike < _ALIKE and shared < _SHARED:
        return "Nothing in the articles searched seems to be about this."
    return "Some passages are about this, but none answers it clearly enough to be quoted as the answer."
