"""A small reverse proxy, as nginx would be: it takes a prefix off the path and hands all else on."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

__all__ = ["proxied"]

_OWN = {"connection", "keep-alive", "transfer-encoding", "host"}


@contextmanager
def proxied(prefix: str) -> Iterator[tuple[ThreadingHTTPServer, list[str]]]:
    """A proxy that shows ``server.behind`` under a prefix; and the paths outside that were asked for."""
    outside: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Say nothing."""

        def pass_on(self) -> None:
            path = self.path
            if not path.startswith(f"{prefix}/"):
                outside.append(path)
                self.send_error(404)
                return
            behind = urlsplit(self.server.behind)  # type: ignore[attr-defined]
            connection = http.client.HTTPConnection(behind.hostname or "", behind.port, timeout=300)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
            sent |= {"Host": self.headers["Host"], "X-Forwarded-Proto": "http", "X-Forwarded-For": "192.0.2.7"}  # fmt: skip
            with suppress(OSError):  # whoever asked may leave
                connection.request(self.command, path.removeprefix(prefix), body or None, sent)
                reply = connection.getresponse()
                self.send_response_only(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in _OWN:
                        self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                while piece := reply.read1(65536):  # each as it comes: some answers are streams
                    self.wfile.write(piece)
                    self.wfile.flush()
            connection.close()
            self.close_connection = True

        do_GET = do_HEAD = do_POST = do_DELETE = pass_on  # noqa: N815

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        behind = ""

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A browser that has gone is no error."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server, outside
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
