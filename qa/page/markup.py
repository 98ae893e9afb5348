"""Text as HTML: escaped, and as people read it."""

import html
from datetime import date

from qa.library import Listed
from qa.result import Source

__all__ = ["counted", "escape", "file_name", "readable_date", "readable_size", "who_and_when"]

# Marks of templates: Gradio does not interpret them in a value; if it ever did, nothing would run.
_TEMPLATE_MARKS = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;"})


def escape(text: str) -> str:
    """Text that can stand anywhere in the page, also in a quoted attribute."""
    return html.escape(text, quote=True).translate(_TEMPLATE_MARKS)


def readable_date(published: str | None) -> str:
    """``2026-02-26`` as ``26 February 2026``; less where less is known."""
    if not published:
        return ""
    parts = [int(part) for part in published.split("-")]
    if len(parts) == 1:
        return published
    month = date(2000, parts[1], 1).strftime("%B")
    return f"{parts[2]} {month} {parts[0]:04d}" if len(parts) == 3 else f"{month} {parts[0]:04d}"


def readable_size(count: int) -> str:
    """Bytes as ``1.2 MB``."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (1000, "kB")):
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return counted(count, "byte")


def who_and_when(source: Source | Listed) -> str:
    """``Report, 26 February 2026``, not escaped; the file's name where neither is known."""
    known = source.publisher or source.author, readable_date(source.published)
    return ", ".join(filter(None, known)) or file_name(source.id)


def file_name(article_id: str) -> str:
    """An article's id without the folders in front."""
    return article_id.rsplit("/", 1)[-1]


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 article``, ``5 articles``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
