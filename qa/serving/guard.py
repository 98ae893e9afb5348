"""The guard: every request passes it, whichever way it takes, before Gradio sees any of it.

It decides where a request may come from, who it is from, whether it is a way in, how often and how
much may be sent, and whether the body is what its kind has to have. What is behind it can rely on
that: it sees ``x-quoth-user`` and ``x-quoth-visitor`` as the guard has set them, no password, no
cookie, and no header in which a client claims to be a proxy.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from fastapi import HTTPException

from qa.serving.answer import Answering
from qa.serving.asgi import App, Receive, Refused, Scope, Send, refuse, without
from qa.serving.bodies import JSON_LIMIT, Upload, announced, read, replayed
from qa.serving.calls import Calls, Function
from qa.serving.json_bodies import parsed
from qa.serving.login import Login, visitor
from qa.serving.logs import Access
from qa.serving.origins import Origins
from qa.serving.owners import Owners
from qa.serving.people import Person, identity_headers
from qa.serving.rates import COSTLY, LIGHT, Rates
from qa.serving.streams import bodiless, ending
from qa.serving.users import Users
from qa.serving.waiting import Waiting
from qa.serving.ways import Way, way_of

__all__ = ["Guard", "Policy"]

_log = logging.getLogger("quoth")

_CLAIMED = (
    b"x-quoth-", b"x-forwarded-", b"forwarded", b"x-real-ip", b"x-gradio-", b"authorization",
    b"cookie", b"proxy-",
)  # fmt: skip
_MCP = ("/gradio_api/mcp", "/gradio_api/mcp/http", "/gradio_api/mcp/http/")
_IDS = ("session_hash", "upload_id", "session_id")  # in queries: whose they are is remembered


@dataclass(frozen=True, slots=True)
class Policy:
    """What the guard lets through."""

    users: Users | None = None
    only_here: bool = True  # without users: nothing but this computer's own names
    root: str = ""  # the address that people see, where it is another
    rate: str = "120/minute"
    upload_bytes: int = 500_000_000  # in one request; none where it is 0
    log_addresses: bool = False


class Guard:
    """ASGI middleware around the whole server. ``close`` ends the streams that never end."""

    def __init__(
        self, app: App, functions: Sequence[Function], policy: Policy,
        over: Callable[[str], None] = lambda event: None,
    ) -> None:  # fmt: skip
        self._over = over  # called with the id of a program's call once its answer has been told
        self.app, self._policy = app, policy
        self._rates = Rates(policy.rate)
        self._login = Login(policy.users, self._rates)
        self._origins = Origins(policy.only_here and policy.users is None, policy.root)
        self._owners = Owners()
        self._waiting = Waiting(2 * policy.upload_bytes)
        self._calls = Calls(list(functions), self._owners, self._waiting)
        self._access = Access(addresses=policy.log_addresses)
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End the streams that would go on for ever: the server stops."""
        self._closing.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, address = time.perf_counter(), str((scope.get("client") or ("",))[0])
        answer = Answering(scope, send)
        who, name = "", scope["path"]
        try:
            if name == "/health" and scope["method"] in ("GET", "HEAD"):
                await self.app(_bare(scope, Person(), b""), receive, answer.send)
                return
            self._origins.check(scope)
            who = await self._login.user(scope, address)
            way, ids = self._way(scope)
            name = way.name
            person = Person(who, visitor(scope))
            await self._through(scope, receive, answer, way, ids, person, address)
        except Refused as refused:
            answer.give_up()
            if not answer.started:
                await refuse(scope, answer.send, refused)
        except Exception as error:
            if not (
                answer.started and isinstance(error, HTTPException)
            ):  # how Gradio ends a stream
                _log.exception("%s %s failed", scope["method"], name)
            answer.give_up()
            if not answer.started:
                await refuse(
                    scope, answer.send, Refused(500, "something went wrong; the log says what")
                )
        finally:
            await answer.finish()
            if name != "/health" and not (answer.kept and answer.status < 400):
                self._access(scope["method"], name, answer.status, began, who, address)

    @staticmethod
    def _way(scope: Scope) -> tuple[Way, dict[str, str]]:
        found = way_of(scope["method"], scope["path"])
        if isinstance(found, tuple):
            return found
        if found:
            allow = ", ".join(sorted(found))
            raise Refused(405, f"only {allow} here", (b"allow", allow.encode()))
        raise Refused(404, "nothing here")

    async def _through(
        self, scope: Scope, receive: Receive, answer: Answering, way: Way, ids: dict[str, str],
        person: Person, address: str,
    ) -> None:  # fmt: skip
        """Check the rest, and hand the request on."""
        client = f"user {person.user}" if person.user else f"address {address}"
        if way.costly:
            self._spend(client, LIGHT if way.body == "join" else COSTLY)
        inner = _bare(scope, person, self._query(scope, way, ids, person))
        answer.kept, answer.page = way.kept, way.name == "/"
        if way.body == "upload":
            await self._upload(inner, receive, answer, person)
            return
        inner["headers"] = without(inner["headers"], b"content-", b"transfer-encoding")
        if way.body:
            announced(scope, JSON_LIMIT)
            data = parsed(await read(scope, receive))
            data = self._calls.clean(way, ids.get("name", ""), data, person)
            if way.body == "join" and self._calls.costly(data["fn_index"]):
                self._spend(client, COSTLY - LIGHT)
            body, receive = replayed(data, receive)
            length = b"%d" % len(body)
            inner["headers"] += [
                (b"content-type", b"application/json"),
                (b"content-length", length),
            ]
            if way.body in ("join", "call", "call v2"):
                answer.heard = lambda said: self._event(said, person)
        else:
            receive = bodiless(receive)
        if way.lingers is not None:
            receive = ending(receive, self._closing, way.lingers)
        try:
            await self.app(inner, receive, answer.send)
        finally:
            if "event" in ids:
                self._over(ids["event"])

    def _spend(self, client: str, cost: int) -> None:
        if again := self._rates.spend(client, cost):
            raise Refused.until(again, "too many requests")

    async def _upload(
        self, inner: Scope, receive: Receive, answer: Answering, person: Person
    ) -> None:
        """Files are looked at while they are handed on; if that ends, the answer is ours."""
        if not self._policy.upload_bytes:
            raise Refused(403, "nothing can be added here")
        with self._waiting.coming(person.user) as count:
            upload = Upload(inner, receive, self._policy.upload_bytes, count)
            inner["headers"] = without(inner["headers"], b"content-length")
            answer.dropped = lambda: upload.refused is not None
            answer.heard = lambda said: self._uploaded(said, person)
            await self.app(inner, upload.receive, answer.send)
        if upload.refused is not None:
            raise upload.refused

    def _query(self, scope: Scope, way: Way, ids: dict[str, str], person: Person) -> bytes:
        """The parameters that are handed on, each once; ids in them and in the path are the person's."""
        try:
            given = dict(parse_qsl(scope["query_string"].decode("ascii"), max_num_fields=50))
            handed = {name: value for name, value in given.items() if name in way.query}
            query = urlencode(handed).encode()
        except ValueError:
            raise Refused(400, "the query is not one") from None
        if "name" in ids:
            self._calls.named(ids["name"])
        named = [handed[name] for name in _IDS if name in handed] + [ids.get("session", "")]
        for taken in filter(None, named):
            if len(taken) > 64 or not taken.isascii():
                raise Refused(400, "an id in the query is not one")
            if not self._owners.take(taken, person):
                raise Refused(403, "this session is another person's")
        if "session_hash" in way.query and "session_hash" not in handed:
            raise Refused(400, '"session_hash" is missing')
        if "event" in ids and not self._owners.has(ids["event"], person):
            raise Refused(404, "no such answer of yours")
        return query

    def _event(self, said: object, person: Person) -> None:
        """Remember whose an answer will be, before its id is told."""
        if isinstance(said, dict) and isinstance(said.get("event_id"), str):
            self._owners.take(said["event_id"], person)

    def _uploaded(self, said: object, person: Person) -> None:
        for path in said if isinstance(said, list) else ():
            self._waiting.add(str(path), person)


def _bare(scope: Scope, person: Person, query: bytes) -> Scope:
    """The request as those behind may see it."""
    path = "/gradio_api/mcp/" if scope["path"] in _MCP else scope["path"]
    headers = [(key.lower(), value) for key, value in scope["headers"]]
    hidden = (b"accept-encoding",) if scope["method"] == "POST" or path == "/" else ()
    return {
        **scope, "path": path, "raw_path": path.encode(), "query_string": query,
        "headers": [*without(headers, *_CLAIMED, *hidden), *identity_headers(person)],
    }  # fmt: skip
