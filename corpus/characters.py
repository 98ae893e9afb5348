"""Characters that cannot be stored, and those that must not reach a terminal."""

import unicodedata

__all__ = ["folded", "printable", "whole"]

_JOINERS = "\u200c\u200d"  # letters of Persian and emoji are written with them


def whole(text: str) -> str:
    """``text`` without halves of surrogate pairs, which can be neither stored nor encoded."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def folded(text: str | None) -> str:
    """``text`` for comparing: case, how accents are composed and the kind of blanks do not count."""
    text = text or ""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.casefold().split())


def printable(text: str) -> str:
    """``text`` without what could steer a terminal: control characters other than line ends
    and tabs, and marks that turn the direction of writing around."""
    return "".join(
        c
        for c in whole(text)
        if c in "\n\t" or c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf")
    )
