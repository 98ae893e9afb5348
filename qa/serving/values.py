"""The values of an event of the page: what each of its inputs takes, made sure before Gradio sees it."""

import os
from typing import Any

from qa.serving.asgi import Refused

__all__ = ["fitting", "kind_of"]

_FILE = {"_type": "gradio.FileData"}
_MOST = 1000  # texts in a list


def kind_of(block: Any) -> str:
    """What a component takes: "text", "texts", "files", "state", or "any" where that is unknown."""
    if getattr(block, "stateful", False):
        return "state"
    name = block.get_block_name()
    if name == "dropdown":
        return "texts" if block.multiselect else "text"
    return {"textbox": "text", "html": "text", "file": "files", "uploadbutton": "files"}.get(
        name, "any"
    )


def fitting(kind: str, value: Any) -> Any:
    """The value as it is handed on. Raises Refused with 400 for one of another kind, 404 for a file
    that is not there any more.

    State is the server's: whatever is sent in its place is dropped.
    """
    if kind == "state":
        return None
    if kind == "text":
        if value is not None and not isinstance(value, str):
            raise Refused(400, f"a value is {type(value).__name__}, expected text")
        return value or ""
    if kind == "texts":
        if isinstance(value, list) and len(value) > _MOST:
            raise Refused(400, f"a list has {len(value):,} texts; at most {_MOST:,} are taken")
        if value and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise Refused(400, "a value is not a list of texts")
        return value or []
    if kind == "files":
        return _files(value)
    return value


def _files(value: Any) -> list[dict[str, Any]] | None:
    """Of files their paths alone; whose they are has been looked at."""
    if value is None:
        return None
    sent = value if isinstance(value, list) else [value]
    if not all(isinstance(one, dict) and isinstance(one.get("path"), str) for one in sent):
        raise Refused(400, "a value is not a list of files that were uploaded")
    if not all(os.path.isfile(one["path"]) for one in sent):
        raise Refused(404, "a file is not there any more; upload it again")
    return [{"path": one["path"], "meta": _FILE} for one in sent]
