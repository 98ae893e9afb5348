"""What programs call, on the real page, by the clients they use: HTTP, Gradio's client, MCP, Python."""

import asyncio
import base64
import gc
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from app import build
from qa import Quoth, Selection, answer
from qa.serving.server import Serving
from tests.conftest import NEWS
from tests.fakes import FakeEncoder, FakeReader
from tests.proxying import proxied
from tests.toy_page import ANN, BOB, Running, running, users_file

API = "/gradio_api"
OWNER = "Who owns the bakery?"
NAMES = {"answer", "search", "articles"}
BASIC = {"Authorization": "Basic " + base64.b64encode(":".join(ANN).encode()).decode()}

# Clients leave a stream of theirs open when they are done.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented articles, one of them with a publisher and a date."""
    folder = tmp_path_factory.mktemp("programs") / "news"
    folder.mkdir()
    for name, text in NEWS.items():
        (folder / name).write_text(text)
    (folder / "hall.md").write_text(
        "---\ntitle: The town hall\npublisher: The Post\npublished: 2024-05-01\nurl: https://post.example/hall\n---\n"
        "The town hall was built by Ada Birch. It has 42 windows."
    )
    return folder


def session_of(corpus: Path, **scores: float) -> Quoth:
    reader = FakeReader(scores or {"Tom Ferrow": 9.0, "Ada Birch": 8.0})
    return Quoth(corpus, index=corpus.parent / "index", encoder=FakeEncoder(), reader=reader)


@pytest.fixture(scope="module")
def served(corpus: Path) -> Iterator[Running]:
    """The real page, for everybody on this computer."""
    with running(Serving(rate="100000/minute"), lambda: build(session_of(corpus))) as server:
        yield server


@pytest.fixture(scope="module")
def guarded(corpus: Path) -> Iterator[Running]:
    """The real page, for users."""
    options = Serving(users=users_file(corpus.parent), rate="100000/minute")
    with running(options, lambda: build(session_of(corpus), private=True)) as server:
        yield server


@pytest.fixture(scope="module")
def client(served: Running) -> Iterator[Client]:
    """Gradio's client."""
    made = Client(f"http://127.0.0.1:{served.port}", verbose=False)
    yield made
    made.close()
    gc.collect()  # here, where its warning is expected


def called(
    server: Running, name: str, body: dict[str, Any], **more: Any
) -> tuple[str, dict[str, Any] | list[Any]]:
    """Call by two requests; the last event and its data."""
    way = "call" if "data" in body else "call/v2"
    sent = server.send("POST", f"{API}/{way}/{name}", body, **more)
    if sent.status != 200:
        return str(sent.status), sent.json
    told = server.send("GET", f"{API}/call/{name}/{sent.json['event_id']}", **more).body.decode()
    event, data = told.strip().splitlines()[-2:]
    return event.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def tool(
    server: Running,
    use: Callable[[ClientSession], Any],
    headers: dict[str, str] | None = None,
    root: str = "",
) -> Any:
    """What comes of using an MCP session."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[ClientSession]:
        address = f"http://127.0.0.1:{server.port}{root}{API}/mcp/"
        async with (
            httpx.AsyncClient(headers=headers) as http,
            streamable_http_client(address, http_client=http) as streams,
            ClientSession(*streams[:2]) as session,
        ):
            await session.initialize()
            yield session

    async def used() -> Any:
        async with opened() as session:
            return await use(session)

    return asyncio.run(used())


def check(answered: Any, corpus: Path) -> None:
    """Every quote stands in its article, where it says; nothing says where that lies."""
    articles = Quoth(corpus, index=corpus.parent / "index", encoder=FakeEncoder(), reader=FakeReader({})).index.store  # fmt: skip
    claims = [answered, *answered["items"], *answered["disagreements"]]
    for quoted in [citation for claim in claims for citation in claim["citations"]]:
        text = articles.article(quoted["article"]["id"]).text  # type: ignore[union-attr]
        assert text[quoted["start"] : quoted["end"]] == quoted["quote"]
        assert text[quoted["answer_start"] : quoted["answer_end"]]
    for passage in answered["passages"]:
        text = articles.article(passage["article"]["id"]).text  # type: ignore[union-attr]
        assert text[passage["start"] : passage["end"]] == passage["text"]
    assert_no_place(answered, corpus)


def assert_no_place(told: Any, corpus: Path) -> None:
    text = json.dumps(told)
    assert corpus.parent.as_posix() not in text
    assert '"path": "' not in text


def test_gradios_client_asks(client: Client, corpus: Path) -> None:
    """An answer with quotes, alone and in a conversation, of all and of some articles."""
    found = client.predict(OWNER, api_name="/answer")
    assert (found["status"], found["text"]) == ("answered", "Tom Ferrow")
    check(found, corpus)
    follow = client.predict(
        question="What does he bake there?", history=[OWNER], explain=True, api_name="/answer"
    )
    assert follow["resolved_question"] != follow["question"]
    assert follow["weighed"]
    check(follow, corpus)
    only = client.predict(
        "Who built the town hall?", publishers=["The Post"], since="2024", until="2024-05-01", api_name="/answer"
    )  # fmt: skip
    assert only["text"] == "Ada Birch"
    assert {p["article"]["id"] for p in only["passages"]} == {"hall.md"}
    check(only, corpus)
    none = client.predict(OWNER, article_ids=["storm.txt"], api_name="/answer")
    assert none["status"] == "not_found"
    assert none["reason"]


def test_gradios_client_looks(client: Client, corpus: Path) -> None:
    """Passages for a query, and the list of articles, page by page."""
    found = client.predict("the bakery", 2, api_name="/search")
    assert [passage["rank"] for passage in found] == [1, 2]
    for passage in found:
        assert (
            passage["text"] == (NEWS[passage["article"]["id"]])[passage["start"] : passage["end"]]
        )
    listed = client.predict(api_name="/articles")
    assert listed["total"] == 4
    assert listed["articles"][0]["source"] == "https://post.example/hall"
    second = client.predict(offset=1, limit=1, api_name="/articles")
    assert (second["total"], second["articles"]) == (4, listed["articles"][1:2])
    assert client.predict("hall", publishers=["The Post"], api_name="/articles")["total"] == 1
    assert_no_place([found, listed], corpus)


WRONG = [
    ("answer", {"question": 5}, "question is int; expected text"),
    ("answer", {"question": "x" * 10_001}, "10,001 characters"),
    ("answer", {"question": OWNER, "history": "Why?"}, "history is no list of texts"),
    ("answer", {"question": OWNER, "publishers": "The Post"}, "publishers is no list of texts"),
    ("answer", {"question": OWNER, "article_ids": ["no.txt"]}, "no article is called no.txt"),
    ("answer", {"question": OWNER, "since": "soon"}, "'soon' is no date; expected YYYY"),
    ("answer", {"question": OWNER, "until": 2024}, "a date is int; expected text"),
    ("search", {"query": "?"}, "the query has no word in it"),
    ("search", {"query": "bakery", "count": 101}, "count is 101; expected a whole number from 1"),
    ("articles", {"limit": 0}, "limit is 0; expected a whole number from 1 to 100"),
    ("articles", {"offset": True}, "offset is True; expected a whole number"),
]


@pytest.mark.parametrize(("name", "given", "said"), WRONG)
def test_wrong_arguments_get_one_line(
    served: Running, client: Client, name: str, given: dict[str, Any], said: str
) -> None:
    """The same clear line by Gradio's client and over HTTP; in MCP an error of the tool."""
    with pytest.raises(AppError) as error:
        client.predict(**given, api_name=f"/{name}")
    event, told = called(served, name, given)
    assert isinstance(told, dict)
    assert (event, told["error"]) == ("error", str(error.value))
    assert said in told["error"]
    assert "\n" not in told["error"]
    result = tool(served, lambda session: session.call_tool(name, given))
    assert result.isError
    (content,) = result.content
    assert "\n" not in content.text.split("\n\nFailed validating")[0]
    if "validation" not in content.text:
        assert content.text == told["error"]


def test_plain_http(served: Running, corpus: Path) -> None:
    """By names, by a list, and by a list that leaves out what has a default; wrong calls get a line."""
    for body in (
        {"question": OWNER},
        {"data": [OWNER]},
        {"data": [OWNER, None, None, ["bakery.txt"]]},
        {"data": [OWNER, [], [], [], None, None, False]},
    ):
        event, found = called(served, "answer", body)
        assert event == "complete"
        assert found[0]["text"] == "Tom Ferrow"  # type: ignore[index, call-overload]
        check(found[0], corpus)  # type: ignore[index]
    assert called(served, "answer", {"data": []}) == (
        "400",
        {"detail": '"data" has 0 values, expected 7'},
    )
    assert called(served, "answer", {"data": [OWNER] * 8})[0] == "400"
    status, said = called(served, "answer", {"question": OWNER, "nope": 1})
    assert (status, list(said)) == ("400", ["detail"])
    assert "'nope' is no parameter; there are: question, history" in str(said)
    assert called(served, "nothing", {"question": OWNER})[0] == "404"


def test_curl(served: Running) -> None:
    """The program, if there is one: it sees the event and its data."""
    if not (curl := shutil.which("curl")):
        pytest.skip("no curl on this machine")

    def run(*args: str) -> str:
        command = [curl, "--silent", "--show-error", "--noproxy", "*", "--max-time", "20", *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    address = f"http://127.0.0.1:{served.port}{API}/call/answer"
    kind = "Content-Type: application/json"
    event = json.loads(run(address, "-H", kind, "-d", json.dumps({"data": [OWNER]})))["event_id"]
    told = run("-N", f"{address}/{event}")
    assert told.startswith("event: complete\ndata: [")
    assert json.loads(told.partition("data: ")[2])[0]["text"] == "Tom Ferrow"


def test_the_description(served: Running, guarded: Running, corpus: Path) -> None:
    """OpenAPI names the three with types, defaults and what each argument means, and nothing else."""
    described = served.send("GET", f"{API}/openapi.json").json
    paths = described["paths"]
    assert set(paths) == {f"{API}/call/v2/{name}" for name in NAMES} | {
        f"{API}/call/{name}/{{event_id}}" for name in NAMES
    }
    body = paths[f"{API}/call/v2/answer"]["post"]["requestBody"]["content"]["application/json"]
    schema = body["schema"]
    assert schema["required"] == ["question"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["question"]["type"] == "string"
    assert schema["properties"]["explain"]["default"] is False
    assert schema["properties"]["history"]["anyOf"] == [
        {"type": "array", "items": {"type": "string"}},
        {"type": "null"},
    ]
    for path, ways in paths.items():
        assert ways[next(iter(ways))]["summary"].endswith("."), path
        if "post" in ways:
            kinds = ways["post"]["requestBody"]["content"]["application/json"]["schema"]
            assert all(kind["description"] for kind in kinds["properties"].values()), path
    assert "security" not in described
    private = guarded.send("GET", f"{API}/openapi.json", user=ANN).json
    assert private["security"] == [{"user": []}]
    assert private["paths"] == paths
    info = served.send("GET", f"{API}/info").json
    assert set(info["named_endpoints"]) == {f"/{name}" for name in NAMES}
    assert info["unnamed_endpoints"] == {}
    for told in (described, info):
        assert_no_place(told, corpus)
        assert not {"upload", "feedback", "visitor"} & set(json.dumps(told).lower().split("/"))


def test_agents(served: Running, corpus: Path) -> None:
    """Three tools, each argument described; results are JSON, errors are errors with a clear line."""

    async def use(session: ClientSession) -> None:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == NAMES
        for each in tools.values():
            assert each.description
            assert each.annotations
            assert each.annotations.readOnlyHint
            for name, kind in each.inputSchema["properties"].items():
                assert kind["description"], name
                assert kind.get("type") or kind["anyOf"], name
                assert ("default" in kind) != (name in each.inputSchema.get("required", ())), name
        found = await session.call_tool("answer", {"question": OWNER, "history": ["Who baked?"]})
        answered = json.loads(found.content[0].text)  # type: ignore[union-attr]
        assert not found.isError
        assert answered["text"] == "Tom Ferrow"
        check(answered, corpus)
        found = await session.call_tool("search", {"query": "bakery", "count": 1})
        (passage,) = json.loads(found.content[0].text)  # type: ignore[union-attr]
        assert passage["article"]["id"] == "bakery.txt"
        found = await session.call_tool("articles", {"publishers": ["The Post"]})
        listed = json.loads(found.content[0].text)  # type: ignore[union-attr]
        assert [article["id"] for article in listed["articles"]] == ["hall.md"]
        assert_no_place([answered, passage, listed], corpus)
        for given, said in (
            ({}, "'question' is a required property"),
            ({"question": OWNER, "nope": 1}, "'nope' was unexpected"),
            ({"question": OWNER, "since": "soon"}, "'soon' is no date"),
        ):
            failed = await session.call_tool("answer", given)
            assert failed.isError
            assert said in failed.content[0].text  # type: ignore[union-attr]

    tool(served, use)


def test_behind_a_proxy(corpus: Path) -> None:
    """Under a prefix: Gradio's client, an agent, and a description that says where the calls go."""
    options = Serving(root_path="/quoth")
    with (
        running(options, lambda: build(session_of(corpus))) as server,
        proxied("/quoth") as (proxy, outside),
    ):
        proxy.behind = f"http://127.0.0.1:{server.port}"  # type: ignore[attr-defined]
        port = proxy.server_address[1]
        client = Client(f"http://127.0.0.1:{port}/quoth", verbose=False)
        assert client.predict(OWNER, api_name="/answer")["text"] == "Tom Ferrow"
        client.close()
        through = Running(server.guard, port)
        described = through.send("GET", f"/quoth{API}/openapi.json").json
        assert described["servers"] == [{"url": "/quoth"}]
        listing: Callable[[ClientSession], Any] = lambda session: session.list_tools()  # noqa: E731
        assert len(tool(through, listing, root="/quoth").tools) == 3
        assert outside == []


def test_users_everywhere(guarded: Running) -> None:
    """Without a password none of the ways in is open; with one all are."""
    ways = [
        ("POST", f"{API}/call/answer", {"data": [OWNER]}),
        ("POST", f"{API}/call/v2/search", {"query": "bakery"}),
        ("GET", f"{API}/openapi.json", None),
        ("GET", f"{API}/info", None),
        ("POST", f"{API}/mcp/", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
        ("GET", f"{API}/mcp/schema", None),
    ]
    for method, path, body in ways:
        refused = guarded.send(method, path, body)
        assert refused.status == 401, path
        assert refused.json == {"detail": "give a user's name and password"}
        accepts = {"Accept": "application/json, text/event-stream"}
        assert guarded.send(method, path, body, user=ANN, headers=accepts).status == 200, path
    for user in (ANN, BOB):
        event, found = called(guarded, "answer", {"question": OWNER}, user=user)
        assert (event, found[0]["text"]) == ("complete", "Tom Ferrow")  # type: ignore[index, call-overload]
    with pytest.raises(Exception, match="credentials"):
        Client(f"http://127.0.0.1:{guarded.port}", verbose=False)
    client = Client(f"http://127.0.0.1:{guarded.port}", headers=BASIC, verbose=False)
    assert client.predict(OWNER, api_name="/answer")["text"] == "Tom Ferrow"
    client.close()
    listing: Callable[[ClientSession], Any] = lambda session: session.list_tools()  # noqa: E731
    assert {each.name for each in tool(guarded, listing, BASIC).tools} == NAMES
    with pytest.raises(BaseExceptionGroup):
        tool(guarded, listing)


def test_from_asyncio(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight at once by ``asyncio.to_thread``, of a session and of ``answer``; each gets its own."""
    quoth = session_of(corpus, **{"Tom Ferrow": 9.0})  # who is right, whatever is read
    questions = [f"Who owns the bakery number {number}?" for number in range(8)]

    async def ask(one: Callable[[str], Any]) -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(one, question) for question in questions))

    for found in (
        asyncio.run(ask(quoth.answer)),
        asyncio.run(ask(lambda q: quoth.answer(q, where=Selection(articles=("bakery.txt",))))),
    ):
        assert [each.question for each in found] == questions
        assert {each.text for each in found} == {"Tom Ferrow"}
        assert all("Tom Ferrow" in each._repr_html_() for each in found)
    monkeypatch.setattr("qa.session.SentenceEncoder", lambda _: FakeEncoder())
    monkeypatch.setattr("qa.session.SpanReader", lambda _: FakeReader({"Tom Ferrow": 9.0}))
    found = asyncio.run(ask(lambda question: answer(question, corpus)))
    assert [each.question for each in found] == questions
    assert {each.text for each in found} == {"Tom Ferrow"}
