"""A client of the served page: what a browser sends, without one."""

import base64
import http.client
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Failed", "Refusal", "Visitor", "functions"]

_API = "/gradio_api"
_WAIT = 120  # seconds for an answer


class Failed(Exception):  # noqa: N818 - what is counted, no error of the program
    """An answer that is none: a status or an event that failed."""


class Refusal(Failed):
    """Too much at once, and told so in one line."""


@dataclass(slots=True)
class Visitor:
    """A user with a browser: credentials, a cookie, a session of the page."""

    address: str
    name: str
    password: str
    session: str
    cookie: str = ""
    numbers: dict[str, int] = field(default_factory=dict)

    def enter(self) -> None:
        """Load the page."""
        _, headers, _ = self._send("GET", "/")
        self.cookie = headers.get("set-cookie", "").partition(";")[0]
        _, _, body = self._send("GET", "/config")
        self.numbers = functions(json.loads(body))

    def call(self, question: str) -> dict[str, Any]:
        """The answer as a program is given it."""
        answer: dict[str, Any] = self._called("answer", {"question": question})
        return answer

    def ask(self, question: str) -> str:
        """The conversation as the page shows it once the question is answered."""
        *_, last = self.event("ask", [question, None, [], "", ""])
        return str(last[0])

    def event(self, name: str, data: list[Any], told: Any = None) -> list[list[Any]]:
        """Set an event of the page off; the values that it gave, as often as it gave some."""
        body = {
            "fn_index": self.numbers[name], "data": data, "session_hash": self.session,
            "event_data": told, "trigger_id": None,
        }  # fmt: skip
        event = self._json("POST", f"{_API}/queue/join", body)["event_id"]
        path = f"{_API}/queue/data?session_hash={self.session}"
        given = []
        for said in _events(self._send("GET", path)[2]):
            if said.get("event_id") != event:
                continue
            if said["msg"] == "process_completed" and not said["success"]:
                raise Failed(f"{name} failed: {json.dumps(said['output'])[:200]}")
            if said["msg"] in ("process_generating", "process_completed"):
                given.append(said["output"].get("data", []))
        if not given:
            raise Failed(f"{name} ended without an answer")
        return given

    def add(self, files: Sequence[tuple[str, bytes]]) -> str:
        """Upload files and add them; what the page says of it, at the end."""
        boundary = "quoth-benchmark"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: text/plain\r\n\r\n".encode() + content + b"\r\n"
            for name, content in files
        ]  # fmt: skip
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={boundary}"
        _, _, told = self._send("POST", f"{_API}/upload", body, kind)
        sent = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in json.loads(told)]
        said = self.event("add", [sent])
        return next((str(values[0]) for values in reversed(said) if values), "")

    def remove(self, article: str) -> None:
        """Remove an article that the visitor added, and the others of its file."""
        self.event("press_library", [], {"open": f"remove:{article}"})
        self.event("remove", [None])

    def articles(self, text: str) -> list[str]:
        """The ids of those with such words, 100 at most."""
        found = self._called("articles", {"text": text, "limit": 100})
        return [article["id"] for article in found["articles"]]

    def _called(self, name: str, parameters: dict[str, Any]) -> Any:
        event = self._json("POST", f"{_API}/call/v2/{name}", parameters)["event_id"]
        _, _, told = self._send("GET", f"{_API}/call/v2/{name}/{event}")
        said, _, data = (
            told.decode().rpartition("event: ")[2].partition("\ndata: ")
        )  # heartbeats before
        if "complete" not in said:
            raise Failed(f"a call ended with {told[:200]!r}")
        return json.loads(data)[0]

    def _json(self, method: str, path: str, body: Any) -> dict[str, Any]:
        _, _, told = self._send(method, path, json.dumps(body).encode(), "application/json")
        found: dict[str, Any] = json.loads(told)
        return found

    def _send(
        self, method: str, path: str, body: bytes | None = None, kind: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """Raises Failed for any status but 200."""
        secret = base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {secret}"}
        headers |= {"Cookie": self.cookie} if self.cookie else {}
        headers |= {"Content-Type": kind} if kind else {}
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=_WAIT)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            told = answer.read()
            found = {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()
        if answer.status in (429, 503) and b"detail" in told:
            time.sleep(min(5.0, float(found.get("retry-after", 1))))
            raise Refusal(f"{answer.status} {told.decode()}")
        if answer.status != 200:
            raise Failed(f"{method} {path.partition('?')[0]}: {answer.status} {told[:200]!r}")
        return answer.status, found, told


def functions(config: dict[str, Any]) -> dict[str, int]:
    """The numbers of the page's events by what they do, as the page itself is told them."""
    numbers: dict[str, int] = {}
    for event in config["dependencies"]:
        name = str(event["api_name"]).rstrip("_0123456789")
        if name == "press" and not event["inputs"]:
            name = "press_library"
        numbers.setdefault(name, event["id"])
    return numbers


def _events(stream: bytes) -> Iterator[dict[str, Any]]:
    for line in stream.split(b"\n"):
        if line.startswith(b"data: {"):
            yield json.loads(line[6:])
