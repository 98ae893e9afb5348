"""The values that the whole program passes around: articles, passages, problems."""

import hashlib
import json
from dataclasses import asdict, dataclass

__all__ = ["Article", "Passage", "Problem"]


@dataclass(frozen=True, slots=True)
class Article:
    """One article, cleaned. Every offset in the program points into ``text``.

    ``published`` is an ISO 8601 date, or its first part where no more is known
    (``2026-02-26``, ``2026-02`` or ``2026``). ``source`` is a URL or a name for where
    the text came from; ``path`` is the file that it was read from.
    """

    id: str
    title: str
    text: str
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    source: str | None = None
    language: str | None = None
    path: str | None = None

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of everything but ``id`` and ``path``: what the article says."""
        said = {k: v for k, v in asdict(self).items() if k not in ("id", "path")}
        canonical = json.dumps(said, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article: characters ``start`` to ``end`` of its ``text``."""

    article_id: str
    start: int
    end: int

    def text(self, article: Article) -> str:
        """The words themselves. Raises ValueError if ``article`` is another one."""
        if article.id != self.article_id:
            raise ValueError(f"passage of {self.article_id!r} asked of {article.id!r}")
        return article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file, or a line or an article of one, was skipped or only partly used.

    ``file`` is set where a line of a file could not be read: what was in it is not known.
    """

    path: str
    reason: str
    file: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"
