"""The real page under attack: nonsense on every way in, files that are traps, other people's things."""

import asyncio
import gzip
import hashlib
import io
import json
import os
import random
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from qa.result import Answer, Citation, Source
from qa.serving.received import receiving, sweep
from qa.serving.server import Serving, gr
from qa.serving.waiting import FILES
from qa.session import Quoth
from qa.suggestions import suggestions
from tests.audited import astray, touched
from tests.conftest import NEWS
from tests.fakes import FakeEncoder, FakeReader
from tests.real_page import ANSWERS, API, Real, completed, real_page
from tests.test_guard import KINDS, body_of, routes
from tests.toy_page import ANN, BOB, Reply, running, uploaded, users_file

pytestmark = pytest.mark.filterwarnings(
    # The MCP library leaves streams of clients that went away to the garbage collector.
    "ignore:.*MemoryObject.*:pytest.PytestUnraisableExceptionWarning",
    "ignore:Unclosed <MemoryObject:ResourceWarning",
)

EVIL = "<img src=x onerror=alert(1)>"
LINK = "<a href=javascript:alert(1)>x</a>"
MARKDOWN = ("[x](javascript:alert(1))", "![x](http://evil.example/x.png)")
VALUES: list[Any] = [
    None, "", 5, -1, 1.5, True, [], {}, [None], ["a", 5, None], {"a": 1}, [[1]], "x" * 100_000, "\0", "\0\u202e" * 50,
    "ü" * 3000, "../../etc/passwd", ["\0"], ["x" * 20_000], [{"a": "b"}], "2024-13", "9" * 5000, "2024", "Who owns the bakery?",
    [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], {"path": "/etc/passwd"}, {"path": None}, EVIL, ["a"] * 2000,
    LINK, *MARKDOWN, [EVIL, LINK], {"path": "app.py"}, "file:///etc/passwd", "app.py",
]  # fmt: skip
TOLD: list[Any] = [
    None, [], ["open"], ["open", "text"], "open", "text open", {"open": 5}, {"open": None}, {"open": {}}, {"open": ["edit:0"]},
    *({"open": target} for target in (
        "list", "edit:0", "good:0", "bad:0", "good:-1", "good:²", "good:٣", "good:" + "9" * 5000, "citation:" + "9" * 5000 + ":0",
        "citation:0:" + "9" * 5000, "citation:0:0", "passage:0:0", "article:../../etc/passwd", "article:\0", "article:bridge.txt",
        "remove:bridge.txt", "remove:" + "x" * 300_000, f"when:{EVIL}", "when:" + "9" * 5000, ":", EVIL,
    )),
    {"open": "correct:0", "text": "y" * 900_000}, {"open": "correct:0", "text": {"a": 1}}, {"__class__": "x", "target": 1},
]  # fmt: skip


@pytest.fixture(scope="module")
def open_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """Without users: what one adds, all see."""
    with real_page(tmp_path_factory.mktemp("open")) as real:
        yield real


@pytest.fixture(scope="module")
def private_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """With users, each of whom sees their own additions."""
    with real_page(tmp_path_factory.mktemp("private"), users=True) as real:
        yield real


@pytest.fixture(autouse=True)
def nothing_outside(request: pytest.FixtureRequest) -> Iterator[None]:
    """In none of these tests anything is written outside of the folder that the page is given, and
    nothing outside of it is read but programs: no path that a client sends is ever opened."""
    names = {"open_page", "private_page"} & set(request.fixturenames)
    folders = [request.getfixturevalue(name).folder for name in names]
    folders += [request.getfixturevalue("tmp_path")] if "tmp_path" in request.fixturenames else []
    with touched() as found:
        yield
    assert astray(found, *folders) == []


@pytest.fixture(autouse=True)
def none_printed(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test is blamed for another's exceptions."""
    yield
    for name in ("open_page", "private_page"):
        if name in request.fixturenames:
            request.getfixturevalue(name).tracebacks.clear()


def tree(folder: Path) -> dict[str, str]:
    """The hashes of all files in a folder, but for the databases and what is derived from them."""
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "index" not in file.relative_to(folder).parts[:1]
    }


def test_no_event_fails_for_what_it_is_sent(open_page: Real) -> None:
    """1,200 events with values, event data and triggers of any kind: nothing raises, it answers after."""
    rng, real, took = random.Random(7), open_page, []
    numbers = list(real.page.fns)
    for turn in range(1200):
        number = numbers[turn % len(numbers)] if turn < 400 else rng.choice(numbers)
        data = [rng.choice(VALUES) for _ in real.page.fns[number].inputs]
        if rng.random() < 0.5 and len(data) == 5:  # near to what is right
            data = ["Who owns the bakery?", None, rng.choice(VALUES), "", rng.choice(["2024", "x"])]
        began = time.monotonic()
        sent, said = real.event(
            number, data, f"s{turn % 40}", event_data=rng.choice(TOLD), trigger_id=rng.choice([None, 0, 5, 10**6])
        )  # fmt: skip
        took.append(time.monotonic() - began)
        assert sent.status < 500, (number, data)
        assert all(end["success"] or end["output"].get("error") for end in completed(said)), said
        boxes = [block.get_block_name() == "textbox" for block in real.page.fns[number].outputs]
        for end in completed(said):  # what goes into a box to type in is text, and stays as it is
            for typed, value in zip(boxes, end["output"].get("data", ()), strict=False):
                if typed and isinstance(value, str) and value:
                    said = said.replace(json.dumps(value).encode(), b"")
        assert EVIL.encode() not in said
        assert LINK.encode() not in said
    assert real.tracebacks == []
    took.sort()
    assert took[int(0.99 * len(took))] < 3
    assert b"Tom Ferrow" in real.call("answer", ["Who owns the bakery?", *[None] * 5, False])


def test_no_way_in_fails_for_what_it_is_sent(open_page: Real) -> None:
    """800 requests: every route by every method that it has, others at random, and calls of the
    three functions by HTTP and MCP. Never a 500."""
    rng, real = random.Random(8), open_page
    found = sorted(set(routes(real.running.guard.app)))
    assert 60 < len(found) < 400
    methods = ["GET", "POST", "POST", "HEAD", "PUT", "DELETE"]
    others = [(rng.choice(methods), rng.choice(found)[1]) for _ in range(500 - len(found))]
    for method, route in [*found, *others]:
        path = route + rng.choice(["", "", "?session_hash=%00", "?upload_id=a"])
        headers = {"Content-Type": rng.choice(KINDS)}
        reply = real.running.send(
            method, path, body_of(rng), headers=headers, timeout=10, whole=False
        )
        assert reply.status < 500, (method, path, reply.body)
    accept = {"Accept": "application/json, text/event-stream"}
    for _ in range(300):
        name = rng.choice(["answer", "search", "articles"])
        values = [rng.choice(VALUES[:20]) for _ in range(7 if name == "answer" else 6)]
        if rng.random() < 0.5:
            said = real.call(name, values)
            assert b"event: complete" in said or b"detail" in said or b'"error": "' in said, said
            continue
        names = ["question", "query", "text", "count", "publishers", "since", "limit"]
        given = {rng.choice(names): value for value in values[:3]}
        body = {
            "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": given},
        }  # fmt: skip
        reply = real.running.send("POST", f"{API}/mcp/", body, headers=accept, timeout=20)
        assert reply.status < 500
        assert b"Traceback" not in reply.body
    assert real.tracebacks == []


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.txt", b"0" * 5_000_000)
    return held.getvalue()


ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]\n"
    for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.txt", zipped()), ("bomb.md", zipped()), ("bomb.jsonl", zipped()), ("bomb.json", zipped()),
        ("gzip.txt", gzip.compress(b"0" * 5_000_000)), ("gzip.jsonl", gzip.compress(b"{}" * 1_000_000)),
        ("alias.md", f"---\n{ALIASES}title: *l\n---\nA mill burned down.".encode()),
        ("deep.json", b"[" * 500_000), ("deep.jsonl", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        ("deep.md", b"> " * 50_000 + b"x"), ("deep2.md", b"[" * 5_000 + b"]" * 5_000),
        ("line.txt", b"Mill " * 200_000), ("word.txt", b"A" * 1_000_000), ("digits.txt", b"1" * 1_000_000),
        ("caps.txt", b"Aa Bb, the " * 50_000), ("nul.txt", b"a\0b" * 1000), ("utf16.txt", "mill".encode("utf-16")),
        ("half.jsonl", b'{"title": "\\ud800", "text": "\\udfff mill"}'),
        ("date.jsonl", b'{"title": "x", "text": "mill", "published": "' + b"9" * 5000 + b'"}'),
        ("front.md", b"---\ntitle: " + b"9" * 5000 + b"\n---\nA mill."), ("front2.md", b"---\n? [" + b"[" * 5000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_no_file_is_a_trap(open_page: Real, name: str, content: bytes) -> None:
    """Bombs, deep nesting, endless lines: taken or refused in a line, soon, and asked about after."""
    began = time.monotonic()
    said = open_page.add(name, content, "traps")
    took = time.monotonic() - began
    assert completed(said), said
    assert completed(said)[-1]["success"], said
    assert open_page.tracebacks == []
    assert took < 30
    began = time.monotonic()
    assert b"complete" in open_page.call("answer", ["Who owns the mill?", *[None] * 5, True])
    assert time.monotonic() - began < 10
    assert str(open_page.folder).encode() not in said


@pytest.mark.parametrize(
    "name", ["../../../evil.txt", "..\\..\\evil.txt", "/etc/evil.txt", "%2e%2e%2fevil.txt", "a/../../evil.txt", f"{EVIL}.txt",
             "con.txt", ".hidden.txt", "ü\u202etxt.txt", "a" * 300 + ".txt", "evil.txt\r\nX: y"]
)  # fmt: skip
def test_file_names_lead_nowhere(open_page: Real, name: str) -> None:
    """A name with a way in it, or markup, is a name: nothing is written but where uploads lie."""
    before = tree(open_page.folder)
    said = open_page.add(name, f"A mill of {len(name)} {name[:3]} burned down.".encode(), "names")
    written = set(tree(open_page.folder)) - set(before)
    assert all(str(open_page.folder / "received") in file for file in written), written
    assert all(
        before[file] == now for file, now in tree(open_page.folder).items() if file in before
    )
    assert EVIL.encode() not in said
    assert open_page.tracebacks == []


def test_files_are_never_others(private_page: Real) -> None:
    """Paths of the system, of the database and of another's upload are neither read nor removed."""
    real = private_page
    (theirs,) = real.upload("secret.txt", b"A secret of Ann's.", user=ANN).json
    inside = real.folder / "index" / "manifest.json"
    for path in (
        "/etc/passwd",
        str(inside),
        theirs,
        str(real.folder / "users.txt"),
        "secret.txt",
        f"{theirs}/../x",
        "",
    ):
        for file in (
            [{"path": path, "meta": {"_type": "gradio.FileData"}}],
            {"path": path},
            [path],
            path,
        ):
            sent, said = real.event(real.number("add"), [file], "paths", user=BOB)
            assert sent.status in (400, 403), (path, said)
    assert Path(theirs).read_bytes() == b"A secret of Ann's."
    (ours,) = real.upload("mine.txt", b"A mill of mine.", user=BOB).json
    file = {
        "path": ours,
        "url": "file:///etc/passwd",
        "orig_name": "../../x",
        "size": "no",
        "meta": {"_type": "gradio.FileData"},
    }
    assert completed(real.event(real.number("add"), [[file]], "paths", user=BOB)[1])[-1]["success"]
    again, _ = real.event(real.number("add"), [[file]], "paths", user=BOB)
    assert again.status == 404
    assert real.tracebacks == []


SECRET = b'{"id": "zq1", "title": "Quimby of Zarnvale", "publisher": "Zarnvale Courier", "author": "Zoe Zarn", "published": "1907-03-04", "text": "Zoltan Quimby is the owner of the bakery, Zarnvale people said. He was born in Zarnvale."}\n'
SECRETS = (b"zarn", b"quimby", b"zq1", b"1907")


def agent(
    real: Real, tool: str, given: dict[str, Any], user: tuple[str, str], cookie: str = ""
) -> bytes:
    """Call a tool by MCP; what it said."""
    headers = {"Accept": "application/json, text/event-stream"} | (
        {"Cookie": cookie} if cookie else {}
    )
    body = {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": given},
    }  # fmt: skip
    return real.running.send(
        "POST", f"{API}/mcp/", body, user=user, headers=headers, timeout=20
    ).body


def test_nobody_sees_what_another_added(private_page: Real) -> None:
    """Ann adds, asks and judges; Böb tries every route and event with her ids, names and cookie:
    nothing of hers is in any byte that he is sent."""
    real, ann = private_page, {"user": ANN, "cookie": ""}
    ann["cookie"] = real.running.send("GET", "/", user=ANN).cookie
    assert b"1 article added" in real.add("zarnvale.jsonl", SECRET, "annes", **ann)  # type: ignore[arg-type]
    ask, press = real.number("ask"), real.number("press")
    whole = ["Who owns the bakery?", None, [], "", ""]
    assert b"Zoltan Quimby" in real.event(ask, whole, "annes", **ann)[1]  # type: ignore[arg-type]
    real.event(press, [None], "annes", event_data={"open": "good:0"}, **ann)  # type: ignore[arg-type]
    event = real.join(ask, whole, "annes", **ann).json["event_id"]  # type: ignore[arg-type]
    found = json.loads(
        real.call("articles", ["Zarnvale", *[None] * 3, 0, 5], user=ANN)
        .partition(b"data: ")[2]
        .strip()
    )
    (name,) = [article["id"] for article in found[0]["articles"]]

    heard = []
    for cookie in ("", ann["cookie"]):
        for turn, number in enumerate(real.page.fns):
            inputs = len(real.page.fns[number].inputs)
            for values in (
                ["bakery"] * inputs,
                ["Zarnvale Courier"] * inputs,
                [None] * inputs,
                whole[:inputs],
            ):
                for target in (
                    "citation:0:0",
                    f"article:{name}",
                    f"remove:{name}",
                    "edit:0",
                    "list",
                    "when:1907",
                ):
                    if (
                        "press" not in getattr(real.page.fns[number].fn, "__name__", "")
                        and target != "list"
                    ):
                        continue
                    told = {"event_data": {"open": target}}
                    session = f"bobs-{turn}-{bool(cookie)}"
                    heard.append(
                        real.event(number, list(values), session, user=BOB, cookie=cookie, **told)[
                            1
                        ]
                    )
            heard.append(real.join(number, [None] * inputs, "annes", user=BOB, cookie=cookie).body)
            cancel = {
                "session_hash": f"bobs-{turn}-{bool(cookie)}",
                "event_id": event,
                "fn_index": number,
            }
            for way, body in (("cancel", cancel), ("reset", {"event_id": event})):
                reply = real.running.send("POST", f"{API}/{way}", body, user=BOB)
                assert reply.status in (403, 404)
        for path in ("queue/data?session_hash=annes", f"queue/data?session_hash={event}", "heartbeat/annes",
                     f"call/answer/{event}", "info", "openapi.json", "mcp/schema", "startup-events"):  # fmt: skip
            heard.append(real.running.send("GET", f"{API}/{path}", user=BOB).body)
        for call in (
            ["answer", "Who owns the bakery?", ["Who is it?"], None, None, None, None, True],
            ["answer", "Who owns the bakery?", None, ["Zarnvale Courier"], None, None, None, True],
            ["answer", "Who owns the bakery?", None, None, [name], None, None, True],
            ["answer", "Who was born?", None, None, None, "1907", "1907-12", True],
            ["search", "the bakery's owner", 100, None, None, None, None],
            ["search", "the bakery's owner", 100, None, [name], None, None],
            ["articles", "", None, None, None, 0, 100], ["articles", "people", ["Zarnvale Courier"], None, None, 0, 100],
        ):  # fmt: skip
            heard.append(real.call(call[0], call[1:], user=BOB, cookie=cookie))  # type: ignore[arg-type]
        for tool, given, says in (
            ("answer", {"question": "Who owns the bakery?", "explain": True}, b"Tom Ferrow"),
            (
                "answer",
                {"question": "Who was born?", "article_ids": [name]},
                b"no article is called",
            ),
            ("search", {"query": "the bakery's owner", "count": 100}, b"bakery.txt"),
            (
                "search",
                {"query": "the bakery's owner", "publishers": ["Zarnvale Courier"]},
                b"no article is",
            ),
            ("articles", {"limit": 100}, b"bakery.txt"),
            ("articles", {"text": "people", "since": "1907"}, b"articles"),
        ):
            heard.append(agent(real, tool, given, BOB, cookie))
            assert says in heard[-1], (tool, given, heard[-1])
    heard += [real.running.send("GET", path, user=BOB).body for path in ("/", "/config")]
    echoed = (name.encode(), b"Zarnvale Courier", b"1907", b"when:")  # what he has said himself
    for said in heard:
        for words in echoed:
            said = said.replace(words, b"").replace(json.dumps(words.decode())[1:-1].encode(), b"")
        assert not [secret for secret in SECRETS if secret in said.lower()], said[:3000]
    assert b"Zoltan Quimby" in real.call("answer", [whole[0], *[None] * 5, False], user=ANN)
    assert b"Zoltan Quimby" in agent(real, "answer", {"question": whole[0]}, ANN)
    assert real.tracebacks == []


def test_a_cookie_is_worth_nothing_with_another_name(private_page: Real) -> None:
    """The conversation that a cookie stands for is its user's: another who has it sees nothing."""
    real = private_page
    cookie = real.running.send("GET", "/", user=ANN).cookie
    asked = ["Who is the mayor of the wombat?", None, [], "", ""]
    real.event(real.number("ask"), asked, "wombat-a", user=ANN, cookie=cookie)
    again = real.event(real.number("open"), ["", None], "wombat-b", user=ANN, cookie=cookie)[1]
    assert b"wombat" in again.replace(b"wombat-", b"")
    stolen = real.event(real.number("open"), ["", None], "wombat-c", user=BOB, cookie=cookie)[1]
    assert completed(stolen)
    assert b"wombat" not in stolen.replace(b"wombat-", b"")


def test_errors_do_not_say_where_things_lie(tmp_path: Path) -> None:
    """A database that cannot be used is told of without the server's paths, on every way."""
    with real_page(tmp_path) as real:
        cookie = real.running.send("GET", "/").cookie
        whole = ["Who owns the bakery?", None, [], "", ""]
        real.event(real.number("ask"), whole, "a", cookie=cookie)
        for file in (tmp_path / "index").glob("*.sqlite*"):
            file.write_bytes(b"no database, " * 1000)
        said = [
            real.event(real.number("forget"), [None], "a", cookie=cookie)[1],
            real.event(
                real.number("press"), [None], "a", cookie=cookie, event_data={"open": "good:0"}
            )[1],
            real.event(real.number("ask"), whole, "a", cookie=cookie)[1],
            real.event(real.number("find"), ["", "", "", "", None], "a", cookie=cookie)[1],
            real.event(real.number("refresh"), [], "a", cookie=cookie)[1],
            real.call("answer", [*whole[:1], *[None] * 5, False]),
            real.call("articles", ["", None, None, None, 0, 9]),
            real.add("mill.txt", b"A mill burned.", "a", cookie=cookie),
        ]
        assert any(b".sqlite" in one for one in said)
        assert not [one for one in said if str(tmp_path).encode() in one]


def test_nothing_is_sent_where_nothing_is_added(tmp_path: Path) -> None:
    """A page that takes no files keeps none: nobody fills the disk."""
    with real_page(tmp_path, read_only=True) as real:
        assert real.upload("a.txt", b"text").status == 403
        assert list((tmp_path / "received").rglob("*")) == []


@pytest.mark.parametrize("users", [False, True])
def test_open_to_all_is_only_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, users: bool
) -> None:
    """With --open-to-all nobody can add, remove or look for changes, by no way that there is; with
    --auth as well, whoever has a password can."""
    import app

    news = tmp_path / "news"
    news.mkdir()
    (news / "bakery.txt").write_text(NEWS["bakery.txt"])
    session = Quoth(
        news, index=tmp_path / "index", encoder=FakeEncoder(), reader=FakeReader(ANSWERS)
    )
    made: list[tuple[gr.Blocks, Serving]] = []
    monkeypatch.setattr(app, "open_session", lambda **_: session)
    monkeypatch.setattr(app, "share_heaps", lambda: None)
    monkeypatch.setattr(app, "serve", lambda page, options, **_: made.append((page, options)))
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "received"))
    more = ["--auth", str(users_file(tmp_path))] if users else []

    async def start() -> None:  # in a loop: Gradio leaves one open where there is none
        done = CliRunner().invoke(app.main, ["--host", "0.0.0.0", "--open-to-all", *more])
        assert done.exit_code == 0, done.output

    asyncio.run(start())
    ((page, options),) = made
    assert options.open_to_all
    changing = {"add", "remove", "refresh"}
    assert {fn.name for fn in page.fns.values()} & changing == (changing if users else set())
    with running(options, lambda: page) as server:
        body, kind = (
            uploaded("xyz", ("files", "a.txt", b"text")),
            "multipart/form-data; boundary=xyz",
        )
        reply = server.send(
            "POST", f"{API}/upload", body, user=ANN if users else None, headers={"Content-Type": kind}
        )  # fmt: skip
        assert reply.status == (200 if users else 403)
        if not users:
            assert reply.json == {"detail": "nothing can be added here"}
            for number in range(2 * len(page.fns)):  # events that take a file's path
                event = {"fn_index": number, "data": [[{"path": str(news / "bakery.txt")}]]}
                sent = server.send("POST", f"{API}/queue/join", event | {"session_hash": "s"})
                assert sent.status in (400, 403, 404)
            listed = server.send("POST", f"{API}/call/articles", {"data": []})
            assert listed.status == 200
    assert sorted(file.name for file in news.iterdir()) == ["bakery.txt"]


def test_what_is_not_added_has_a_limit(tmp_path: Path) -> None:
    """Files that are sent and never added are counted until they are gone."""
    with real_page(tmp_path, users=True) as real:
        (path,) = real.upload("a.txt", b"text", user=ANN).json
        os.truncate(path, 1_100_000_000)  # takes no room
        refused = real.upload("b.txt", b"text", user=ANN)
        assert (refused.status, refused.json["detail"][:8]) == (413, "too much")
        assert real.upload("b.txt", b"text", user=BOB).status == 200
        Path(path).unlink()
        assert real.upload("b.txt", b"text", user=ANN).status == 200


def test_what_cannot_be_read_is_not_kept(tmp_path: Path) -> None:
    """Of a file of another kind not a byte is on the disk; it is named when it is added with others,
    and these are taken. Nothing stays in the folder of uploads."""
    with real_page(tmp_path) as real:
        virus = ("files", "virus.exe", b"MZ\r\n--xy\r\n--x-" * 5_000)
        files = (virus, ("files", "mill.txt", b"A mill burned."), ("files", "noending", b"MZMZ"))
        body = uploaded("xyz", *files)
        kind = {"Content-Type": "multipart/form-data; boundary=xyz"}
        for size in (len(body), 7):  # at once, and in small pieces
            sent = (body[at : at + size] for at in range(0, len(body), size))
            reply = real.running.send("POST", f"{API}/upload", sent, headers=kind)
            assert [Path(path).name for path in reply.json] == ["virus.exe", "mill.txt", "noending"]
            exe, mill, bare = (Path(path).read_bytes() for path in reply.json)
            assert mill == b"A mill burned."
            assert len(exe) == len(bare) == 32
            assert b"MZ" not in exe + bare
        added = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in reply.json]
        said = real.event(real.number("add"), [added], "kinds")[1]
        assert b"1 article added" in said
        assert b"virus.exe: the format .exe cannot be read" in said
        assert b"noending: a file without ending cannot be read" in said
        assert not any(Path(path).exists() for path in reply.json)


def test_files_that_wait_are_so_many(tmp_path: Path) -> None:
    """However they are spread over requests, also over some at once; others may still send, and
    who adds them may send again."""
    with real_page(tmp_path, users=True) as real:
        kind = {"Content-Type": "multipart/form-data; boundary=xyz"}

        def send(first: int, count: int, user: tuple[str, str] = ANN) -> Reply:
            files = [("files", f"{n}.exe", b"MZ") for n in range(first, first + count)]
            body = uploaded("xyz", *files)
            return real.running.send("POST", f"{API}/upload", body, user=user, headers=kind)

        with ThreadPoolExecutor(8) as several:
            replies = list(several.map(lambda n: send(n * 900, 900), range(8)))
        statuses = sorted(reply.status for reply in replies)
        assert set(statuses) == {200, 413}
        kept = [path for reply in replies if reply.status == 200 for path in reply.json]
        lying = [file for file in (tmp_path / "received").rglob("*") if file.is_file()]
        assert len(kept) == len(lying) <= FILES
        while (reply := send(len(kept), 900)).status == 200:
            kept += reply.json
        assert len(kept) <= FILES
        assert (
            reply.json["detail"] == "more than 4,000 files would wait to be added; add those first"
        )
        assert send(0, 5, BOB).status == 200
        for path in kept:
            Path(path).unlink()
        assert send(0, 900).status == 200


def test_what_nobody_adds_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour, and not before; also what a server left that was killed."""
    with real_page(tmp_path) as real:
        (path,) = real.upload("mill.txt", b"A mill burned.").json
        folder = tmp_path / "received"
        sweep(folder, time.time() + 3500)
        assert Path(path).exists()
        sweep(folder, time.time() + 3700)
        assert list(folder.iterdir()) == []
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        late, said = real.event(real.number("add"), [[file]], "late")
        assert (late.status, b"upload it again" in said) == (404, True)
    left = tmp_path / "quoth-uploads-killed" / "hash" / "mill.txt"
    left.parent.mkdir(parents=True)
    left.write_text("A mill burned.")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.setattr("qa.serving.received._ABANDONED", -5)
    with receiving(real.page):
        assert not left.exists()
        folder = Path(os.environ["GRADIO_TEMP_DIR"])
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_sweeping_follows_no_link(tmp_path: Path) -> None:
    """Anybody can put a folder of that name where temporary files lie, with links to others' files."""
    mine = tmp_path / "articles" / "thesis.md"
    mine.parent.mkdir()
    mine.write_text("Years of work.")
    planted = tmp_path / "quoth-uploads-planted"
    planted.mkdir()
    (planted / "a").symlink_to(mine.parent)
    sweep(planted, time.time() + 4000)
    assert mine.exists()
    link = tmp_path / "quoth-uploads-link"
    link.symlink_to(tmp_path)
    sweep(link, time.time() + 4000)
    assert mine.exists()


def test_a_conversation_has_an_end(tmp_path: Path) -> None:
    """However much is asked in one session, so many turns are kept of it; and a filter has a length."""
    with real_page(tmp_path) as real:
        ask = real.number("ask")
        for turn in range(205):
            said = real.event(ask, [f"Who owns bakery {turn}?", None, [], "", ""], "long")[1]
        (end,) = completed(said)
        assert end["success"]
        shown = json.dumps(
            real.event(real.number("press"), [None], "long", event_data={"open": "good:199"})[
                1
            ].decode()
        )
        assert "asked-199" in shown
        assert "asked-200" not in shown
        said = real.event(ask, ["Who?", None, ["x" * 500_000], "", ""], "long")[1]
        assert b"at most 10,000" in said


def test_calls_leave_nothing_behind(tmp_path: Path) -> None:
    """A program that calls again and again does not fill the memory with sessions."""
    with real_page(tmp_path) as real:
        for _ in range(3):
            assert b"complete" in real.call("articles", ["", None, None, None, 0, 9])
        for _ in range(50):  # they are forgotten just after the last of the answer
            if not real.page.state_holder.session_data:
                break
            time.sleep(0.1)
        assert len(real.page.state_holder.session_data) == 0
        assert real.page.state_holder.capacity == 1000


def test_suggestions_take_no_time() -> None:
    """Also of a text that is one word of capitals, or nearly a name again and again."""
    source = Source("a", "t")
    for text in (
        "A" * 1_000_000,
        "Aa Bb " * 160_000,
        "1" * 1_000_000,
        "9 a " * 250_000,
        "a-" * 500_000,
        "9 " + "a" * 1_000_000,
    ):
        quote = Citation(1, source, text, 0, len(text), 0, 5)
        answer = Answer("Who?", "answered", "x", 0.5, (quote,))
        began = time.process_time()
        suggestions(answer, lambda _, answer=answer: answer)
        assert time.process_time() - began < 3
