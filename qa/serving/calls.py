"""What may be called, and whether a call's body is one: Gradio itself does not look closely.

Events of the page are called by number; by name only what is public.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qa.serving.asgi import Refused
from qa.serving.owners import Owners
from qa.serving.people import Person
from qa.serving.values import fitting
from qa.serving.waiting import Waiting
from qa.serving.ways import Way

__all__ = ["Calls", "Function"]

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBERS = range(2**31)


@dataclass(frozen=True, slots=True)
class Function:
    """Something that can be called, as Gradio numbers and names it."""

    number: int
    name: str | None  # None for what is not public
    inputs: int  # values that it takes,
    shown: int  # and of these, those that programs give (the rest is the session's state)
    parameters: tuple[tuple[str, bool], ...] = ()  # names, and whether one must be given,
    defaults: tuple[Any, ...] = ()  # and what they are otherwise
    takes: tuple[str, ...] = ()  # of each value its kind, see ``fitting``
    runs: bool = True  # on the server; what is the browser's alone cannot be called
    costly: bool = True  # counts in full against a client's rate


class Calls:
    """Checks bodies against the functions there are. ``clean`` gives what is handed on."""

    def __init__(self, functions: list[Function], owners: Owners, waiting: Waiting) -> None:
        self._numbers = {function.number: function for function in functions}
        self._names = {function.name: function for function in functions if function.name}
        self._owners, self._waiting = owners, waiting

    def named(self, name: str) -> Function:
        """The public function of a name. Raises Refused with 404."""
        if name not in self._names:
            raise Refused(404, "no such function; /gradio_api/info lists them")
        return self._names[name]

    def clean(self, way: Way, named: str, data: dict[str, Any], person: Person) -> dict[str, Any]:
        """A body with what its kind has to have, and nothing else.

        Raises Refused: 400 for what is missing or wrong, 403 for what is another person's, 404 for
        what is not there.
        """
        if way.body == "mcp":
            return data
        if way.body == "call v2":
            return self._by_parameters(self.named(named), data, person)
        if way.body == "reset":
            event = _id(data, "event_id")
            if not self._owners.has(event, person):
                raise Refused(404, "nothing of yours to reset")
            return {"event_id": event}
        if way.body == "cancel":
            return self._cancel(data, person)
        values, session = data.get("data"), data.get("session_hash")
        if not isinstance(values, list):
            raise Refused(400, '"data" is missing or not a list')
        clean: dict[str, Any] = {"data": values}
        if session is not None or way.body == "join":
            clean["session_hash"] = self._session(data, person)
        if way.body == "call":
            called = self.named(named)
            if len(values) >= sum(needed for _, needed in called.parameters):
                clean["data"] = values = [*values, *called.defaults[len(values) :]]
            right = len(values) in (called.inputs, called.shown)
        else:
            called = self._numbered(data)
            if not called.runs:
                raise Refused(404, "no such function")
            right = len(values) == called.inputs
            clean["fn_index"] = called.number
            clean |= _trigger(data)
        if not right:
            raise Refused(400, f'"data" has {len(values)} values, expected {called.shown}')
        self._files(clean, person)
        clean["data"] = [
            fitting(kind, value) for kind, value in zip(called.takes, values, strict=False)
        ] or values
        return clean

    def costly(self, number: int) -> bool:
        """Whether the function of this number counts in full against a client's rate."""
        return self._numbers[number].costly

    def _by_parameters(
        self, called: Function, data: dict[str, Any], person: Person
    ) -> dict[str, Any]:
        known = dict(called.parameters)
        if unknown := next((name for name in data if name not in known), None):
            raise Refused(400, f"{unknown[:50]!r} is no parameter; there are: {', '.join(known)}")
        for name, needed in known.items():
            if needed and name not in data:
                raise Refused(400, f"parameter {name!r} is missing")
        self._files(data, person)
        return data

    def _cancel(self, data: dict[str, Any], person: Person) -> dict[str, Any]:
        event = _id(data, "event_id")
        clean = {"session_hash": self._session(data, person), "event_id": event}
        if not self._owners.has(event, person):
            raise Refused(404, "nothing of yours to cancel")
        return clean | {"fn_index": self._numbered(data).number}

    def _session(self, data: dict[str, Any], person: Person) -> str:
        session = _id(data, "session_hash")
        if not self._owners.take(session, person):
            raise Refused(403, "this session is another person's")
        return session

    def _numbered(self, data: dict[str, Any]) -> Function:
        number = data.get("fn_index")
        if type(number) is not int:
            raise Refused(400, '"fn_index" is missing or not a number')
        if number not in self._numbers:
            raise Refused(404, "no such function")
        return self._numbers[number]

    def _files(self, data: Any, person: Person) -> None:
        """Files are named by what the person sent, never by a path or an address of their own."""
        for value in _objects(data):
            if "path" not in value:
                continue
            path = value["path"]
            if not isinstance(path, str):
                raise Refused(400, 'a "path" in the body is not text')
            if not self._waiting.sent(path, person):
                raise Refused(403, "that file was not uploaded by you")
            if "url" in value:
                value["url"] = None


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    """All objects in it; it is not nested deep."""
    if isinstance(data, dict):
        yield data
    if isinstance(data, dict | list):
        for below in data.values() if isinstance(data, dict) else data:
            yield from _objects(below)


def _id(data: dict[str, Any], name: str) -> str:
    found = data.get(name)
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise Refused(400, f'"{name}" is missing or not an id (1 to 64 letters, digits, - or _)')
    return found


def _trigger(data: dict[str, Any]) -> dict[str, Any]:
    """What set an event of the page off."""
    trigger, told = data.get("trigger_id"), data.get("event_data")
    if trigger is not None and (type(trigger) is not int or trigger not in _NUMBERS):
        raise Refused(400, '"trigger_id" is not a number')
    if told is not None and not isinstance(told, dict | list | str):
        raise Refused(400, '"event_data" is neither an object nor a list nor a text')
    # Gradio looks for names in it, whatever it is.
    return {"trigger_id": trigger, "event_data": told if isinstance(told, dict) else {}}
