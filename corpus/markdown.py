"""Markdown to plain text, with the metadata of its YAML front matter."""

import re
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["front_matter", "plain_text"]

_FENCE = re.compile(
    r"\A---[^\S\n]*\n(?=\S)(?P<yaml>.*?)^(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)


class _Strings(yaml.BaseLoader):
    """Strings and lists of them; no aliases, with which ten lines can mean a billion."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(problem="an alias")
        return super().compose_node(parent, index)


# HTML stays text, nothing is dropped for being nested deep or for looking like a link's definition.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 200}).disable("reference")


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The metadata at the top of ``text`` and the body below it.

    Values are strings or lists of them, as written. Raises ValueError, with the line, where
    the front matter is no YAML; what is no list of ``key: value`` lines is part of the body.
    """
    match = _FENCE.match(text)
    if not match:
        return {}, text
    try:
        data = yaml.load(match["yaml"], Loader=_Strings)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise ValueError(f"front matter is not valid YAML{where}") from error
    if not isinstance(data, dict):
        return {}, text
    return {str(key).lower(): value for key, value in data.items()}, text[match.end() :]


def plain_text(markdown: str) -> tuple[str | None, str]:
    """The first top heading (None if there is none) and the text of all blocks.

    HTML is not interpreted: it stays the text that it is.
    """
    title = None
    blocks = []
    tokens = _MARKDOWN.parse(markdown)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline":
            block = "\n".join(line.strip() for line in _inline(token).split("\n")).strip()
            if title is None and before is not None and before.tag == "h1":
                title = " ".join(block.split())
            blocks.append(" ".join(block.split("\n")))
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.strip("\n"))
    return title, "\n\n".join(block for block in blocks if block)


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type != "image":
            parts.append(child.content)
    return "".join(parts)
