"""The answer to a request on its way out: headers of ours, and whose the ids in it are."""

import json
from collections.abc import Callable

from qa.serving.asgi import Message, Scope, Send
from qa.serving.headers import page_policy, secured
from qa.serving.login import new_cookie, visitor

__all__ = ["Answering"]


class Answering:
    """Stands in the place of ``send``.

    A ``page`` is held until it is whole, for the hashes of its scripts; so is an answer for which
    there is a ``heard``, which gets its JSON before the client does. ``dropped`` says that what
    comes is not to be told.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self.status = 499  # as the log has it where the client left before there was an answer
        self.started = self._finished = False
        self.kept = self.page = False
        self.heard: Callable[[object], None] | None = None
        self.dropped: Callable[[], bool] = lambda: False
        self._start: Message | None = None
        self._held = bytearray()

    async def send(self, message: Message) -> None:
        """A message of the application."""
        if self._finished or self.dropped():
            return  # an application may think its stream open that has been ended
        if message["type"] == "http.response.start" and self.started:
            self.dropped = lambda: True  # a second answer, after a stream that was broken off
            return
        if message["type"] == "http.response.start":
            self._start = message
            if not (self.page or self.heard):
                await self._begin(None)
            return
        if message["type"] != "http.response.body":
            return  # extensions are not offered
        body, more = message.get("body", b""), message.get("more_body", False)
        if not self.started:
            self._held += body
            if more:
                return
            body = bytes(self._held)
            if self.heard and self._start is not None and self._start["status"] == 200:
                self.heard(json.loads(body))
            await self._begin(page_policy(body) if self.page else None)
        self._finished = not more
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def give_up(self) -> None:
        """Forget what is held: something else will be answered, where that is still possible."""
        self._start, self.page, self.heard, self.dropped = None, False, None, lambda: False
        self._held.clear()

    async def finish(self) -> None:
        """End what was begun and left."""
        if self.started and not self._finished:
            self._finished = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, policy: str | None) -> None:
        assert self._start is not None
        self.started, self.status = True, self._start["status"]
        new = self.page and self._scope["method"] == "GET" and not visitor(self._scope)
        headers = secured(
            list(self._start.get("headers", ())), kept=self.kept and self.status in (200, 304),
            https=self._scope["scheme"] == "https", policy=policy, cookie=new_cookie() if new else "",
        )  # fmt: skip
        await self._send({"type": "http.response.start", "status": self.status, "headers": headers})
