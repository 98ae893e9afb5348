"""The real page over fakes, under the real server, and what it says to whoever calls its events."""

import json
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import build
from qa.reader import Reader
from qa.serving.server import Serving, gr
from qa.session import Quoth
from tests.conftest import NEWS
from tests.fakes import FakeEncoder, FakeReader
from tests.toy_page import Reply, Running, running, uploaded, users_file

API = "/gradio_api"
ANSWERS = {"Tom Ferrow": 9.0, "Ada Birch": 8.0, "Zoltan Quimby": 12.0, "9 million euros": 7.0}
User = tuple[str, str] | None


@dataclass(frozen=True)
class Real:
    """The page, served from a folder that holds all that it reads and writes."""

    running: Running
    folder: Path
    page: gr.Blocks
    tracebacks: list[str]

    def number(self, name: str, skip: int = 0) -> int:
        """The number of the ``skip``-th event that calls a method of this name."""
        named = [n for n, fn in self.page.fns.items() if getattr(fn.fn, "__name__", "") == name]
        return named[skip]

    def join(
        self, number: int, data: list[Any], session: str, *, user: User = None,
        cookie: str = "", **more: Any,
    ) -> Reply:  # fmt: skip
        """Set an event off."""
        body = {"fn_index": number, "data": data, "session_hash": session, **more}
        headers = {"Cookie": cookie} if cookie else {}
        return self.running.send("POST", f"{API}/queue/join", body, user=user, headers=headers)

    def event(
        self, number: int, data: list[Any], session: str, *, user: User = None,
        cookie: str = "", **more: Any,
    ) -> tuple[Reply, bytes]:  # fmt: skip
        """Set an event off, and what it said until its end."""
        sent = self.join(number, data, session, user=user, cookie=cookie, **more)
        if sent.status != 200:
            return sent, sent.body
        headers = {"Cookie": cookie} if cookie else {}
        path = f"{API}/queue/data?session_hash={session}"
        return sent, self.running.send("GET", path, user=user, headers=headers, timeout=60).body

    def upload(self, name: str, content: bytes, *, user: User = None, cookie: str = "") -> Reply:
        """Send a file, without adding it."""
        kind = {"Content-Type": "multipart/form-data; boundary=xyz"}
        headers = kind | ({"Cookie": cookie} if cookie else {})
        body = uploaded("xyz", ("files", name, content))
        return self.running.send("POST", f"{API}/upload", body, user=user, headers=headers)

    def add(
        self, name: str, content: bytes, session: str, *, user: User = None, cookie: str = ""
    ) -> bytes:
        """Send a file and add it; what the page said."""
        sent = self.upload(name, content, user=user, cookie=cookie)
        if sent.status != 200:
            return sent.body
        (path,) = sent.json
        file = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        return self.event(self.number("add"), [[file]], session, user=user, cookie=cookie)[1]

    def call(self, name: str, data: list[Any], *, user: User = None, cookie: str = "") -> bytes:
        """Call a function for programs; what it said."""
        headers = {"Cookie": cookie} if cookie else {}
        sent = self.running.send(
            "POST", f"{API}/call/{name}", {"data": data}, user=user, headers=headers
        )
        if sent.status != 200:
            return sent.body
        path = f"{API}/call/{name}/{sent.json['event_id']}"
        return self.running.send("GET", path, user=user, headers=headers, timeout=60).body


def completed(said: bytes) -> list[dict[str, Any]]:
    """The ends of the events that a stream told of."""
    told = [json.loads(line[6:]) for line in said.split(b"\n") if line.startswith(b"data: {")]
    return [one for one in told if one.get("msg") == "process_completed"]


@contextmanager
def real_page(
    folder: Path,
    *,
    users: bool = False,
    read_only: bool = False,
    reader: Reader | None = None,
    rate: str = "1000000/minute",
) -> Iterator[Real]:
    """The page over three invented articles; ``tracebacks`` fills with those that are printed."""
    news, uploads = folder / "news", folder / "received"
    for made in (news, uploads):
        made.mkdir(parents=True)
    for name, text in NEWS.items():
        (news / name).write_text(text, encoding="utf-8")
    session = Quoth(
        news, index=folder / "index", encoder=FakeEncoder(), reader=reader or FakeReader(ANSWERS)
    )
    options = Serving(users=users_file(folder) if users else None, rate=rate)
    pages: list[gr.Blocks] = []
    printed: list[str] = []

    def page() -> gr.Blocks:
        pages.append(build(session, private=users, read_only=read_only))
        for block in pages[0].blocks.values():
            if hasattr(block, "GRADIO_CACHE"):
                block.GRADIO_CACHE = str(uploads)
        return pages[0]

    was, print_exc = os.environ.get("GRADIO_TEMP_DIR"), traceback.print_exc
    os.environ["GRADIO_TEMP_DIR"] = str(uploads)
    traceback.print_exc = lambda *_, **__: printed.append(traceback.format_exc())  # type: ignore[assignment]
    try:
        with running(options, page) as server:
            yield Real(server, folder, pages[0], printed)
    finally:
        traceback.print_exc = print_exc
        os.environ.pop("GRADIO_TEMP_DIR")
        if was is not None:
            os.environ["GRADIO_TEMP_DIR"] = was


__all__ = ["ANSWERS", "API", "Real", "completed", "real_page"]
