"""The server as programs meet it: MCP, Gradio's client, start, stop, and the log."""

import asyncio
import base64
import gc
import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from corpus.errors import QuothError
from qa.serving.logs import Access, set_up
from qa.serving.server import Serving, ServingError, _listening, application, gr
from tests.toy_page import ANN, Running, running, toy_page, users_file

BASIC = {"Authorization": "Basic " + base64.b64encode(":".join(ANN).encode()).decode()}

SERVER = """
import sys
from tests.toy_page import toy_page
from qa.serving.server import Serving, serve
serve(toy_page(), Serving(port=0, log="json"))
"""

REAL_SERVER = """
import sys, time
from pathlib import Path
from app import build
from qa.serving.server import Serving, serve
from qa.session import Quoth
from tests.fakes import FakeEncoder, FakeReader

class Slow(FakeReader):
    def read(self, questions, texts):
        time.sleep(2)
        return super().read(questions, texts)

home = Path(sys.argv[1])
session = Quoth(home / "news", index=home / "index", encoder=FakeEncoder(), reader=Slow({"Zebra Street": 9.0}))
page = build(session)
print(next(number for number, fn in page.fns.items() if fn.name == "ask"), flush=True)
serve(page, Serving(port=0, log="json"))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """With users."""
    with running(Serving(users=users_file(tmp_path_factory.mktemp("served")))) as server:
        yield server


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("way", ["mcp/", "mcp", "mcp/sse"])
def test_a_client_of_mcp(served: Running, way: str) -> None:
    """Lists the tools and calls one, as the user whose credentials it gives; without any it cannot."""
    from mcp import ClientSession
    from mcp.client.sse import sse_client
    from mcp.client.streamable_http import streamable_http_client

    address = f"http://127.0.0.1:{served.port}/gradio_api/{way}"

    def client(headers: dict[str, str]) -> Any:
        if way.endswith("sse"):
            return sse_client(address, headers=headers)
        return streamable_http_client(address, http_client=httpx.AsyncClient(headers=headers))

    async def use(headers: dict[str, str]) -> tuple[list[str], str]:
        async with (
            client(headers) as streams,
            ClientSession(*streams[:2]) as session,
        ):
            await session.initialize()
            names = [tool.name for tool in (await session.list_tools()).tools]
            result = await session.call_tool("answer", {"question": "Why?"})
            return names, result.content[0].text  # type: ignore[union-attr]

    spoofed = BASIC | {"X-Quoth-User": "bob", "X-Forwarded-Host": "evil.example"}
    assert asyncio.run(use(spoofed)) == (["answer"], "ann||Why?|False")
    with pytest.raises(BaseExceptionGroup):
        asyncio.run(use({}))
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_gradios_client(served: Running) -> None:
    """Works with headers."""
    from gradio_client import Client

    client = Client(f"http://127.0.0.1:{served.port}", headers=BASIC, verbose=False)
    assert client.predict("Why?", 2, api_name="/answer") == "ann||Why?Why?|False"
    client.close()
    gc.collect()


def test_functions_have_their_kind() -> None:
    """A public event or a queued tool would be a way around the guard: it is said at the start."""

    async def start() -> None:
        def upper(text: str) -> str:
            return text.upper()

        with gr.Blocks() as page:
            gr.api(upper, api_name="upper")
        application(page, Serving())

    with pytest.raises(ValueError, match="queue=False"):
        asyncio.run(start())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Serving(host="0.0.0.0"), "--auth FILE .* --open-to-all"),
        (Serving(host="192.0.2.1"), "--auth FILE .* --open-to-all"),
        (Serving(root_path="https://quoth.example/q"), "quoth.example lets others in"),
        (Serving(rate="often"), "120/minute"),
        (Serving(root_path="quoth"), "expected a path"),
        (Serving(root_path="ftp://x/"), "expected a path"),
        (Serving(users=Path("nowhere")), "no such file of users"),
    ],
)
def test_bad_options_get_one_line(options: Serving, said: str) -> None:
    """Before anything is served."""

    async def start() -> None:
        application(toy_page(), options)

    with pytest.raises(QuothError, match=said) as error:
        asyncio.run(start())
    assert "\n" not in str(error.value)


def test_sessions_are_bounded() -> None:
    """Of those who visited, Gradio remembers the last thousand: each costs memory."""
    pages: list[gr.Blocks] = []

    def page() -> gr.Blocks:
        pages.append(toy_page())
        return pages[0]

    with running(page=page):
        assert pages[0].state_holder.capacity == 1000


def test_an_address_that_is_taken() -> None:
    """One line, for a port that is taken and for a name that is none."""
    with _listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        for host in ("127.0.0.1", "no.such.name.invalid"):
            with pytest.raises(ServingError, match=f"cannot serve on {host}:{port}"):
                _listening(host, port)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_answers_end(sign: signal.Signals) -> None:
    """Open streams are closed at once, the answer under way is told, and all is over in seconds."""
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            port = int(re.findall(r":(\d+) ", process.stdout.readline())[0])
            server = Running(None, port)  # type: ignore[arg-type]
            wait_until_served(server)
            streams = []
            for path in ("/gradio_api/heartbeat/h1", "/gradio_api/mcp/sse"):
                stream = socket.create_connection(("127.0.0.1", port), timeout=10)
                stream.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
                assert b" 200 " in stream.recv(1000)
                streams.append(stream)
            body = {"data": ["wait", None], "fn_index": 0, "session_hash": "w1"}
            assert server.send("POST", "/gradio_api/queue/join", body).status == 200
            answer = socket.create_connection(("127.0.0.1", port), timeout=10)
            answer.sendall(
                b"GET /gradio_api/queue/data?session_hash=w1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            )
            time.sleep(0.3)
            process.send_signal(sign)
            began = time.monotonic()
            told = b"".join(iter(lambda: answer.recv(65536), b""))
            assert b"||wait" in told
            for stream in streams:
                while stream.recv(65536):
                    pass
                stream.close()
            answer.close()
            assert time.monotonic() - began < 6
            _, errors = process.communicate(timeout=10)
            assert process.returncode == 0, errors
            assert "Traceback" not in errors, errors
            assert "wait" not in errors.replace("w1", "")
            lines = [json.loads(line) for line in errors.splitlines()]
            assert {"method", "path", "status", "ms", "user", "time"} <= set(lines[-1])
            assert "/gradio_api/heartbeat/…" in {line.get("path") for line in lines}
        finally:
            process.kill()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_the_real_page_stops_well_and_tells_nothing(tmp_path: Path) -> None:
    """Stopped while it answers the page and a program: both answers are told to their end, and no
    word of questions or answers stands in the log."""
    root = Path(__file__).parent.parent
    news = tmp_path / "news"
    news.mkdir()
    (news / "zoo.txt").write_text("The zoo has moved\n\nThe zoo is now in Zebra Street in Harlow.")
    with subprocess.Popen(
        [sys.executable, "-c", REAL_SERVER, str(tmp_path)], cwd=root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            printed = [process.stdout.readline(), process.stdout.readline()]
            port = int(re.findall(r":(\d+) ", printed[1])[0])
            server = Running(None, port)  # type: ignore[arg-type]
            wait_until_served(server)
            asked = "Where is the zebra of the zoo now?"
            body = {
                "data": [asked, None, [], "", ""], "fn_index": int(printed[0]), "session_hash": "z1",
            }  # fmt: skip
            assert server.send("POST", "/gradio_api/queue/join", body).status == 200
            with ThreadPoolExecutor(2) as two:
                path = "/gradio_api/queue/data?session_hash=z1"
                page = two.submit(server.send, "GET", path, timeout=30)
                given = {"question": asked}
                tool = {
                    "jsonrpc": "2.0",
                    "id": 1,
                    "method": "tools/call",
                    "params": {"name": "answer", "arguments": given},
                }
                accept = {"Accept": "application/json, text/event-stream"}
                agent = two.submit(
                    server.send, "POST", "/gradio_api/mcp/", tool, headers=accept, timeout=30
                )
                time.sleep(1)
                process.send_signal(signal.SIGTERM)
                assert b"Zebra Street" in page.result().body
                assert b"Zebra Street" in agent.result().body
            output, errors = process.communicate(timeout=20)
            assert process.returncode == 0, errors
            assert "Traceback" not in errors
            assert "zebra" not in f"{printed}{output}{errors}".lower()
            paths = {json.loads(line).get("path") for line in errors.splitlines()}
            assert {"/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/mcp"} <= paths
        finally:
            process.kill()


def wait_until_served(server: Running) -> None:
    for _ in range(200):
        try:
            if server.send("GET", "/health").status == 200:
                return
        except ConnectionError:
            pass
        time.sleep(0.05)


def test_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of text or of JSON for each request; no address unless asked, and no line forged."""
    logger = logging.getLogger("quoth")
    before = logger.handlers[:], logger.level, logger.propagate
    try:
        for form, addresses in (("text", False), ("json", True)):
            monkeypatch.setattr(sys, "stderr", out := io.StringIO())
            set_up(form)
            Access(addresses=addresses)(
                "GET", "/a\nb\x1b", 404, time.perf_counter(), "ann", "192.0.2.1"
            )
            line = out.getvalue()
            assert line.count("\n") == 1
            assert "\x1b" not in line
            assert ("192.0.2.1" in line) is addresses
            assert "GET" in line
            assert "ann" in line
        assert json.loads(line)["status"] == 404
    finally:
        logger.handlers[:], logger.level, logger.propagate = before
