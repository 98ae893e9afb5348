"""Questions in, quoted and cited answers out.

>>> from qa import answer
>>> answer("How many people were killed?").text            # doctest: +SKIP
'613'
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from corpus.errors import CorpusError, QuothError, UnusableIndexError, UnusableModelError
from corpus.files import located
from qa.result import Answer, Citation, Claim, RankedPassage, Source, Weighed

if TYPE_CHECKING:
    from embeddings.selection import Selection
    from qa.session import Quoth

__all__ = [
    "Answer",
    "Citation",
    "Claim",
    "CorpusError",
    "Quoth",
    "QuothError",
    "RankedPassage",
    "Selection",
    "Source",
    "UnusableIndexError",
    "UnusableModelError",
    "Weighed",
    "answer",
]


def answer(
    question: str,
    corpus: str | Path | None = None,
    *,
    index: str | Path | None = None,
    encoder: str | Path | None = None,
    reader: str | Path | None = None,
    threshold: float | None = None,
    history: Sequence[str | Answer] = (),
    where: "Selection | None" = None,
) -> Answer:
    """Answer a question from a corpus (by default the bundled articles) with quotes.

    ``corpus`` is a file or a folder of articles, indexed first; ``index`` an index's
    folder; ``history`` the conversation so far; ``where`` asks only some of the articles. Models
    and index are kept for the next call with the same arguments; what has changed in the
    corpus meanwhile is taken in. See ``Quoth`` for the arguments and for
    the errors raised.
    """
    place, kept = (None if path is None else str(located(path)) for path in (corpus, index))
    with _LOADING:
        session = _session(place, kept, _text(encoder), _text(reader), threshold)
    session.sync()
    return session.answer(question, history=history, where=where)


def _text(value: str | Path | None) -> str | None:
    return None if value is None else str(value)


_LOADING = Lock()  # models are loaded by one thread, the others wait for them


@lru_cache(maxsize=4)
def _session(
    corpus: str | None,
    index: str | None,
    encoder: str | None,
    reader: str | None,
    threshold: float | None,
) -> "Quoth":
    from qa.session import Quoth

    return Quoth(corpus, index=index, encoder=encoder, reader=reader, threshold=threshold)


def __getattr__(name: str) -> Any:
    # Loaded when asked for: `quoth --help` should not wait for FAISS.
    if name == "Quoth":
        from qa.session import Quoth

        return Quoth
    if name == "Selection":
        from embeddings.selection import Selection

        return Selection
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
