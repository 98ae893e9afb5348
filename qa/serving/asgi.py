"""What the guard's parts share: the types of ASGI, refusals, and plain answers."""

import json
import math
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["App", "Message", "Receive", "Refused", "Scope", "Send", "header", "refuse", "without"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class Refused(Exception):  # noqa: N818 - a refusal is no error of the program
    """A request that is not let through: a status, and one line for whoever sent it."""

    def __init__(self, status: int, said: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(said)
        self.status, self.said, self.headers = status, said, headers

    @classmethod
    def until(cls, when: float, said: str) -> "Refused":
        """Too often; it may be tried again at a Unix time."""
        seconds = max(1, math.ceil(when - time.time()))
        return cls(429, f"{said}; try again in {seconds} s", (b"retry-after", b"%d" % seconds))


def header(scope: Scope, name: bytes) -> str:
    """A header of a request, "" where it has none; the first of several."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def without(headers: Headers, *names: bytes) -> Headers:
    """Headers without those whose names begin so."""
    return [(key, value) for key, value in headers if not key.lower().startswith(names)]


async def refuse(scope: Scope, send: Send, refused: Refused) -> None:
    """Answer with the line of a refusal: JSON to programs, text to people."""
    plain = not scope["path"].startswith("/gradio_api") and "json" not in header(scope, b"accept")
    body = (f"{refused.said}\n" if plain else json.dumps({"detail": refused.said})).encode()
    kind = b"text/plain; charset=utf-8" if plain else b"application/json"
    start: Headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        *refused.headers,
    ]
    await send({"type": "http.response.start", "status": refused.status, "headers": start})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
