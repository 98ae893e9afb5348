"""The server: Gradio's page, API and MCP server behind the guard, and how it starts and stops."""

import logging
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import click
import gradio as gr  # after the variable above, which it reads when it is imported
import uvicorn
from fastapi import FastAPI
from sse_starlette.sse import AppStatus

from corpus.errors import QuothError
from qa.serving.calls import Function
from qa.serving.guard import Guard, Policy
from qa.serving.logs import set_up
from qa.serving.origins import is_loopback
from qa.serving.rates import rate
from qa.serving.received import receiving
from qa.serving.tools import agents_told, openapi
from qa.serving.users import Users
from qa.serving.values import kind_of

__all__ = ["COSTLY_EVENTS", "Serving", "ServingError", "application", "check", "serve"]

COSTLY_EVENTS = frozenset({"ask", "suggest", "add", "refresh"})
"""The page's events, by their functions, that count as a call of a program does; the others open and list."""

_PATIENCE = 30  # seconds for answers under way when the server stops

_SESSIONS = 1000  # that are kept, the latest used; each takes 150 KB, and its conversation

_log = logging.getLogger("quoth")


class ServingError(QuothError):
    """The server cannot start as it is asked to."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve. Without ``users`` only on this computer, unless ``open_to_all``."""

    host: str = "127.0.0.1"
    port: int = 7860
    users: Path | None = None  # the file of users
    open_to_all: bool = False
    root_path: str = ""  # a path, or the whole address that people see, behind a proxy
    rate: str = "120/minute"  # of what costs: asking, calls, uploads; for each user or address
    upload_mb: float = 20.0  # a file
    uploads_mb: float = 500.0  # all files of one request
    log: str = "none"  # of each request a line: "text" or "json"
    log_addresses: bool = False


def check(options: Serving) -> Users | None:
    """The users, if there are any to be. Raises what ``application`` raises, before anything is loaded."""
    if options.root_path and not _is_root(options.root_path):
        raise ServingError(
            f"--root-path {options.root_path}: expected a path such as /quoth or an address such as "
            "https://example.org/quoth"
        )
    # A proxy that shows the page under another computer's name lets others in as a host does.
    shown = urlsplit(options.root_path).hostname or options.host
    for host in (options.host, shown):
        if not options.users and not options.open_to_all and not is_loopback(host):
            raise ServingError(
                f"{host} lets others in: name who with --auth FILE (see: quoth users add), "
                "or let everybody in with --open-to-all"
            )
    rate(options.rate)
    return Users.load(options.users) if options.users else None


def application(
    page: gr.Blocks,
    options: Serving,
    *,
    theme: gr.themes.Base | None = None,
    css_paths: Sequence[Path] = (),
) -> Guard:
    """The whole server as an ASGI application. A page can be mounted once.

    Raises UsersError for a file of users that cannot be used, ServingError where everybody could
    come in though nobody said so, QuothError for a rate that is none.
    """
    policy = Policy(
        users=check(options),
        only_here=is_loopback(options.host),
        root=options.root_path,
        rate=options.rate,
        upload_bytes=int(options.uploads_mb * 1_000_000) if _takes_files(page) else 0,
        log_addresses=options.log_addresses,
    )
    page.state_session_capacity = _SESSIONS
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    @app.head("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/gradio_api/openapi.json")
    async def described() -> dict[str, Any]:
        return openapi(page, options.root_path.rstrip("/"), bool(options.users))

    gr.mount_gradio_app(
        app, page, path="/", root_path=options.root_path.rstrip("/") or None, mcp_server=True, ssr_mode=False,
        footer_links=[], run_history=False, show_error=False, enable_monitoring=False, pwa=False,
        max_file_size=int(options.upload_mb * 1_000_000), theme=theme, css_paths=list(css_paths),
    )  # fmt: skip
    if not page.mcp_server:
        raise ServingError(f"the MCP server cannot start ({page.mcp_error})")
    agents_told(page)
    return Guard(app, _functions(page), policy, partial(_forget, page))


def serve(
    page: gr.Blocks,
    options: Serving,
    *,
    theme: gr.themes.Base | None = None,
    css_paths: Sequence[Path] = (),
) -> None:
    """Serve until SIGTERM or Ctrl-C: then streams are closed and answers under way finished.

    Raises what ``application`` raises, and ServingError for an address that cannot be listened on.
    """
    set_up(options.log)
    # It would break off answers to agents; what never ends the guard does.
    AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]
    with receiving(page):
        guard = application(page, options, theme=theme, css_paths=css_paths)
        with _listening(options.host, options.port) as listener:
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            click.echo(f"Quoth is at http://{shown}:{port} (stop with Ctrl-C)")
            for sign in (signal.SIGINT, signal.SIGTERM):
                signal.signal(sign, _nothing)  # what uvicorn hands the signal on to when it is done
            _Server(guard).run(sockets=[listener])


def _nothing(*_: Any) -> None:
    """An end that was asked for is no failure."""


class _Server(uvicorn.Server):
    """Tells the guard to end what would never end by itself."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__(
            uvicorn.Config(
                guard, log_config=None, access_log=False, server_header=False, ws="none", lifespan="on",
                proxy_headers=True, forwarded_allow_ips=["127.0.0.1", "::1"],
                timeout_graceful_shutdown=_PATIENCE,
            )
        )  # fmt: skip

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, let what is under way end, then stop."""
        self._guard.close()
        await super().shutdown(sockets)


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ServingError with one line."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ServingError(
            f"cannot serve on {host}:{port} ({why}); give another --port or --host"
        ) from None
    return listener


def _is_root(root: str) -> bool:
    parts = urlsplit(root)
    if parts.query or parts.fragment:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname)
    return not parts.scheme and root.startswith("/") and not root.startswith("//")


def _forget(page: gr.Blocks, event: str) -> None:
    """Drop the session that Gradio makes for each call of a program, and keeps."""
    sessions = page.state_holder
    with sessions.lock:
        sessions.session_data.pop(event, None)
        sessions.time_last_used.pop(event, None)


def _takes_files(page: gr.Blocks) -> bool:
    """Whether anything is done with files; where not, none shall be sent to fill the disk."""
    return any(kind_of(block) == "files" for fn in page.fns.values() for block in fn.inputs)


def _functions(page: gr.Blocks) -> list[Function]:
    """What can be called: all events by number, by name only what is meant for programs."""
    named = page.get_api_info()["named_endpoints"]
    functions = []
    for number, fn in page.fns.items():
        public = f"/{fn.api_name}" in named and fn.api_visibility != "private"
        if fn.fn is not None and fn.queue == public:
            # A queued tool of the MCP server would be called over HTTP again, at an address made of
            # the client's headers; an event of the page that is not queued, on a way that is closed.
            raise ValueError(
                f"{fn.api_name}: a function for programs needs queue=False, an event of the page "
                'api_visibility="private" and the queue'
            )
        parameters = named[f"/{fn.api_name}"]["parameters"] if public else ()
        functions.append(
            Function(
                number,
                str(fn.api_name) if public else None,
                len(fn.inputs),
                sum(not block.skip_api for block in fn.inputs),
                tuple(
                    (p["parameter_name"], not p.get("parameter_has_default", False))
                    for p in parameters
                ),
                tuple(p.get("parameter_default") for p in parameters),
                () if public else tuple(kind_of(block) for block in fn.inputs),
                fn.fn is not None,
                public or fn.name in COSTLY_EVENTS,
            )
        )
    return functions
