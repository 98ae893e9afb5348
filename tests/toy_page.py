"""A small real page under the real server, and a plain HTTP client for it."""

import asyncio
import base64
import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from qa.serving.guard import Guard
from qa.serving.people import person_of
from qa.serving.server import Serving, application, gr
from qa.serving.users_command import users as users_command

ANN, BOB = ("ann", "wood pigeon"), ("böb", "märz: regen")
FUNCTIONS = {"ask": 0, "count": 1}


def toy_page() -> gr.Blocks:
    """A private event, an upload, and two functions for programs."""

    def ask(question: str, asked: list[str], request: gr.Request) -> tuple[str, list[str]]:
        if question == "wait":
            time.sleep(2)
        person = person_of(request.headers)
        return f"{person.user}|{person.visitor[:8]}|{question}", [*asked, question]

    def answer(question: str, request: gr.Request, times: int = 1) -> str:
        """Answer a question."""
        person = person_of(request.headers)
        seen = "authorization" in request.headers or "cookie" in request.headers
        return f"{person.user}|{person.visitor[:8]}|{str(question) * (times if times == 2 else 1)}|{seen}"

    with gr.Blocks(analytics_enabled=False) as page:
        question, shown, asked = gr.Textbox(), gr.Textbox(), gr.State([])
        files, button = gr.File(file_count="multiple"), gr.Button("Ask")
        private: dict[str, Any] = {"api_visibility": "private"}
        button.click(ask, [question, asked], [shown, asked], **private)
        files.upload(lambda found: f"{len(found)} files", [files], [shown], **private)
        gr.api(answer, api_name="answer", queue=False)
    return page.queue(default_concurrency_limit=4)


def users_file(folder: Path) -> Path:
    """Ann and Böb, as the command writes them."""
    from click.testing import CliRunner

    file = folder / "users.txt"
    for name, password in (ANN, BOB):
        done = CliRunner().invoke(users_command, ["add", name, "--file", str(file)], input=password)
        assert done.exit_code == 0, done.output
    return file


@dataclass(frozen=True)
class Reply:
    """An answer, read until its end or for a second."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def cookie(self) -> str:
        return self.headers.get("set-cookie", "").partition(";")[0]


@dataclass(frozen=True)
class Running:
    """A server on a port."""

    guard: Guard
    port: int

    def send(
        self, method: str, path: str, body: Any = None, *, user: tuple[str, str] | None = None,
        headers: dict[str, str] | None = None, timeout: float = 10, whole: bool = True,
    ) -> Reply:  # fmt: skip
        """One request on a connection of its own; a body that is no bytes is sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        sent = dict(headers or {})
        if user:
            secret = base64.b64encode(":".join(user).encode()).decode()
            sent.setdefault("Authorization", f"Basic {secret}")
        if body is not None and not isinstance(body, bytes | Iterator):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent
                connection.request(method, path, body, sent)
            response = connection.getresponse()
            content = response.read() if whole or "Content-Length" in response.headers else b""
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, content)
        finally:
            connection.close()


@contextmanager
def running(
    options: Serving | None = None, page: Callable[[], gr.Blocks] = toy_page
) -> Iterator[Running]:
    """A page on a free port, in a thread."""

    async def made() -> (
        Guard
    ):  # in a loop: Gradio makes some, and leaves them open, where there is none
        return application(page(), options or Serving())

    guard = asyncio.run(made())
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(guard, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1)
    )  # fmt: skip
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Running(guard, listener.getsockname()[1])
    finally:
        server.should_exit = True
        guard.close()
        thread.join(10)
        listener.close()


def uploaded(boundary: str, *files: tuple[str, str, bytes]) -> bytes:
    """A multipart body of fields: name, file name, content."""
    parts = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        "Content-Type: text/plain\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, file, content in files
    )
    return parts + f"--{boundary}--\r\n".encode()


os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
