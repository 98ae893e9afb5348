"""Bodies of requests: counted while they come in, and never larger than is allowed."""

import json
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from qa.serving.asgi import Message, Receive, Refused, Scope, header

__all__ = ["JSON_LIMIT", "Upload", "announced", "read", "replayed"]

JSON_LIMIT = 1_000_000  # bytes
_LONGEST_NAME = 1000  # bytes of an uploaded file's name


def announced(scope: Scope, limit: int) -> None:
    """Raises Refused with 413 where the headers say that more comes than is allowed."""
    length = header(scope, b"content-length")
    if length and not (length.isascii() and length.isdigit()):
        raise Refused(400, "the Content-Length header is not a number")
    if int((length or "0")[:20]) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> Refused:
    return Refused(413, f"too large; at most {limit / 1_000_000:g} MB are taken at once")


async def read(scope: Scope, receive: Receive, limit: int = JSON_LIMIT) -> bytes:
    """A whole body. Raises Refused with 413 for one that is larger, 415 for one that says it is no
    JSON, and 400 for one that breaks off."""
    if header(scope, b"content-type").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "expected a body of JSON (Content-Type: application/json)")
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, "the body broke off")
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return bytes(body)


def replayed(data: Any, receive: Receive) -> tuple[bytes, Receive]:
    """A body to hand on, with the way to receive it: exactly what was checked, nothing else."""
    body = json.dumps(data).encode()
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


class Upload:
    """Looks at a multipart body while it is handed on: only files, named as such, within a limit.

    ``receive`` takes the place of the server's. Where something is not right ``refused`` is set, and
    what is handed on breaks off with what is no part at all: only for a body that it cannot parse
    Gradio takes away again what it has written.
    """

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        kind, options = parse_options_header(header(scope, b"content-type"))
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
            raise Refused(415, "expected files as multipart/form-data")
        if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
            raise Refused(415, "expected multipart/form-data in UTF-8")
        announced(scope, limit)
        self.refused: Refused | None = None
        self._boundary = boundary
        self._receive, self._limit, self._seen = receive, limit, 0
        self._field, self._value, self._disposition = b"", b"", b""
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_end": self._body_ends,
                },
            )
        except MultipartParseError:
            raise Refused(415, "expected files as multipart/form-data") from None

    async def receive(self) -> Message:
        """The next piece."""
        message = await self._receive()
        if self._ended and message["type"] != "http.request":
            return message
        try:
            if message["type"] != "http.request":
                raise Refused(400, "the upload broke off")
            self._look(message.get("body", b""), message.get("more_body", False))
        except Refused as refused:
            self.refused = refused
            body = b"\r\n--" + self._boundary + b"\r\n\0:\r\n\r\n"
            return {"type": "http.request", "body": body, "more_body": False}
        return message

    def _look(self, piece: bytes, more: bool) -> None:
        self._seen += len(piece)
        if self._seen > self._limit:
            raise _too_large(self._limit)
        try:
            self._parser.write(piece)
        except MultipartParseError as error:
            raise Refused(400, f"the upload is not multipart/form-data ({error})") from None
        if not more and not self._ended:
            raise Refused(400, "the upload breaks off before its end")

    def _part_begins(self) -> None:
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field, self._value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"filename")
        if options.get(b"name") != b"files" or name is None:
            raise Refused(400, 'the upload holds something else than files called "files"')
        if len(name) > _LONGEST_NAME or b"\0" in name:
            raise Refused(400, "a file's name is too long or holds a NUL")

    def _body_ends(self) -> None:
        self._ended = True
