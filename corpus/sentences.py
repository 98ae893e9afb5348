"""Sentence boundaries, as character offsets."""

from sentencex import get_sentence_boundaries

__all__ = ["sentence_spans"]


def sentence_spans(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Offsets of the sentences of ``text``, in order, without the space around them.

    ``language`` is an ISO 639-1 code (default ``en``); an unknown one falls back to
    general rules. Every character that is not white space lies in exactly one span.
    """
    spans = []
    for found in get_sentence_boundaries(language or "en", text):
        start, end = found["start_index"], found["end_index"]
        sentence = text[start:end]
        kept = sentence.strip()
        if kept:
            start += len(sentence) - len(sentence.lstrip())
            spans.append((start, start + len(kept)))
    return spans
