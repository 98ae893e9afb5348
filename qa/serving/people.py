"""Who a request is from, as the guard has found out."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

__all__ = ["USER_HEADER", "VISITOR_HEADER", "Person", "identity_headers", "person_of"]

USER_HEADER = "x-quoth-user"
VISITOR_HEADER = "x-quoth-visitor"


@dataclass(frozen=True, slots=True)
class Person:
    """A user by the name that was checked ("" without users), in one browser ("" for programs)."""

    user: str = ""
    visitor: str = ""


def person_of(headers: Mapping[str, str]) -> Person:
    """Who sent a request that came through the guard; of any other, nobody in particular."""
    return Person(unquote(headers.get(USER_HEADER) or ""), headers.get(VISITOR_HEADER) or "")


def identity_headers(person: Person) -> list[tuple[bytes, bytes]]:
    """The headers that say so to all that lies behind the guard."""
    return [
        (USER_HEADER.encode(), quote(person.user, safe="").encode()),
        (VISITOR_HEADER.encode(), person.visitor.encode()),
    ]
