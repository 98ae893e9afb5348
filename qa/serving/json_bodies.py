"""JSON that is sent in: parsed once, and made sure that nothing behind can stumble over it."""

import json
import math
from typing import Any, NoReturn

from qa.serving.asgi import Refused

__all__ = ["parsed"]

_DEEPEST = 32
_INTEGERS = range(-(2**63), 2**64)  # what a JSON library that is strict can write again


def parsed(body: bytes) -> dict[str, Any]:
    """The object of a body. Raises Refused with 400 and one line for anything else.

    Its strings can be written as UTF-8, its numbers are finite and of 64 bits, and it is nested at
    most 32 deep.
    """
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_constant)
    except UnicodeDecodeError:
        raise Refused(400, "the body is not text in UTF-8") from None
    except RecursionError:
        raise Refused(400, "the body's JSON is nested too deep") from None
    except ValueError as error:
        raise Refused(400, f"the body is not JSON ({getattr(error, 'msg', error)})") from None
    if not isinstance(data, dict):
        raise Refused(400, "the body is not a JSON object")
    _check(data)
    return data


def _constant(name: str) -> NoReturn:
    raise Refused(400, f"the body is not JSON ({name} is no number of JSON)")


def _check(data: Any) -> None:
    level = [data]
    for _ in range(_DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                _text(value)
            elif (isinstance(value, float) and not math.isfinite(value)) or (
                type(value) is int and value not in _INTEGERS
            ):
                raise Refused(400, "a number in the body is too large")
        if not (level := below):
            return
    raise Refused(400, f"the body's JSON is nested more than {_DEEPEST} deep")


def _text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(400, "a text in the body holds half a character (lone surrogate)") from None
