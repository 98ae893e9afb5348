"""Conversations that last, and answers read back from what was stored."""

import json
import logging
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnusableIndexError
from qa import Answer, Citation, Claim, RankedPassage, Source, Weighed
from qa.conversations import Conversations
from qa.people import DATABASE, People, hashed
from qa.stored import answer_from

ROOT = Path(__file__).parent.parent
ODD = "\ud83d<script>alert('x')</script>\x00\u202e„é́“"

TEXT = st.text(st.characters(), max_size=30)  # halves of surrogate pairs and NUL among them
FIGURE = st.integers(-90_000, 90_000).map(lambda n: n / 10_000)
COUNT = st.integers(0, 10**6)
SOURCE = st.builds(Source, *(TEXT, TEXT), *[st.none() | TEXT] * 5)
CITATION = st.builds(
    Citation, COUNT, SOURCE, TEXT, COUNT, COUNT, COUNT, COUNT, st.none() | COUNT, st.none() | TEXT
)
CITATIONS = st.lists(CITATION, max_size=2).map(tuple)
CLAIMS = st.lists(st.builds(Claim, TEXT, FIGURE, CITATIONS, st.booleans()), max_size=2).map(tuple)
PASSAGES = st.lists(
    st.builds(RankedPassage, COUNT, FIGURE, SOURCE, TEXT, COUNT, COUNT), max_size=2
).map(tuple)
WEIGHED = st.lists(
    st.builds(Weighed, TEXT, SOURCE, COUNT, COUNT, st.none() | COUNT, *[FIGURE] * 4), max_size=2
).map(tuple)
ANSWER = st.builds(
    Answer, question=TEXT, status=st.sampled_from(["answered", "not_found"]), text=st.none() | TEXT,
    confidence=FIGURE, citations=CITATIONS, passages=PASSAGES, resolved_question=TEXT.filter(bool),
    id=st.none() | TEXT, disagreements=CLAIMS, reason=st.none() | TEXT, weighed=WEIGHED,
    threshold=st.none() | FIGURE, form=st.sampled_from(["span", "sentences", "list", "evidence"]), items=CLAIMS,
)  # fmt: skip


def answer(text: str | None = "Tom Ferrow", question: str = "Who owns the bakery?") -> Answer:
    status: Any = "not_found" if text is None else "answered"
    return Answer(question, status, text, 0.5, resolved_question=question)


def rounded(value: Any) -> Any:
    """A value with all its figures rounded as ``to_dict`` does."""
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: rounded(getattr(value, f.name)) for f in fields(value)}
        kept = getattr(value, "threshold", None)  # as it is
        return replace(value, **changed | ({"threshold": kept} if "threshold" in changed else {}))
    if isinstance(value, tuple):
        return tuple(map(rounded, value))
    return round(value, 4) if isinstance(value, float) else value


# Answers read back


@given(ANSWER)
def test_an_answer_comes_back_as_it_was(given_answer: Answer) -> None:
    """Through to_dict and through JSON, whatever its texts are."""
    data = given_answer.to_dict(explain=True)
    assert answer_from(data) == given_answer
    assert answer_from(json.loads(json.dumps(data))) == given_answer


@given(ANSWER, st.floats(-1000, 1000))
def test_figures_come_back_rounded(given_answer: Answer, figure: float) -> None:
    """What differs is only what to_dict rounds."""
    given_answer = replace(given_answer, confidence=figure, threshold=figure)
    back = answer_from(given_answer.to_dict(explain=True))
    assert back == rounded(given_answer)
    assert back.threshold == figure


def test_what_is_not_explained_is_left_out() -> None:
    """Without explain all but threshold and weighed comes back; no question is as asked."""
    full = replace(answer(), threshold=0.2, resolved_question="")
    assert answer_from(full.to_dict()) == answer()


@given(
    ANSWER,
    st.data(),
    st.sampled_from([None, 3, 1.5, "x", [], [1], {}, {"a": 1}, float("nan"), 10**400]),
)
def test_what_is_no_answer_is_said(given_answer: Answer, data: st.DataObject, junk: Any) -> None:
    """Any value replaced by another: an answer all the same, or a ValueError."""
    stored = json.loads(json.dumps(given_answer.to_dict(explain=True)))
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(stored)
    node, key = data.draw(st.sampled_from(places))
    node[key] = junk
    with suppress(ValueError):
        assert isinstance(answer_from(stored), Answer)


@pytest.mark.parametrize("junk", [None, 3, "text", [], {}, {"question": "Who?"}])
def test_other_things_are_no_answers(junk: Any) -> None:
    """ValueError, whatever it is that was stored."""
    with pytest.raises(ValueError, match="not an answer"):
        answer_from(junk)


# Conversations


@given(TEXT, ANSWER)
def test_a_conversation_comes_back(
    tmp_path_factory: pytest.TempPathFactory, shown: str, given_answer: Answer
) -> None:
    """What was shown and answered, in order, also in another process's object."""
    folder = tmp_path_factory.mktemp("index")
    kept = Conversations(folder)
    kept.add("somebody", shown, given_answer)
    kept.add("somebody", "second", answer())
    assert Conversations(folder).turns("somebody") == [(shown, given_answer), ("second", answer())]


def test_each_has_their_own(tmp_path: Path) -> None:
    """Nobody sees another's, an empty key is nobody, and nothing is made by looking."""
    kept = Conversations(tmp_path)
    assert kept.turns("ada") == []
    assert not any(tmp_path.iterdir())
    kept.add("ada", "A?", answer("a"))
    kept.add("bob", "B?", answer("b"))
    for nobody in ("", " \n "):
        kept.add(nobody, "C?", answer("c"))
        assert kept.turns(nobody) == []
    assert kept.turns("ada") == [("A?", answer("a"))]
    assert kept.turns("bob") == [("B?", answer("b"))]
    assert kept.turns("ADA") == []


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob(f"{DATABASE}*"))


def test_the_file_names_nobody_and_forgets_for_good(tmp_path: Path) -> None:
    """The person is not in it; after forgetting, no word of theirs is, while another's stay."""
    kept = Conversations(tmp_path)
    for number in range(50):
        kept.add("ada.birch@example.org", f"zanzibar {number}?", answer("xylophone " * 300))
    kept.add("bob", "B?", answer("b"))
    assert b"zanzibar" in content(tmp_path)
    assert b"ada.birch" not in content(tmp_path)
    assert (tmp_path / DATABASE).stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(tmp_path / DATABASE)) as open_all_the_while:
        open_all_the_while.execute("SELECT count(*) FROM turns").fetchall()
        kept.forget("ada.birch@example.org")
        assert b"zanzibar" not in content(tmp_path)
        assert b"xylophone" not in content(tmp_path)
    assert kept.turns("ada.birch@example.org") == []
    assert len(kept.turns("bob")) == 1
    kept.forget("never seen")
    Conversations(tmp_path / "nowhere").forget("never seen")


def test_it_is_not_said_to_be_forgotten_while_it_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody reads, the log keeps what was taken out: that is an error, and trying again
    later mends it."""
    monkeypatch.setattr("qa.people._WAIT", 0.1)
    kept = Conversations(tmp_path)
    kept.add("ada", "Who?", answer())
    log = tmp_path / f"{DATABASE}-wal"
    with People(tmp_path).reading() as reading:
        assert reading is not None
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM turns").fetchone()
        with pytest.raises(UnusableIndexError, match="try again"):
            kept.forget("ada")
        assert log.stat().st_size
    kept.forget("ada")
    assert not log.exists() or not log.stat().st_size
    assert kept.turns("ada") == []


def test_old_turns_and_too_many_are_dropped(tmp_path: Path) -> None:
    """Ninety days, two hundred turns of each; what is dropped is out of the file, too."""
    day = [0.0]
    kept = Conversations(tmp_path, now=lambda: day[0] * 86400)
    kept.add("bob", "old", answer())
    day[0] = 89
    kept.add("bob", "newer", answer())
    assert [shown for shown, _ in kept.turns("bob")] == ["old", "newer"]
    day[0] = 91
    assert [shown for shown, _ in kept.turns("bob")] == ["newer"]
    for number in range(203):
        kept.add("ada", str(number), answer())
    assert [shown for shown, _ in kept.turns("ada")] == [str(n) for n in range(3, 203)]
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        assert db.execute("SELECT count(*) FROM turns").fetchone() == (201,)


@pytest.mark.parametrize("shown", [ODD, "x" * 10_000, "", "'; DROP TABLE turns; --"])
def test_hostile_text_is_only_text(tmp_path: Path, shown: str) -> None:
    """Markup, NUL, halves of surrogate pairs, very long text, SQL: kept letter for letter."""
    kept = Conversations(tmp_path)
    said = answer(shown, shown)
    kept.add(shown or "key", shown, replace(said, resolved_question=shown or "Who?"))
    kept.add(shown or "key", "next", answer())
    turns = kept.turns(shown or "key")
    assert (turns[0][0], turns[0][1].text, turns[0][1].question) == (shown, shown, shown)
    assert len(turns) == 2


def test_threads_write_at_once(tmp_path: Path) -> None:
    """Eight threads, one object, a database that is not there yet: every turn is kept, in order."""
    kept = Conversations(tmp_path)
    errors: list[BaseException] = []
    start = threading.Barrier(8)

    def work(name: str) -> None:
        try:
            start.wait()
            for number in range(20):
                kept.add(name, str(number), answer())
                assert len(kept.turns(name)) == number + 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"person {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for n in range(8):
        assert [shown for shown, _ in kept.turns(f"person {n}")] == [str(i) for i in range(20)]


WRITER = """
import sys
from pathlib import Path
from qa import Answer
from qa.conversations import Conversations
from qa.feedback import Feedback
folder, name = Path(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
for number in range(40):
    said = Answer(f"{number}?", "answered", name, 0.5, resolved_question=f"{number}?")
    Conversations(folder).add("both", f"{name} {number}", said)
    Feedback(folder).note(name, said, True)
"""


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    """Also while the database is made: nothing is lost, nothing is said twice."""
    from qa.feedback import Feedback

    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [
        subprocess.Popen(
            [*command, name], cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert (writer.returncode, errors) == (0, "")
    shown = [shown for shown, _ in Conversations(tmp_path).turns("both")]
    for name in "ab":
        assert [s for s in shown if s[0] == name] == [f"{name} {n}" for n in range(40)]
    assert len(Feedback(tmp_path).entries()) == 80


# What cannot be used


def garbage(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"this is no database" * 500)


def overwritten(folder: Path) -> None:
    raw = (folder / DATABASE).read_bytes()
    (folder / DATABASE).write_bytes(raw[:4096] + b"\xa5" * (len(raw) - 4096))


def later(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("PRAGMA user_version = 7")


def without_tables(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("DROP TABLE turns")


def a_folder(folder: Path) -> None:
    (folder / DATABASE).unlink()
    (folder / DATABASE).mkdir()


@pytest.mark.parametrize("damage", [garbage, overwritten, later, without_tables, a_folder])
def test_a_damaged_file_keeps_nobody_from_an_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    """One line in the log however often; forgetting says that it could not."""
    kept = Conversations(tmp_path)
    kept.add("ada", "A?", answer("word " * 3000))
    damage(tmp_path)
    with caplog.at_level(logging.WARNING, logger="quoth"):
        for _ in range(3):
            kept.add("ada", "B?", answer())
            assert kept.turns("ada") == []
    assert len(caplog.messages) == 1
    assert DATABASE in caplog.messages[0]
    assert "\n" not in caplog.messages[0]
    with pytest.raises(UnusableIndexError, match=DATABASE):
        kept.forget("ada")


def test_any_page_may_be_damaged(tmp_path: Path) -> None:
    """Every page of the file overwritten, one at a time: no exception, and no wrong turn."""
    kept = Conversations(tmp_path)
    said = [(f"{n}?", answer(f"word {n} " * 400)) for n in range(10)]
    for shown, one in said:
        kept.add("ada", shown, one)
    whole = (tmp_path / DATABASE).read_bytes()
    for page in range(len(whole) // 4096):
        broken = whole[: page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096 :]
        (tmp_path / DATABASE).write_bytes(broken)
        for log in tmp_path.glob(f"{DATABASE}-*"):
            log.unlink()
        assert all(turn in said for turn in Conversations(tmp_path).turns("ada"))
        Conversations(tmp_path).add("ada", "new", answer())


def test_a_turn_that_cannot_be_read_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are shown."""
    kept = Conversations(tmp_path)
    for shown in "ABC":
        kept.add("ada", shown, answer())
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db, db:
        db.execute("UPDATE turns SET said = '{\"shown\": 1' WHERE number = 2")
    assert [shown for shown, _ in kept.turns("ada")] == ["A", "C"]
    assert len(caplog.messages) == 1


def test_it_goes_on_when_the_disk_does(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was damaged and removed is made anew, without a restart; a later fault is said again."""
    kept = Conversations(tmp_path)
    for _ in range(2):
        garbage(tmp_path)
        kept.add("ada", "lost", answer())
        (tmp_path / DATABASE).unlink()
        kept.add("ada", "kept", answer())
        assert [shown for shown, _ in kept.turns("ada")] == ["kept"]
        (tmp_path / DATABASE).unlink()
    assert len(caplog.messages) == 2


def test_a_folder_that_is_not_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is kept, and nothing made."""
    kept = Conversations(tmp_path / "nowhere")
    kept.add("ada", "A?", answer())
    assert kept.turns("ada") == []
    assert len(caplog.messages) == 1
    assert not (tmp_path / "nowhere").exists()


def test_a_full_disk_loses_only_what_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was kept before stays, and later ones are kept again."""
    kept = Conversations(tmp_path)
    kept.add("ada", "A?", answer())
    connect = sqlite3.connect

    def full(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*args, **kwargs)
        db.execute("PRAGMA max_page_count = 10")
        return db

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", full)
        kept.add("ada", "B?", answer("x" * 100_000))
    assert "full" in caplog.messages[0]
    kept.add("ada", "C?", answer())
    assert [shown for shown, _ in kept.turns("ada")] == ["A?", "C?"]


READ_ONLY = """
import logging, os, sys, urllib.parse
from pathlib import Path
from corpus.errors import UnusableIndexError
from qa import Answer
from qa.conversations import Conversations
from qa.feedback import Feedback
folder = Path(sys.argv[1])
if os.geteuid() == 0:  # nothing is read-only to root
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
logging.basicConfig(format="%(message)s")
kept = Conversations(folder)
for _ in range(2):
    kept.add("ada", "B?", Answer("B?", "not_found", None, 0.0))
    print(len(kept.turns("ada")))
try:
    Feedback(folder).note("ada", Answer("B?", "not_found", None, 0.0), True)
except UnusableIndexError as error:
    print(error)
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_read_only_folder(there: bool) -> None:
    """Nothing is kept, one line is logged, and feedback says why it was not taken."""
    if not hasattr(os, "geteuid"):
        pytest.skip("no rights of this kind here")
    with (
        tempfile.TemporaryDirectory() as name
    ):  # pytest's own folders can be entered by their owner only
        folder = Path(name)
        if there:
            Conversations(folder).add("ada", "A?", answer())
            (folder / DATABASE).chmod(0o444)
        folder.chmod(0o555)
        command = [sys.executable, "-c", READ_ONLY, name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    *counts, error = done.stdout.splitlines()
    assert counts == ["0", "0"]
    assert "cannot be" in error
    assert len(done.stderr.splitlines()) == 1


def test_a_busy_database_is_waited_for(tmp_path: Path) -> None:
    """Somebody holds it for a moment: the turn is kept all the same."""
    kept = Conversations(tmp_path)
    kept.add("ada", "A?", answer())
    with closing(
        sqlite3.connect(tmp_path / DATABASE, isolation_level=None, check_same_thread=False)
    ) as db:
        db.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, db.execute, ("COMMIT",))
        release.start()
        kept.add("ada", "B?", answer())
        release.join()
    assert len(kept.turns("ada")) == 2


def test_what_is_broken_off_is_not_kept(tmp_path: Path) -> None:
    """An exception in the midst of writing takes back all of it."""
    people = People(tmp_path)

    def broken_off() -> None:
        with people.writing() as db:
            db.execute("INSERT INTO turns (person, at, said) VALUES (?, 0, '')", (hashed("ada"),))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    with people.reading() as found:
        assert found is not None
        assert found.execute("SELECT count(*) FROM turns").fetchone() == (0,)


def test_all_conversations_together_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes with ever new cookies does not fill the disk: the oldest turns go."""
    import qa.conversations

    monkeypatch.setattr(qa.conversations, "_ALL", 3)
    conversations = Conversations(tmp_path)
    for person in "abcde":
        conversations.add(person, "Who owns the bakery?", answer())
    assert [len(conversations.turns(person)) for person in "abcde"] == [0, 0, 1, 1, 1]
