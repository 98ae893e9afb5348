"""Bodies of requests: counted while they come in, and never larger than is allowed."""

import json
import os
import uuid
from collections.abc import Callable
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from corpus.reading import suffixes
from qa.serving.asgi import Message, Receive, Refused, Scope, header
from qa.uploads import safe_name

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
    """Looks at a multipart body and hands it on made anew: only files, within a limit, under names
    that lead nowhere. ``count`` is told of each file, and of the bytes of each.

    Of a file of a kind that cannot be read nothing is handed on but its name: the page shall say so
    of this one file, and take those that came with it.

    ``receive`` takes the place of the server's. Where something is not right ``refused`` is set, and
    what is handed on breaks off with what is no part at all: only for a body that it cannot parse
    Gradio takes away again what it has written.
    """

    def __init__(
        self, scope: Scope, receive: Receive, limit: int, count: Callable[[int, int], None]
    ) -> None:
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
        self._count = count
        self._field, self._value, self._disposition = b"", b"", b""
        self._handed = bytearray()  # of the piece that is looked at
        self._taken = self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._part_goes_on,
                    "on_part_end": self._part_ends,
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
            more = message.get("more_body", False)
            self._look(message.get("body", b""), more)
        except Refused as refused:
            self.refused = refused
            body = b"\r\n--" + self._boundary + b"\r\n\0:\r\n\r\n"
            return {"type": "http.request", "body": body, "more_body": False}
        handed, self._handed = bytes(self._handed), bytearray()
        return {"type": "http.request", "body": handed, "more_body": more}

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
        given = options.get(b"filename")
        if options.get(b"name") != b"files" or given is None:
            raise Refused(400, 'the upload holds something else than files called "files"')
        if len(given) > _LONGEST_NAME or b"\0" in given:
            raise Refused(400, "a file's name is too long or holds a NUL")
        self._count(1, 0)
        name = safe_name(given.decode("utf-8", "replace"))
        self._taken = os.path.splitext(name)[1].lower() in suffixes()
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        self._handed += b"--" + self._boundary + b"\r\n" + head.encode()
        if not self._taken:  # something, for Gradio keeps files of one name and content as one
            self._handed += uuid.uuid4().hex.encode()

    def _part_goes_on(self, data: bytes, start: int, end: int) -> None:
        if self._taken:
            self._count(0, end - start)
            self._handed += data[start:end]

    def _part_ends(self) -> None:
        self._handed += b"\r\n"

    def _body_ends(self) -> None:
        self._handed += b"--" + self._boundary + b"--\r\n"
        self._ended = True
