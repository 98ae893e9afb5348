"""Who somebody is: HTTP Basic authentication, and the visitor's cookie."""

import asyncio
import base64
import binascii
import hashlib
import re
import secrets

from qa.serving.asgi import Refused, Scope, header
from qa.serving.rates import Rates
from qa.serving.users import Users

__all__ = ["COOKIE", "Login", "new_cookie", "visitor"]

COOKIE = "quoth_visitor"
_VALUE = re.compile(rf"(?:^|;\s*){COOKIE}=([A-Za-z0-9_-]{{43}})(?:;|$)")
_AT_ONCE = 2  # passwords; each takes 64 MB for a moment

_ASK = (b"www-authenticate", b'Basic realm="Quoth", charset="UTF-8"')


def visitor(scope: Scope) -> str:
    """The hash of the visitor's cookie; "" without one."""
    found = _VALUE.search(header(scope, b"cookie"))
    return hashlib.sha256(found[1].encode()).hexdigest() if found else ""


def new_cookie() -> str:
    """A cookie for somebody new."""
    return f"{COOKIE}={secrets.token_urlsafe(32)}"


class Login:
    """Checks the credentials of requests."""

    def __init__(self, users: Users | None, rates: Rates) -> None:
        self._users, self._rates = users, rates
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def user(self, scope: Scope, address: str) -> str:
        """The user's name; "" where there are no users. Raises Refused with 401, or 429 after too
        many wrong passwords from an address."""
        if self._users is None:
            return ""
        given = _credentials(header(scope, b"authorization"))
        if given is None:
            raise Refused(401, "give a user's name and password", _ASK)
        if self._users.known(*given):
            return given[0]
        async with self._turn:
            if again := self._rates.locked(address):
                raise Refused.until(again, "too many wrong passwords")
            if await asyncio.to_thread(self._users.check, *given):
                return given[0]
            self._rates.failed(address)
        raise Refused(401, "wrong name or password", _ASK)


def _credentials(value: str) -> tuple[str, str] | None:
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = (
            base64.b64decode(rest.strip(), validate=True).decode().partition(":")
        )
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (name, password) if colon else None
