"""The ways in: of all that Gradio serves, what Quoth's page, its API and its MCP server need.

What is not listed here is not let through, whatever a later Gradio adds.
"""

import re
from dataclasses import dataclass
from re import Pattern

__all__ = ["WAYS", "Way", "way_of"]

_API = "/gradio_api"
_ID = r"[A-Za-z0-9_-]{1,64}"
_NAME = r"[\w.-]{1,100}"
_FILE = r"(?!.*\.\.)(?:[\w@+.-]{1,200}/){0,6}[\w@+.-]{1,200}"

_READ = frozenset({"GET", "HEAD"})
_SEND = frozenset({"POST"})


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of request. ``name`` is how the log calls it: its path without anything secret."""

    name: str
    path: Pattern[str]
    methods: frozenset[str] = _READ
    query: frozenset[str] = frozenset()  # the parameters that are handed on
    body: str = (
        ""  # what it has to be: "", "join", "call", "call v2", "cancel", "reset", "mcp", "upload"
    )
    costly: bool = False  # counted against the client's rate
    lingers: float | None = (
        None  # a stream that never ends: seconds it may go on when the server stops
    )
    kept: bool = False  # may be kept by the browser


def _way(name: str, path: str = "", **more: object) -> Way:
    query = frozenset(str(more.pop("query", "")).split())
    return Way(name, re.compile(path or re.escape(name)), query=query, **more)  # type: ignore[arg-type]


WAYS = (
    _way("/"),
    _way("/config", r"/config/?", query="page"),
    *(_way(path, kept=True) for path in ("/theme.css", f"{_API}/theme.css", "/favicon.ico")),
    *(_way(path, kept=True) for path in ("/manifest.json", "/robots.txt")),
    *(_way(f"/{name}/…", rf"/{name}/{_FILE}", kept=True) for name in ("assets", "static")),
    _way(f"{_API}/info", rf"{_API}/info/?", query="page"),
    *(_way(f"{_API}/{name}") for name in ("openapi.json", "app_id", "startup-events")),
    _way(f"{_API}/login_check"),
    _way(f"{_API}/queue/join", methods=_SEND, body="join", costly=True),
    _way(f"{_API}/queue/data", query="session_hash"),
    _way(f"{_API}/heartbeat/…", rf"{_API}/heartbeat/(?P<session>{_ID})", lingers=0.0),
    _way(f"{_API}/cancel", methods=_SEND, body="cancel"),
    _way(f"{_API}/reset", rf"{_API}/reset/?", methods=_SEND, body="reset"),
    _way(f"{_API}/call/v2/…", rf"{_API}/call/v2/(?P<name>{_NAME})/?", methods=_SEND, body="call v2", costly=True),
    _way(f"{_API}/call/…", rf"{_API}/call/(?P<name>(?!v2/){_NAME})/?", methods=_SEND, body="call", costly=True),
    _way(f"{_API}/call/…/…", rf"{_API}/call/(?:v2/)?(?P<name>{_NAME})/(?P<event>{_ID})"),
    _way(f"{_API}/upload", methods=_SEND, query="upload_id", body="upload", costly=True),
    _way(f"{_API}/upload_progress", query="upload_id", lingers=0.0),
    _way(f"{_API}/mcp", rf"{_API}/mcp(?:/http)?/?", methods=_SEND, query="tools", body="mcp", costly=True),
    _way(f"{_API}/mcp", rf"{_API}/mcp(?:/http)?/?", query="tools", lingers=3.0),
    _way(f"{_API}/mcp", rf"{_API}/mcp(?:/http)?/?", methods=frozenset({"DELETE"})),
    _way(f"{_API}/mcp/schema", query="tools"),
    _way(f"{_API}/mcp/sse", query="tools", lingers=3.0),
    _way(f"{_API}/mcp/messages", rf"{_API}/mcp/messages/?", methods=_SEND, query="session_id", body="mcp", costly=True),
)  # fmt: skip


def way_of(method: str, path: str) -> tuple[Way, dict[str, str]] | frozenset[str]:
    """The way that a request takes, with the names and ids in its path; or the methods that its
    path has, none where it is no way in."""
    methods: frozenset[str] = frozenset()
    for way in WAYS:
        if found := way.path.fullmatch(path):
            if method in way.methods:
                return way, found.groupdict()
            methods |= way.methods
    return methods
