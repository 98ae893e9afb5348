"""What people say of answers: right, wrong, and what would have been right."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.people import People, hashed
from qa.result import Answer
from qa.stored import answer_from

if TYPE_CHECKING:
    from embeddings.store import Store

__all__ = ["LONGEST", "Feedback", "Opinion"]

_LOG = logging.getLogger("quoth")

LONGEST = 10_000
"""Characters of a correction, at most."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said of an answer, at a time (seconds since 1970); who, is not told.

    ``correction`` is what the answer should have been, "" where that was not said.
    """

    answer: Answer
    good: bool
    correction: str = ""
    at: float = 0.0


class Feedback:
    """What people said of answers, in ``people.sqlite`` in a folder.

    Only a hash is kept of who said it. Safe from several threads and processes. Every method raises
    UnusableIndexError, with one line for people, where the database cannot be used.
    """

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self._people = People(folder)
        self._now = now

    def note(self, person_key: str, answer: Answer, good: bool, correction: str = "") -> None:
        """Keep what a person says of an answer, in place of what they said of the same answer
        to the same question before. Raises ValueError for a correction that is too long."""
        correction = correction.strip()
        if len(correction) > LONGEST:
            raise ValueError(
                f"the correction has {len(correction):,} characters, at most {LONGEST:,} are kept; give the answer alone"
            )
        asked = " ".join((answer.resolved_question or answer.question).casefold().split())
        about = hashed(json.dumps([asked, answer.status, answer.text]))
        data = {"good": good, "correction": correction, "answer": answer.to_dict(explain=True)}
        row = (hashed(person_key), about, self._now(), json.dumps(data))
        with self._people.writing() as db:
            db.execute("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?)", row)

    def entries(self) -> list[Opinion]:
        """All that was said, oldest first."""
        rows: list[tuple[float, str]] = []
        with self._people.reading() as db:
            if db is not None:
                rows = db.execute("SELECT at, said FROM feedback ORDER BY at, rowid").fetchall()
        found = []
        for at, said in rows:
            try:
                data = json.loads(said)
                answer, correction = answer_from(data["answer"]), str(data["correction"])
                found.append(Opinion(answer, data["good"] is True, correction, float(at)))
            except (ValueError, KeyError, TypeError) as error:
                path = self._people.path
                _LOG.warning("%s: one entry cannot be read, the others are (%s)", path, error)
        return found

    def squad(self, store: "Store") -> dict[str, Any]:
        """What of it can be used as questions with known answers, in SQuAD's format, version 2.0,
        for ``quoth evaluate``; ``qa.feedback_squad.exported`` also counts the rest."""
        from qa.feedback_squad import exported

        return exported(self.entries(), store.article)[0]
