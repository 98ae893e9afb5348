"""Conversations that last: what a person asked and was answered, for the next visit."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from corpus.errors import QuothError
from qa.people import People, hashed
from qa.result import Answer
from qa.stored import answer_from

__all__ = ["Conversations"]

_LOG = logging.getLogger("quoth")

_DAYS = 90
_TURNS = 200
_ALL = 100_000  # turns of all people, some 2 GB: who has no name must not fill the disk


class Conversations:
    """The conversations of all people, in ``people.sqlite`` in a folder.

    ``person_key`` is any text that stands for one person; only its hash is kept. An empty
    one is nobody, whose conversation is not kept. What is older than 90 days, or has 200 later
    turns of the same person or 100,000 of all, is dropped. Safe from several threads and processes.
    Where the database cannot be used nothing is kept, and one line to the log says so: no answer
    fails for it.
    """

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self._people = People(folder)
        self._now = now
        self._well = True

    def turns(self, person_key: str) -> list[tuple[str, Answer]]:
        """Each question as it was shown, and its answer; oldest first."""
        if not person_key.strip():
            return []
        sql = "SELECT said FROM turns WHERE person = ? AND at >= ? ORDER BY number DESC LIMIT ?"
        rows: list[tuple[str]] = []
        try:
            with self._people.reading() as db:
                if db is not None:
                    rows = db.execute(sql, (hashed(person_key), self._oldest(), _TURNS)).fetchall()
        except QuothError as error:
            self._warn(f"conversations cannot be read: {error}")
            return []
        turns = []
        for (said,) in reversed(rows):
            try:
                data = json.loads(said)
                turns.append((str(data["shown"]), answer_from(data["answer"])))
            except (ValueError, KeyError, TypeError) as error:
                self._warn(f"{self._people.path}: a turn cannot be read, the others are ({error})")
        return turns

    def add(self, person_key: str, shown: str, answer: Answer) -> None:
        """Keep a turn: the question as it is shown, and its answer."""
        if not person_key.strip():
            return
        person = hashed(person_key)
        # ASCII only: halves of surrogate pairs, too, come back as they were.
        said = json.dumps({"shown": shown, "answer": answer.to_dict(explain=True)})
        try:
            with self._people.writing() as db:
                row = (person, self._now(), said)
                db.execute("INSERT INTO turns (person, at, said) VALUES (?, ?, ?)", row)
                db.execute("DELETE FROM turns WHERE at < ?", (self._oldest(),))
                db.execute(
                    """DELETE FROM turns WHERE person = ?1 AND number <= (
                       SELECT number FROM turns WHERE person = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)""",
                    (person, _TURNS),
                )
                db.execute(
                    "DELETE FROM turns WHERE number <= (SELECT max(number) FROM turns) - ?", (_ALL,)
                )
            self._well = True
        except QuothError as error:
            self._warn(f"conversations are not kept: {error}")

    def forget(self, person_key: str) -> None:
        """Take out all turns of a person, so that nothing of them can be read in the file.

        Raises UnusableIndexError where that cannot be done: it must not be said that it was.
        """
        if not self._people.path.exists():
            return
        with self._people.writing() as db:
            db.execute("DELETE FROM turns WHERE person = ?", (hashed(person_key),))
        self._people.clear_log()

    def _oldest(self) -> float:
        return self._now() - _DAYS * 86400

    def _warn(self, message: str) -> None:
        """One line, and not again until something was kept."""
        if self._well:
            self._well = False
            _LOG.warning("%s", " ".join(message.split()))
