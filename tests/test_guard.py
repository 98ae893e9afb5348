"""The guard: who and what is let through, on every way in."""

import gc
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa.serving.asgi import Refused
from qa.serving.json_bodies import parsed
from qa.serving.owners import Owners
from qa.serving.people import Person, identity_headers, person_of
from qa.serving.server import COSTLY_EVENTS, Serving
from tests.real_page import real_page
from tests.toy_page import ANN, BOB, Running, running, uploaded, users_file

MULTIPART = {"Content-Type": "multipart/form-data; boundary=xyz"}
API = "/gradio_api"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """With users, and a rate that no test reaches."""
    folder = tmp_path_factory.mktemp("served")
    options = Serving(users=users_file(folder), rate="100000/minute", upload_mb=0.1, uploads_mb=0.3)
    with running(options) as server:
        yield server


@pytest.fixture(scope="module")
def alone() -> Iterator[Running]:
    """Without users, on this computer only."""
    options = Serving(
        rate="100000/minute", root_path="https://quoth.example/q", open_to_all=True
    )  # fmt: skip
    with running(options) as server:
        yield server


def routes(app: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """All methods and paths that an application has, mounted ones too; parameters filled in."""
    for route in app.routes:
        route = getattr(route, "original_router", route)
        path = before + (getattr(route, "path", None) or "")
        if getattr(route, "routes", None):
            yield from routes(route, path.rstrip("/"))
        elif hasattr(route, "app") and not hasattr(route, "endpoint"):
            yield "POST", path
            yield "GET", path
        else:
            filled = re.sub(r"\{[^}]*\}", "x", path)
            for method in getattr(route, "methods", None) or ("GET", "POST"):
                yield method, filled


def test_every_route_wants_credentials(served: Running) -> None:
    """Whatever Gradio serves, now or later: nothing but /health answers without a password."""
    found = sorted(set(routes(served.guard.app)))
    assert len(found) > 60
    assert {"/gradio_api/mcp/sse", "/gradio_api/upload", "/"} <= {path for _, path in found}
    for method, path in found:
        reply = served.send(method, path, headers={"Authorization": "Bearer x"})
        assert reply.status == (200 if path == "/health" else 401), (method, path)
        assert "quoth_visitor" not in str(reply.headers)
    assert served.send("GET", "/health").json == {"status": "ok"}


def test_wrong_passwords_are_counted(tmp_path: Path) -> None:
    """Ten a minute; then not even the right one is tried, but who is in already stays in."""
    with running(Serving(users=users_file(tmp_path))) as server:
        assert server.send("GET", "/config", user=ANN).status == 200
        for _ in range(10):
            assert server.send("GET", "/config", user=("ann", "no")).status == 401
        locked = server.send("GET", "/config", user=BOB)
        assert locked.status == 429
        assert 1 <= int(locked.headers["retry-after"]) <= 60
        assert server.send("GET", "/config", user=ANN).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/file=/etc/passwd", f"{API}/file=/etc/passwd", f"{API}/file/etc/passwd", f"{API}/proxy=http://x/",
        f"{API}/stream/x/y/1/playlist.m3u8", f"{API}/dev/reload", f"{API}/run-history/buckets", f"{API}/runs",
        f"{API}/vibe-code", "/monitoring", "/monitoring/summary", f"{API}/profiling/traces",
        f"{API}/custom_component/a/client/b/c", f"{API}/deep_link?session_hash=a", f"{API}/token", f"{API}/user",
        "/login", "/logout", "/svelte/x", f"{API}/process_recording", f"{API}/component_server", "/docs",
        "/openapi.json", f"{API}/queue/status", "/pwa_icon", "/assets/../routes.py", "/assets/%2e%2e/routes.py",
        "/static//etc/passwd", f"/{API}/info", f"{API}//info", "/assets/", "/%00", f"{API}/run/answer",
    ],
)  # fmt: skip
def test_what_is_not_needed_is_not_there(served: Running, path: str) -> None:
    """Also for users, by every method."""
    for method in ("GET", "POST", "PUT", "HEAD"):
        assert served.send(method, path, user=ANN).status in (404, 405), method


def test_the_page_has_what_it_needs(served: Running) -> None:
    """Page, config, every asset that it names, and the headers that keep it in its place."""
    page = served.send("GET", "/", user=ANN)
    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert "'sha256-" in policy
    assert "script-src 'self' 'unsafe-eval' 'sha256-" in policy
    assert "connect-src 'self'" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert "strict-transport-security" not in page.headers
    named = set(re.findall(r'(?:src|href)="\.?(/[^"]+)"', page.body.decode()))
    assert any(name.startswith("/assets/") for name in named)
    for path in {*named, "/config", "/theme.css", "/favicon.ico", "/robots.txt", f"{API}/info",
                 f"{API}/openapi.json", f"{API}/startup-events", f"{API}/mcp/schema", f"{API}/app_id"}:  # fmt: skip
        reply = served.send("GET", path, user=ANN)
        assert reply.status == 200, path
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert "access-control-allow-origin" not in reply.headers
    assert served.send("GET", "/?page=nothing&deep_link=x", user=ANN).status == 200


def test_who_somebody_is(served: Running) -> None:
    """The user is the one whose password it was, the visitor the one of the cookie; what a client
    claims in headers does not count, and no password or cookie gets past the guard."""
    claimed = {
        "X-Quoth-User": "ann",
        "x-quoth-visitor": "f" * 64,
        "X-Forwarded-Host": "evil.example",
    }
    first = served.send("GET", "/", user=BOB)
    assert re.fullmatch(
        r"quoth_visitor=[\w-]{43}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", first.headers["set-cookie"]
    )  # fmt: skip
    assert b"evil" not in served.send("GET", "/", user=BOB, headers=claimed).body
    assert (
        "set-cookie"
        not in served.send("GET", "/", user=BOB, headers={"Cookie": first.cookie}).headers
    )
    assert call(served, BOB, "hi", headers=claimed) == '["b\\u00f6b||hi|False"]'
    seen = call(served, BOB, "hi", headers=claimed | {"Cookie": f"a=b; {first.cookie}"})
    assert re.fullmatch(r'\["b\\u00f6b\|[0-9a-f]{8}\|hi\|False"\]', seen)
    assert "|ffffffff|" not in seen
    assert served.send("GET", "/", user=BOB, headers={"X-Forwarded-Proto": "https"}).status == 200


def call(server: Running, user: tuple[str, str] | None, question: str, **more: Any) -> str:
    """Call by two requests, as programs do without a library."""
    sent = server.send("POST", f"{API}/call/answer", {"data": [question, 1]}, user=user, **more)
    assert sent.status == 200, sent.body
    told = server.send("GET", f"{API}/call/answer/{sent.json['event_id']}", user=user, **more)
    return told.body.decode().partition("data: ")[2].strip()


def test_an_answer_is_its_askers(served: Running) -> None:
    """Session and event ids, also where they are known, are of no use to others."""
    sent = served.send("POST", f"{API}/call/answer", {"data": ["secret", 1]}, user=ANN).json
    event = sent["event_id"]
    body = {"data": ["wait", None], "fn_index": 0, "session_hash": "s1"}
    ours = served.send("POST", f"{API}/queue/join", body, user=ANN).json["event_id"]
    cookie = {"Cookie": served.send("GET", "/", user=ANN).cookie}
    for user, headers in ((BOB, {}), (ANN, cookie)):
        more: dict[str, Any] = {"user": user, "headers": headers}
        assert served.send("GET", f"{API}/call/answer/{event}", **more).status == 404
        for known in (event, ours, "s1"):
            assert (
                served.send("GET", f"{API}/queue/data?session_hash={known}", **more).status == 403
            )
            assert served.send("GET", f"{API}/heartbeat/{known}", **more).status == 403
            joined = served.send(
                "POST", f"{API}/queue/join", body | {"session_hash": known}, **more
            )
            assert joined.status == 403
        cancel = {"session_hash": "s1", "event_id": ours, "fn_index": 0}
        assert served.send("POST", f"{API}/cancel", cancel, **more).status == 403
        cancel["session_hash"] = "mine" + user[0][0] + str(len(headers))
        assert served.send("POST", f"{API}/cancel", cancel, **more).status == 404
    assert "secret" in served.send("GET", f"{API}/call/answer/{event}", user=ANN).body.decode()
    assert "wait" in served.send("GET", f"{API}/queue/data?session_hash=s1", user=ANN).body.decode()


def test_private_events_have_no_name(served: Running) -> None:
    """The page's events are called by number, and only there."""
    assert served.send("POST", f"{API}/call/ask", {"data": ["x", None]}, user=ANN).status == 404
    assert (
        served.send(
            "POST", f"{API}/call/answer", {"data": ["x", 1], "fn_index": 0}, user=ANN
        ).status
        == 200
    )


def test_files_are_those_that_were_sent(served: Running) -> None:
    """A path, or an address, that the server did not give to that person is refused."""
    sent = served.send(
        "POST", f"{API}/upload?upload_id=u1", uploaded("xyz", ("files", "a.txt", b"text")), user=ANN, headers=MULTIPART
    )  # fmt: skip
    assert sent.status == 200, sent.body
    (path,) = sent.json

    def use(path: Any, user: tuple[str, str], session: str) -> int:
        file = {"path": path, "url": "http://127.0.0.1:1/x", "meta": {"_type": "gradio.FileData"}}
        body = {"data": [[file]], "fn_index": number, "session_hash": session}
        return served.send("POST", f"{API}/queue/join", body, user=user).status

    number = next(
        fn["id"] for fn in served.send("GET", "/config", user=ANN).json["dependencies"] if fn["targets"][0][1] == "upload"
    )  # fmt: skip
    assert use(path, ANN, "f1") == 200
    told = served.send("GET", f"{API}/queue/data?session_hash=f1", user=ANN).body
    assert b"1 files" in told
    assert use(path, BOB, "f2") == 403
    for other in ("/etc/passwd", "http://127.0.0.1:1/x", path + "/../../x", "", 5, None):
        assert use(other, ANN, "f3") in (400, 403)
    assert served.send("GET", f"{API}/upload_progress?upload_id=u1", user=BOB).status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://{host}"}, 200),
        ({"Origin": "https://quoth.example"}, 200),
        ({"Host": "localhost:80"}, 200),
        ({"Host": "quoth.example"}, 200),
        ({"Host": "[::1]:7860"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://{host}.evil.example"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://{host}"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Host": "evil.example", "X-Forwarded-Host": "127.0.0.1"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "192.168.0.1"}, 403),
        ({"Host": "a b"}, 400),
        ({"Host": ""}, 400),
        ({"Host": "localhost:99999"}, 400),
    ],
)
def test_other_sites_are_refused(alone: Running, headers: dict[str, str], status: int) -> None:
    """A page elsewhere can neither post here nor be this server by a name of its own."""
    sent = {k: v.replace("{host}", f"127.0.0.1:{alone.port}") for k, v in headers.items()}
    reply = alone.send("POST", f"{API}/call/answer", {"data": ["x", 1]}, headers=sent)
    assert reply.status == status, reply.body
    if "Host" in headers:
        assert alone.send("GET", "/", headers=sent).status == status
    assert (
        alone.send(
            "OPTIONS", f"{API}/upload", headers={"Access-Control-Request-Method": "POST"}
        ).status
        == 405
    )


def test_costly_requests_are_counted() -> None:
    """A moving window for each client; reading the page is not counted."""
    with running(Serving(rate="3/minute")) as server:
        statuses = [
            server.send("POST", f"{API}/call/answer", {"data": ["x", 1]}).status for _ in range(5)
        ]
        assert statuses == [200, 200, 200, 429, 429]
        refused = server.send("POST", f"{API}/mcp", {})
        assert refused.status == 429
        assert "too many requests; try again in" in refused.json["detail"]
        assert int(refused.headers["retry-after"]) > 0
        assert server.send("GET", "/").status == 200


def pieces(total: int, size: int = 60_000) -> Iterator[bytes]:
    for _ in range(total // size):
        yield b"x" * size


def test_bodies_have_a_limit(served: Running) -> None:
    """With a length, without one, and with one that is no number; JSON and files."""
    chunked = {"Content-Type": "application/json"}
    # None of the files is too large for Gradio, all together are for the guard.
    files = uploaded("xyz", *(("files", f"{n}.txt", b"x" * 80_000) for n in range(5)))
    one = uploaded("xyz", ("files", "a.txt", b"x" * 150_000))
    join = f"{API}/queue/join"
    assert served.send("POST", join, {"data": ["x" * 1_100_000]}, user=ANN).status == 413
    assert served.send("POST", join, pieces(3_000_000), user=ANN, headers=chunked).status == 413
    assert served.send("POST", f"{API}/upload", files, user=ANN, headers=MULTIPART).status == 413
    assert served.send("POST", f"{API}/upload", one, user=ANN, headers=MULTIPART).status == 413
    many = (files[at : at + 50_000] for at in range(0, len(files), 50_000))
    refused = served.send("POST", f"{API}/upload", many, user=ANN, headers=MULTIPART)
    assert (refused.status, refused.json["detail"]) == (
        413,
        "too large; at most 0.3 MB are taken at once",
    )
    assert (
        served.send("POST", join, {"data": []}, user=ANN, headers={"Content-Length": "x"}).status
        == 400
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"), (b"[]", "not a JSON object"), (b"\xff", "UTF-8"), (b"", "not JSON"),
        (b'{"a": "\\ud800"}', "surrogate"), (b'{"\\ud800": 1}', "surrogate"), (b"[" * 900_000, "deep"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "deep"), (b'{"a": NaN}', "no number"), (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"9" * 30 + b"}", "too large"), (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)  # fmt: skip
def test_what_is_no_plain_json_is_refused(body: bytes, said: str) -> None:
    """In one line that says what is wrong."""
    with pytest.raises(Refused, match=said) as refused:
        parsed(body)
    assert refused.value.status == 400
    assert "\n" not in refused.value.said


@pytest.mark.parametrize(
    "change",
    [
        {"data": None}, {"data": {}}, {"data": []}, {"data": ["x"] * 9}, {"fn_index": "0"}, {"fn_index": True},
        {"fn_index": 10**6}, {"fn_index": None}, {"session_hash": None}, {"session_hash": 5}, {"session_hash": ""},
        {"session_hash": "../x"}, {"session_hash": "x" * 65}, {"event_data": 5}, {"trigger_id": "x"},
    ],
)  # fmt: skip
def test_a_call_has_what_it_has_to_have(served: Running, change: dict[str, Any]) -> None:
    """Wrong types cost one line, and never an exception in Gradio."""
    body = {"data": ["x", None], "fn_index": 0, "session_hash": "t1", "event_data": None}
    reply = served.send("POST", f"{API}/queue/join", body | change, user=ANN)
    assert reply.status in (400, 404), reply.body
    assert isinstance(reply.json["detail"], str)


def test_owners_are_bounded() -> None:
    """The least recently used are forgotten first."""
    owners, ann, bob = Owners(kept=2), Person("ann", ""), Person("bob", "")
    assert owners.take("a", ann)
    assert owners.take("b", ann)
    assert not owners.take("a", bob)
    assert owners.take("c", bob)
    assert owners.take("b", bob)


@pytest.mark.parametrize("user", ["", "ann", "böb %41 ü"])
def test_a_persons_headers_and_back(user: str) -> None:
    """What the guard sets is what the page reads, in any script."""
    person = Person(user, "0f")
    headers = {key.decode(): value.decode("ascii") for key, value in identity_headers(person)}
    assert person_of(headers) == person
    assert person_of({}) == Person("", "")


ODD = ["", "\x00", "‮", "ü" * 3000, "../../etc/passwd", "{{7*7}}", 0, -1, 2**63, 1.5, True, None, [], {}, [[]], {"path": "x"},
       {"path": 1, "meta": {"_type": "gradio.FileData"}}, "x" * 100_000, {"a": [{"b": None}]}]  # fmt: skip
KEYS = ["data", "fn_index", "session_hash", "event_id", "event_data", "trigger_id", "batched", "simple_format",
        "jsonrpc", "id", "method", "params", "question", "times", "name"]  # fmt: skip
RAW = [b"", b"{", b"[" * 5000, b"\xff\xfe", b"null", b'"\\ud800"', b'{"data": [1e999]}', b"--xyz\r\n", b"x" * 1_200_000,
       uploaded("xyz", ("other", "a", b"x")), uploaded("xyz", ("files", "../../a\0", b"x")), uploaded("xyz", ("files", "a" * 5000, b"x")),
       uploaded("xyz", ("files", "", b"")), b"--xyz\r\nContent-Disposition: form-data; name=\"files\"\r\n\r\nx\r\n--xyz--\r\n"]  # fmt: skip
KINDS = ["application/json", "text/plain", "multipart/form-data; boundary=xyz", "multipart/form-data", "",
         "multipart/form-data; boundary=xyz; charset=utf-7", "application/json; charset=utf-16"]  # fmt: skip
METHODS = ["tools/call", "tools/list", "initialize", "ping", "resources/read", "prompts/get", "x"]


def body_of(random_: random.Random) -> Any:
    if random_.random() < 0.25:
        return random_.choice(RAW)
    body = {key: random_.choice(ODD) for key in random_.sample(KEYS, random_.randrange(5))}
    if random_.random() < 0.5:
        values = [random_.choice(ODD) for _ in range(2)]
        body |= {
            "data": values,
            "session_hash": random_.choice(["a", "b"]),
            "fn_index": random_.randrange(4),
        }
    elif random_.random() < 0.5:
        body |= {"jsonrpc": "2.0", "id": 1, "method": random_.choice(METHODS)}
        body["params"] = random_.choice(
            [{"name": "answer", "arguments": body.get("params")}, random_.choice(ODD)]
        )
    return body


@pytest.mark.filterwarnings(
    # The MCP library leaves streams of clients that went away to the garbage collector.
    "ignore:.*MemoryObject.*:pytest.PytestUnraisableExceptionWarning",
    "ignore:Unclosed <MemoryObject:ResourceWarning",
)
def test_nothing_that_is_sent_makes_the_server_fail(served: Running) -> None:
    """2,000 requests of nonsense to every route: never a status of 500, and it answers after."""
    random_ = random.Random(6)
    found = sorted(set(routes(served.guard.app)))
    ways = [path for _, path in found if path.startswith(API)] + [path for _, path in found]
    for _ in range(2000):
        path = random_.choice(
            [
                *ways,
                f"{API}/queue/join",
                f"{API}/call/answer",
                f"{API}/call/v2/answer",
                f"{API}/upload",
                f"{API}/mcp/",
            ]
        )
        method = random_.choice(
            ["GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]
        )
        if random_.random() < 0.1:
            path = random_.choice(["/%2e%2e", "//", "/%ff", "/a;b", "/%00"]) + path
        if random_.random() < 0.4:
            query = random_.choice(
                [
                    "session_hash=a",
                    "session_hash=%00",
                    "page=x",
                    "upload_id=a",
                    "tools=x",
                    "session_id=x",
                    "%ff=%",
                    "&&=" * 90,
                ]
            )
            path += f"?{query}"
        headers = {
            "Content-Type": random_.choice(KINDS),
            "Accept": random_.choice(["*/*", "application/json, text/event-stream"]),
        }
        if random_.random() < 0.2:
            headers |= random_.choice(
                [
                    {"Mcp-Session-Id": "\xff"},
                    {"Mcp-Protocol-Version": "x"},
                    {"Range": "bytes=9-1"},
                    {"Cookie": "=\xff;;"},
                    {"Accept-Encoding": "br;q=x"},
                ]
            )
        try:
            reply = served.send(
                method, path, body_of(random_), user=ANN, headers=headers, timeout=5, whole=False
            )
        except TimeoutError:
            pytest.fail(f"no answer to {method} {path}")
        assert reply.status < 500, (method, path, reply.body)
    assert served.send("GET", "/health").status == 200
    assert "|still there|" in call(served, ANN, "still there")
    gc.collect()


def test_what_costs_little_counts_a_tenth(tmp_path: Path) -> None:
    """Of the page's events those that ask or add count as a call of a program does, the others,
    which open and list, a tenth of it."""
    with real_page(tmp_path, rate="2/minute") as real:
        names = {fn.name for fn in real.page.fns.values()}
        assert names >= COSTLY_EVENTS
        find, ask = real.number("find"), real.number("ask")
        listed = [real.join(find, ["", "", "", "", None], "s1").status for _ in range(10)]
        asked = [real.join(ask, ["Who?", None, [], "", ""], "s1").status for _ in range(2)]
        assert listed == [200] * 10
        assert asked == [200, 429]
