"""What the server writes to standard error: a line for each request, as text or as JSON.

Lines name the kind of a request, never its query or its body: what people ask is not logged.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime

from corpus.characters import printable

__all__ = ["Access", "set_up"]

_LONGEST = 200  # characters of a path

_log = logging.getLogger("quoth")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **getattr(record, "fields", {"message": record.getMessage()}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")


def set_up(form: str = "none") -> None:
    """Send the log ``quoth`` and the server's warnings to standard error, as text or json; with
    "none" only what is wrong, no line for each request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    requests = logging.WARNING if form == "none" else logging.INFO
    for name, level in (("quoth", requests), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False


class Access:
    """Writes the line of a request: method, path without ids, status, milliseconds, user."""

    def __init__(self, *, addresses: bool = False) -> None:
        self._addresses = addresses

    def __call__(
        self, method: str, path: str, status: int, began: float, user: str, address: str
    ) -> None:
        """``began`` is of time.perf_counter; a stream's line comes when it ends."""
        took = round((time.perf_counter() - began) * 1000, 1)
        path = " ".join(printable(path).split())[:_LONGEST]
        fields = {"method": method, "path": path, "status": status, "ms": took, "user": user}
        if self._addresses:
            fields["address"] = address
        said = f"{method} {path} {status} {took} ms {user or '-'}"
        _log.info(
            "%s", printable(f"{said} {address}" if self._addresses else said),
            extra={"fields": fields},
        )  # fmt: skip
