"""What each person sees of the articles, and how they add and remove their own."""

import json
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import filelock
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import CorpusError, QuothError
from embeddings import index as index_module
from embeddings import syncing
from embeddings.index import Index
from embeddings.selection import Selection
from qa import uploads as uploads_module
from qa.library import Library, Limits, Listed, Removed, Shelf, Step
from qa.session import Quoth
from qa.uploads import owner_of, safe_name
from tests.conftest import NEWS
from tests.fakes import FakeEncoder, FakeReader

SECRET = (
    "---\ntitle: The zephyr plan\npublisher: Quill Gazette\nauthor: Ann Onym\ndate: 2031-07-04\n---\n"
    "The zephyr plan costs 88 crowns, and the bridge closes for it.\n"
)
QUESTION = "How many crowns does the zephyr plan for the bridge cost?"


def open_library(news: Path, folder: Path, **options: object) -> Library:
    session = Quoth(
        news,
        index=folder,
        encoder=FakeEncoder(),
        reader=FakeReader({"88": 12.0, "42": 5.0, "9 million euros": 4.0}),
    )
    return Library(session, **options)  # type: ignore[arg-type]


@pytest.fixture
def library(news: Path, tmp_path: Path) -> Library:
    """A library over three articles."""
    return open_library(news, tmp_path / "index")


@pytest.fixture
def temporary(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """A file as it arrives: ``temporary("content")``."""
    count = iter(range(10**6))

    def make(content: str | bytes) -> Path:
        path = tmp_path / "arrived" / f"{next(count)}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


Temporary = Callable[[str | bytes], Path]


def put(shelf: Shelf, temporary: Temporary, **named: str | bytes) -> Step:
    """Add files: ``put(shelf, temporary, a="text")`` adds a.txt."""
    return put_all(shelf, [(f"{name}.txt", temporary(text)) for name, text in named.items()])


def put_all(shelf: Shelf, files: list[tuple[str, Path]]) -> Step:
    *_, last = shelf.add(files)
    return last


def names(shelf: Shelf) -> set[str]:
    return {item.title for item in shelf.list()[0]}


def kept(library: Library) -> list[str]:
    folder = library.uploads.folder
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def lines(*items: object) -> str:
    return "\n".join(json.dumps(item) for item in items)


# Seeing


def test_everyone_sees_the_shared_articles(library: Library) -> None:
    """Without uploads nothing is selected, listed as own, or made."""
    shelf = library.seen_by("ann")
    listed, total = shelf.list()
    assert total == 3
    assert not any(item.own or item.file or item.beside for item in listed)
    assert shelf.where() is None
    assert shelf.counts() == library.index.store.counts()
    assert not library.uploads.folder.exists()


def test_what_is_added_is_found_by_who_added_it(library: Library, temporary: Temporary) -> None:
    """In answers, lists, counts, months and publishers, with the name of the file."""
    ann = library.seen_by("ann")
    done = put_all(ann, [("plan.md", temporary(SECRET))])
    assert (done.added, done.problems, done.done) == (1, (), done.total)
    assert ann.where() is None, "nobody else has anything to hide"
    assert ann.answer(QUESTION).text == "88"
    (mine,) = (item for item in ann.list()[0] if item.own)
    assert mine == Listed(
        f"{owner_of('ann')}/plan.md", "The zephyr plan", "Quill Gazette", "Ann Onym", "2031-07-04",
        None, True, "plan.md", 0,
    )  # fmt: skip
    assert ann.counts()[0] == 4
    assert "Quill Gazette" in ann.publishers()
    assert ("2031-07", 1) in ann.by_month()
    article = ann.article(mine.id)
    assert article is not None
    assert article.text.startswith("The zephyr plan costs")


@pytest.mark.parametrize("other", ["bob", "", "Ann", "ann ", "Ann/../ann"])
def test_nobody_else_sees_it(library: Library, temporary: Temporary, other: str) -> None:
    """In no way of looking is there a trace of another's article."""
    ann, shelf = library.seen_by("ann"), library.seen_by(other)
    before = shelf.counts(), shelf.publishers(), shelf.by_month(), shelf.list()
    put_all(ann, [("plan.md", temporary(SECRET))])
    place = f"{owner_of('ann')}/plan.md"
    assert ann.article(place)

    assert (shelf.counts(), shelf.publishers(), shelf.by_month(), shelf.list()) == before
    assert shelf.article(place) is None
    for text in ("zephyr", "quill", "onym", "plan.md", owner_of("ann")):
        assert shelf.list(text) == ([], 0), text
    assert shelf.list(where=Selection(publishers=("Quill Gazette",)))[1] == 0
    assert shelf.list(where=Selection(articles=(place,)))[1] == 0
    assert shelf.list(where=Selection(since="2031"))[1] == 0
    assert shelf.list(where=ann.where())[1] == 3, "another's selection opens nothing"
    where = shelf.where()
    assert where is not None
    assert str(where) == ""
    session = library.session
    for found in (session.retrieve(QUESTION, 50, where), shelf.retrieve(QUESTION, 50)):
        assert {item.article.id for item in found} == set(NEWS)
    for answer in (session.answer(QUESTION, where=where), shelf.answer(QUESTION)):
        told = json.dumps(answer.to_dict(explain=True)).lower()
        told = re.sub(r"\d\.\d+", "", told)  # a score may have any digits
        for word in ("88", "quill", "onym", "plan.md", owner_of("ann")):
            assert word not in told
    assert "crowns, and" not in shelf.answer(QUESTION, history=[QUESTION]).to_json()


@pytest.mark.parametrize("chosen", [{"articles": ("ID",)}, {"publishers": ("Quill Gazette",)}])
def test_errors_tell_nothing_of_others(
    library: Library, temporary: Temporary, chosen: dict[str, tuple[str, ...]]
) -> None:
    """To ask for what is another's, or to remove it, is told as for what is not there."""
    put_all(library.seen_by("ann"), [("plan.md", temporary(SECRET))])
    place, bob = f"{owner_of('ann')}/plan.md", library.seen_by("bob")
    chosen = {key: tuple(v.replace("ID", place) for v in value) for key, value in chosen.items()}
    made_up = {key: tuple(f"no {v}" for v in value) for key, value in chosen.items()}
    told = []
    for some in (chosen, made_up):
        with pytest.raises(CorpusError) as error:
            bob.answer(QUESTION, where=bob.where(**some))
        told.append(str(error.value).replace("no Quill", "Quill").replace(f"no {place}", place))
    assert told[0] == told[1]
    for wanted in (place, f"no {place}"):
        with pytest.raises(CorpusError) as error:
            bob.remove(wanted)
        told.append(str(error.value).replace("no ", ""))
    assert told[2] == told[3]
    assert library.seen_by("ann").article(place)


def test_the_same_names_for_two_people(library: Library, temporary: Temporary) -> None:
    """Neither ids nor names nor messages tell that another has such a file, or the same text."""
    told = [
        put_all(library.seen_by(user), [("bridge.txt", temporary("Secret cars\n\nThey are 7."))])
        for user in ("ann", "bob")
    ]
    assert told[0] == told[1]
    for user in ("ann", "bob"):
        listed, total = library.seen_by(user).list("secret")
        assert ([item.id for item in listed], total) == ([f"{owner_of(user)}/bridge.txt"], 1)
        assert listed[0].file == "bridge.txt"


def test_ids_of_the_corpus_do_not_tell_either(
    library: Library, temporary: Temporary, news: Path
) -> None:
    """A shared article that comes later has the id it would have had."""
    put(library.seen_by("ann"), temporary, later="Later\n\nOf the zephyr there is nothing new.")
    (news / "later.txt").write_text("Later still\n\nA wind broke 3 windows.")
    library.session.sync()
    assert library.seen_by("bob").article("later.txt")


def test_what_nobody_signed_is_shared(library: Library, temporary: Temporary) -> None:
    """Everybody sees it, and it is nobody's own but of those without a name."""
    nobody, ann = library.seen_by(""), library.seen_by("ann")
    put(nobody, temporary, open="The zephyr is open\n\nIt is for all.")
    place = "everyone/open.txt"
    assert ann.where() is None
    assert ann.article(place)
    assert [item.own for item in ann.list("zephyr")[0]] == [False]
    assert [item.own for item in nobody.list("zephyr")[0]] == [True]
    with pytest.raises(CorpusError, match="not an article that you added"):
        ann.remove(place)
    assert nobody.remove(place) == Removed("open.txt", 1)


def test_what_comes_while_a_question_is_at_work_stays_hidden(
    library: Library, temporary: Temporary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the very first article that there is to hide."""
    session, retrieve = library.session, library.session.retrieve
    bob = library.seen_by("bob")

    def slow(*args: object, **more: object) -> object:
        put_all(library.seen_by("ann"), [("plan.md", temporary(SECRET))])
        return retrieve(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "retrieve", slow)
    assert {item.article.id for item in bob.retrieve(QUESTION, 50)} == set(NEWS)
    assert bob.answer(QUESTION).text != "88"


def test_another_process_adds(library: Library, temporary: Temporary, news: Path) -> None:
    """What it added as somebody's is hidden here at once, too."""
    bob = library.seen_by("bob")
    other = open_library(news, library.index.folder)
    put_all(other.seen_by("ann"), [("plan.md", temporary(SECRET))])
    assert bob.where()
    assert bob.counts()[0] == 3
    assert {item.article.id for item in bob.retrieve(QUESTION, 50)} == set(NEWS)


def test_hidden_also_after_the_folder_is_gone_and_without_a_start(
    library: Library, temporary: Temporary, news: Path
) -> None:
    """What hides is where the article came from, not what lies on the disk."""
    put_all(library.seen_by("ann"), [("plan.md", temporary(SECRET))])
    (library.uploads.of(owner_of("ann")) / "plan.md").unlink()
    library.uploads.of(owner_of("ann")).rmdir()
    reader = open_library(news, library.index.folder, read_only=True)
    bob = reader.seen_by("bob")
    assert bob.where()
    assert bob.counts()[0] == 3
    assert bob.article(f"{owner_of('ann')}/plan.md") is None


def test_folders_that_are_no_ones_are_nobodys(library: Library, news: Path) -> None:
    """What lies in uploads outside an owner's folder is not shown to anybody."""
    for place in ("loose.txt", "strange/stray.txt"):
        path = library.uploads.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("A zephyr\n\nWith 88 crowns.")
    again = open_library(news, library.index.folder)
    for user in ("", "ann"):
        assert again.seen_by(user).counts()[0] == 3
        assert again.seen_by(user).where()


def test_only_hidden_articles_is_said_plainly(tmp_path: Path, temporary: Temporary) -> None:
    """To somebody who can see nothing, it is not said that there is something."""
    Index(tmp_path / "empty", FakeEncoder())
    session = Quoth(index=tmp_path / "empty", encoder=FakeEncoder(), reader=FakeReader({}))
    library = Library(session)
    put_all(library.seen_by("ann"), [("plan.md", temporary(SECRET))])
    with pytest.raises(CorpusError, match=r"^there is no article yet that you can see; add some$"):
        library.seen_by("bob").answer(QUESTION)
    assert library.seen_by("bob").counts() == (0, 0)
    assert library.seen_by("bob").list() == ([], 0)


def test_uploads_inside_the_corpus_stay_private(tmp_path: Path, temporary: Temporary) -> None:
    """An index in the folder of articles is read with them, and hides what it hides."""
    corpus = tmp_path / "all"
    corpus.mkdir()
    (corpus / "a.txt").write_text(NEWS["storm.txt"])
    library = open_library(corpus, corpus / "index")
    put_all(library.seen_by("ann"), [("plan.md", temporary(SECRET))])
    again = open_library(corpus, corpus / "index")
    assert again.seen_by("bob").counts()[0] == 1
    assert again.seen_by("ann").counts()[0] == 2


# Listing


def test_lists_are_newest_first_and_come_in_parts(library: Library, temporary: Temporary) -> None:
    """Undated ones last; every word of the text in any of the four, whatever its case."""
    ann = library.seen_by("ann")
    rows = [
        {"id": "one", "text": "Text one.", "title": "Élan in May", "date": "2024-05-01"},
        {"id": "two", "text": "Text two.", "title": "B", "publisher": "STRASSE", "date": "2025"},
        {"id": "three", "text": "Text three.", "title": "C", "author": "Zoë Q", "date": "2024-06"},
    ]
    put_all(ann, [("rows.jsonl", temporary(lines(*rows)))])
    listed, total = ann.list()
    assert total == 6
    assert [item.published for item in listed] == [
        "2025",
        "2024-06",
        "2024-05-01",
        None,
        None,
        None,
    ]
    assert [item.beside for item in listed] == [2, 2, 2, 0, 0, 0]
    parts = [ann.list(offset=offset, limit=2) for offset in (0, 2, 4, 6)]
    assert [item for part, _ in parts for item in part] == listed
    assert {total for _, total in parts} == {6}
    for text, found in (
        ("e\u0301LAN", 1), ("straße", 1), ("zoë", 1), ("rows.jsonl#two", 1), ("may élan", 1),
        ("élan strasse", 0), ("  ", 6), ("%", 0), ("_", 0), ("'", 0), ("\0", 0), ("\ud800", 0), ("x" * 10**5, 0),
    ):  # fmt: skip
        assert ann.list(text)[1] == found, text
    assert ann.list(where=ann.where(publishers=["strasse"]))[1] == 1
    assert ann.list("c", where=ann.where(since="2024-06", until="2024"))[1] == 1
    assert ann.by_month() == [("2024-05", 1), ("2024-06", 1), ("2025", 1), ("", 3)]


@pytest.mark.parametrize(
    ("offset", "limit", "count"), [(-5, 2, 2), (0, -1, 0), (10**30, 5, 0), (0, 10**30, 3)]
)
def test_odd_numbers_ask_for_no_more(library: Library, offset: int, limit: int, count: int) -> None:
    """No number from outside breaks a list."""
    listed, total = library.seen_by("ann").list(offset=offset, limit=limit)
    assert (len(listed), total) == (count, 3)


@pytest.mark.parametrize("id", ["", "\0", "\ud800", "../bridge.txt", "x" * 10**6, "' OR 1=1 --"])
def test_odd_ids_are_not_there(library: Library, id: str) -> None:
    """Neither to read nor to remove, and the answer is one short line."""
    shelf = library.seen_by("ann")
    assert shelf.article(id) is None
    with pytest.raises(CorpusError) as error:
        shelf.remove(id)
    assert len(str(error.value)) < 300
    assert "\n" not in str(error.value)


def test_lists_do_not_read_the_articles(library: Library) -> None:
    """SQLite answers them from its index alone, also in an index made before there was one."""
    store = library.index.store
    with store.writing() as db:
        db.execute("DROP INDEX articles_listed")
    library.index.sync(library.session.corpus or "")
    some = library.seen_by("ann")._some()
    for sql in (
        f"SELECT id, title, publisher, author, published, source, path FROM articles WHERE {some.sql} "
        "ORDER BY published DESC, title DESC, id LIMIT 5",
        f"SELECT count(*) FROM articles WHERE {some.sql} AND folded(title || id) = 'x'",
        f"SELECT substr(published, 1, 7), count(*) FROM articles WHERE {some.sql} GROUP BY 1",
        f"SELECT DISTINCT publisher FROM articles WHERE {some.sql}",
    ):
        plan = " ".join(row[3] for row in store._rows(f"EXPLAIN QUERY PLAN {sql}", some.values))
        assert "COVERING INDEX articles_listed" in plan, sql


# Names


HOSTILE = [
    ("../../evil.txt", "evil.txt"),
    ("/etc/cron.d/evil.txt", "evil.txt"),
    ("..\\..\\evil.txt", "evil.txt"),
    ("C:\\Windows\\evil.txt", "evil.txt"),
    ("C:evil.txt", "C_evil.txt"),
    ("...hidden.txt", "hidden.txt"),
    (".incoming-x.txt", "incoming-x.txt"),
    ("nul\0byte.txt", "nulbyte.txt"),
    ("line\nbreak\x1b[31m.txt", "line_break_31m.txt"),
    ("exe\u202etxt.txt", "exetxt.txt"),
    ("zero\u200bwidth.txt", "zerowidth.txt"),
    ("CON.txt", "_CON.txt"),
    ("aux.old.txt", "_aux.old.txt"),
    ("com1.txt", "_com1.txt"),
    ("LPT¹.txt", "_LPT¹.txt"),
    ("a.txt. .", "a.txt"),
    ("  .. .txt", "txt"),
    ("?*|<>\":.txt", "_______.txt"),
    ("#a;b$(c)`d`&.txt", "_a_b_(c)_d__.txt"),
    ("~/x.txt", "x.txt"),
    ("Zürich 東京 قطر.txt", "Zürich 東京 قطر.txt"),
    ("e\u0301.txt", "é.txt"),
    ("\ud800half.txt", "_half.txt"),
    ("x" * 500 + ".txt", "x" * 96 + ".txt"),
    ("報" * 500 + ".txt", "報" * 65 + ".txt"),
    ("a.txt:stream.txt", "a.txt_stream.txt"),
    ("report (1).TXT", "report (1).TXT"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "safe"), HOSTILE)
def test_hostile_names_are_harmless(
    library: Library, temporary: Temporary, name: str, safe: str
) -> None:
    """A file lies in its owner's folder under a plain name, or nowhere."""
    assert safe_name(name) == safe
    done = put_all(library.seen_by("ann"), [(name, temporary("A zephyr\n\nIt blew 7 days."))])
    if "." in safe:
        assert kept(library) == [f"{owner_of('ann')}/{safe}"]
        assert done.problems == ()
    else:
        assert kept(library) == []
        assert len(done.problems) == 1


@given(st.text(max_size=300) | st.text("./\\\0: con", max_size=30))
def test_no_name_is_unsafe(name: str) -> None:
    """Whatever comes in, what comes out is one part of a path, short, visible, and stays the same."""
    safe = safe_name(f"{name}.md")
    assert 0 < len(safe) <= 100
    assert len(safe.encode()) <= 255
    assert not safe.startswith((".", " "))
    assert not safe.endswith((".", " "))
    assert not set(safe) & set('/\\\0:*?"<>|\n')
    assert safe.isprintable()
    assert safe_name(safe) == safe


def test_nothing_is_overwritten(library: Library, temporary: Temporary) -> None:
    """Other content gets another name, the same content is said to be there."""
    ann = library.seen_by("ann")
    put(ann, temporary, a="First\n\nIt was 1 zephyr.")
    put(ann, temporary, a="Second\n\nThey were 2 zephyrs.")
    done = put(ann, temporary, a="Third\n\nThey were 3 zephyrs.", b="First\n\nIt was 1 zephyr.")
    assert kept(library) == [f"{owner_of('ann')}/{n}.txt" for n in ("a (2)", "a (3)", "a")]
    assert [str(p) for p in done.problems] == ["b.txt: is there already, as a.txt"]
    long = "y" * 200
    for text in ("One zephyr.", "Two zephyrs."):
        put(ann, temporary, **{long: text})
    assert {f"{'y' * 96}.txt", f"{'y' * 92} (2).txt"} <= {p.split("/")[1] for p in kept(library)}
    twice = put(ann, temporary, c="Fourth zephyr.", d="Fourth zephyr.")
    assert (twice.added, [p.path for p in twice.problems]) == (1, ["d.txt"])


# What is refused


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.exe", b"MZ", "the format .exe cannot be read; expected .jsonl, .markdown, .md, .txt"),
        ("a", b"text", "a file without ending cannot be read; expected .jsonl"),
        ("", b"text", "a file without ending cannot be read"),
        ("a.txt", b"", "empty file; expected the text of an article"),
        ("a.txt", b" \n\t ", "empty file"),
        ("a.txt", b"\x89PNG\0\0\0", "not UTF-8 text (byte 0); save it as UTF-8"),
        ("a.txt", b"text\0text", "not a text file (it holds NUL bytes)"),
        ("a.jsonl", b"not json\n{}\n", "line 1: not valid JSON (Expecting value) (and 1 more)"),
        ("a.jsonl", b"\n".join([b"x"] * 5000), "1,001 of its lines cannot be read; line 1: not valid JSON"),
        ("a.md", b"---\na: [\n---\ntext", "front matter is not valid YAML"),
        ("a.md", b"---\na: &a [x, y]\nb: &b [*a, *a]\nauthor: [*b, *b]\n---\ntext", "front matter is not valid YAML"),
        ("a.txt", b"word " * 100, "larger than 300 bytes; split it"),
    ],
)  # fmt: skip
def test_junk_is_told_and_not_kept(
    library: Library, temporary: Temporary, name: str, content: bytes, reason: str
) -> None:
    """By name, with the reason, in one line; the files beside it are taken."""
    if "300" in reason:
        library.uploads.limits = Limits(file=300)
    done = put_all(
        library.seen_by("ann"),
        [(f"dir/{name}", temporary(content)), ("good.txt", temporary("A good zephyr."))],
    )
    (problem,) = done.problems
    assert problem.path == f"dir/{name}"
    assert problem.reason.startswith(reason)
    assert "\n" not in str(problem)
    assert done.added == 1
    assert kept(library) == [f"{owner_of('ann')}/good.txt"]
    assert len(list(library.index.store.files())) == 4


def test_bad_lines_of_a_good_file_are_told(library: Library, temporary: Temporary) -> None:
    """Under the name that the person knows, without a path."""
    content = "\n".join(
        [lines({"text": "A zephyr."}), "junk", lines({"text": "B.", "date": "soon"})]
    )
    done = put_all(library.seen_by("ann"), [("my rows?.jsonl", temporary(content))])
    assert done.added == 2
    assert [p.path for p in done.problems] == ["my rows?.jsonl:2", "my rows?.jsonl#3"]
    assert str(library.uploads.folder) not in str(done.problems)


def test_what_did_not_arrive(library: Library, tmp_path: Path, temporary: Temporary) -> None:
    """A missing file, a folder, a link to another's file: none is read."""
    (tmp_path / "link").symlink_to(temporary("Somebody's zephyr."))
    places = [tmp_path / "missing", tmp_path, tmp_path / "link"]
    done = put_all(library.seen_by("ann"), [("a.txt", place) for place in places])
    assert [p.reason for p in done.problems] == ["did not arrive; send it again"] * 3
    assert kept(library) == []
    assert put_all(library.seen_by("ann"), []).added == 0


def test_limits_are_told_in_one_line_each(library: Library, temporary: Temporary) -> None:
    """Of files at a time and bytes of an owner; another owner has room of their own."""
    library.uploads.limits = Limits(files=3, owner=100)
    files = [(f"{n}.txt", temporary(f"{n} " + "zephyr " * 5)) for n in range(5)]
    done = put_all(library.seen_by("ann"), files)
    assert done.added == 2
    assert [str(p) for p in done.problems] == [
        "5 files: at most 3 are taken at a time; add the other 2 after these",
        "2.txt: more than 100 bytes in all; remove what is not needed any more",
    ]
    assert put_all(library.seen_by("bob"), files[:2]).added == 2
    library.seen_by("ann").remove(f"{owner_of('ann')}/0.txt")
    assert put_all(library.seen_by("ann"), files[2:3]).added == 1
    assert Limits() == Limits(20_000_000, 2_000, 500_000_000)


def test_a_full_disk_is_one_line(
    library: Library, temporary: Temporary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written is told, and no half of it stays."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    given = [("a.txt", library.session.corpus / "storm.txt")]  # type: ignore[operator]
    done = put_all(library.seen_by("ann"), given)
    assert [str(p) for p in done.problems] == [
        "a.txt: cannot be kept here (No space left on device)"
    ]
    assert kept(library) == []


def test_a_disk_without_links_takes_files_too(
    library: Library, temporary: Temporary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And overwrites nothing."""

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(uploads_module.os, "link", refuse)
    put(library.seen_by("ann"), temporary, a="One zephyr.")
    put(library.seen_by("ann"), temporary, a="Two zephyrs.")
    assert kept(library) == [f"{owner_of('ann')}/{n}.txt" for n in ("a (2)", "a")]


# Stopping


def many(temporary: Temporary, count: int) -> list[tuple[str, Path]]:
    return [(f"{n}.txt", temporary(f"Wind {n}\n\nA zephyr blew {n} days.")) for n in range(count)]


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4, 5])
def test_stopped_in_the_middle(
    library: Library, temporary: Temporary, monkeypatch: pytest.MonkeyPatch, news: Path, steps: int
) -> None:
    """What is in stays in and is whole, of the rest nothing is on the disk, and it can go on."""
    monkeypatch.setattr("qa.adding._FILES", 4)
    monkeypatch.setattr(syncing, "BATCH", 2)
    ann, files = library.seen_by("ann"), many(temporary, 10)
    adding = ann.add(files)
    for _ in range(steps):
        next(adding)
    adding.close()
    there = kept(library)
    assert len(there) < 10
    assert {item.file for item in ann.list("zephyr")[0] or ann.list()[0] if item.own} == {
        place.split("/")[1] for place in there
    }
    assert ann.counts() == library.index.store.counts()
    assert library.index.store.complaints() == []
    assert ann.counts()[0] == 3 + len(there)
    assert put_all(ann, files).added == 10 - len(there)
    assert open_library(news, library.index.folder).seen_by("ann").counts()[0] == 13


def test_a_file_is_in_whole_or_not_at_all(
    library: Library, temporary: Temporary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped inside a file of many articles, none of them stays."""
    monkeypatch.setattr(syncing, "BATCH", 2)
    rows = lines(*({"id": str(n), "text": f"A zephyr blew {n} days."} for n in range(200)))
    ann = library.seen_by("ann")
    adding = ann.add([("rows.jsonl", temporary(rows))])
    steps = [next(adding) for _ in range(3)]
    assert 0 < steps[-1].done < steps[-1].total
    adding.close()
    assert kept(library) == []
    assert ann.counts()[0] == 3
    assert ann.answer(QUESTION).text != "88"
    assert not any("rows.jsonl" in name for name in library.index.store.files())


def test_an_error_in_the_middle_keeps_nothing_of_the_rest(
    library: Library, temporary: Temporary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reaches who added, and the index goes on."""
    encode = library.index.encoder.encode
    ann = library.seen_by("ann")

    def broken(*args: object, **more: object) -> object:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(library.index.encoder, "encode", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        put(ann, temporary, a="One zephyr.")
    assert kept(library) == []
    monkeypatch.setattr(library.index.encoder, "encode", encode)
    assert put(ann, temporary, a="One zephyr.").added == 1


def test_progress_only_grows(library: Library, temporary: Temporary) -> None:
    """Bytes, articles and problems; the last step tells all."""
    files = [*many(temporary, 40), ("bad.txt", temporary(b"\0\xff"))]
    steps = list(library.seen_by("ann").add(files))
    assert [s.done for s in steps] == sorted(s.done for s in steps)
    assert steps[0].done == 0
    assert steps[-1].done == steps[-1].total == sum(f.stat().st_size for _, f in files)
    assert (steps[-1].added, len(steps[-1].problems)) == (40, 1)
    assert steps[-1].said == "41 of 41 files, 40 articles"
    assert not any(t.name == "adding" for t in threading.enumerate())
    assert [f.name for f in fields(Step)] == ["done", "total", "said", "added", "problems"]


# Together


def test_two_add_at_the_same_time(library: Library, temporary: Temporary) -> None:
    """Each gets all of their own, and nothing of the other's."""
    errors: list[BaseException] = []

    def work(user: str) -> None:
        try:
            done = put_all(library.seen_by(user), many(temporary, 20))
            assert (done.added, done.problems) == (20, ())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(user,)) for user in ("ann", "bob", "")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert library.seen_by("ann").counts()[0] == 3 + 40
    assert library.seen_by("").counts()[0] == 3 + 20


def test_waits_for_another_process(library: Library, temporary: Temporary) -> None:
    """What is added while another process is indexing goes in when that is done."""
    lock = filelock.FileLock(library.index.folder / "indexing.lock", thread_local=False)
    lock.acquire()
    timer = threading.Timer(0.3, lambda: lock.release(force=True))
    adding = library.seen_by("ann").add([("plan.md", temporary(SECRET))])
    next(adding)
    began = time.monotonic()
    timer.start()
    *_, last = adding
    timer.join()
    assert last.added == 1
    assert time.monotonic() - began > 0.2


def test_another_process_never_ends(
    library: Library, temporary: Temporary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, and the file is not kept; what was removed meanwhile is gone at the next start."""
    ann = library.seen_by("ann")
    put(ann, temporary, a="One zephyr.")
    monkeypatch.setattr(index_module, "_PATIENCE", 0.05)
    with filelock.FileLock(library.index.folder / "indexing.lock"):
        with pytest.raises(QuothError, match="another process has been indexing"):
            put(ann, temporary, b="Two zephyrs.")
        assert kept(library) == [f"{owner_of('ann')}/a.txt"]
        with pytest.raises(QuothError, match="another process has been indexing"):
            ann.remove(f"{owner_of('ann')}/a.txt")
        assert kept(library) == []
    again = open_library(library.session.corpus or Path(), library.index.folder)
    assert again.seen_by("ann").counts()[0] == 3


# Starting


def test_what_was_left_by_a_crash_is_taken_in(library: Library, news: Path) -> None:
    """A file that is there and not in the index is in it at the next start, as its owner's."""
    place = library.uploads.of(owner_of("ann"))
    place.mkdir(parents=True)
    (place / "left.md").write_text(SECRET)
    (place / "junk.txt").write_bytes(b"\0")
    (place / ".incoming-now.txt").write_text("Half a zep")
    (place / ".incoming-old.txt").write_text("Half a zep")
    os.utime(place / ".incoming-old.txt", (1, 1))
    again = open_library(news, library.index.folder)
    ann = again.seen_by("ann")
    assert [item.file for item in ann.list()[0] if item.own] == ["left.md"]
    assert again.seen_by("bob").counts()[0] == 3
    assert [Path(p.path).name for p in again.problems] == ["junk.txt"]
    assert [p.name for p in sorted(place.iterdir())] == [".incoming-now.txt", "junk.txt", "left.md"]
    assert ann.remove(f"{owner_of('ann')}/left.md").articles == 1


@pytest.mark.parametrize("left", ["another", "folder", "junk", "nothing"])
def test_what_vanished_is_forgotten(
    library: Library, temporary: Temporary, news: Path, left: str
) -> None:
    """Whether files, an empty folder, junk or nothing is left of the uploads."""
    ann = library.seen_by("ann")
    put_all(ann, [("plan.md", temporary(SECRET))])
    place = library.uploads.of(owner_of("ann"))
    (place / "plan.md").unlink()
    if left == "another":
        (place / "b.txt").write_text("Another zephyr.")
    elif left == "junk":
        (place / "b.txt").write_bytes(b"\0")
    elif left == "nothing":
        place.rmdir()
        library.uploads.folder.rmdir()
    again = open_library(news, library.index.folder)
    assert again.seen_by("ann").article(f"{owner_of('ann')}/plan.md") is None
    assert again.index.store.counts()[0] == 3 + (left == "another")
    assert again.seen_by("ann").article("storm.txt")


def test_a_start_leaves_all_as_it_is(library: Library, temporary: Temporary, news: Path) -> None:
    """Nothing is encoded again, ids stay."""
    put_all(library.seen_by("ann"), [("plan.md", temporary(SECRET))])
    again = open_library(news, library.index.folder)
    assert again.seen_by("ann").list() == library.seen_by("ann").list()
    encoder = again.index.encoder
    assert isinstance(encoder, FakeEncoder)
    assert encoder.encoded == []


@pytest.mark.parametrize("where", ["news", "."])
def test_uploads_must_not_hold_the_corpus(news: Path, tmp_path: Path, where: str) -> None:
    """What people may remove is never the user's own articles."""
    with pytest.raises(CorpusError, match="holds the corpus"):
        open_library(news, tmp_path / "index", uploads=tmp_path / where)


# Removing


def test_a_file_goes_with_all_its_articles(library: Library, temporary: Temporary) -> None:
    """And with nothing else; the person is told how many."""
    ann = library.seen_by("ann")
    rows = lines(*({"id": n, "text": f"A zephyr blew {n + 1} days."} for n in range(5)))
    put_all(ann, [("rows.jsonl", temporary(rows)), ("rows.txt", temporary("Rows of zephyrs."))])
    place = f"{owner_of('ann')}/rows.jsonl#3"
    (item,) = (item for item in ann.list()[0] if item.id == place)
    assert (item.beside, item.file) == (4, "rows.jsonl")
    assert ann.remove(place) == Removed("rows.jsonl", 5)
    assert kept(library) == [f"{owner_of('ann')}/rows.txt"]
    assert ann.counts()[0] == 4
    assert {found.article.id for found in ann.retrieve("zephyr blew days", 50)} == {
        *NEWS, f"{owner_of('ann')}/rows.txt"
    }  # fmt: skip
    with pytest.raises(CorpusError, match="not an article that you added"):
        ann.remove(place)


def test_the_corpus_is_never_removed(library: Library, news: Path) -> None:
    """Not by its place, for whoever asks."""
    for user in ("", "ann"):
        for place in NEWS:
            with pytest.raises(CorpusError, match="not an article that you added"):
                library.seen_by(user).remove(place)
    assert {p.name for p in news.iterdir()} == set(NEWS)
    assert library.index.store.counts()[0] == 3


def test_removing_follows_no_links(library: Library, news: Path, tmp_path: Path) -> None:
    """Of a linked file the link goes; a folder that is a link is left alone, in and out."""
    place = library.uploads.of(owner_of("ann"))
    place.mkdir(parents=True)
    (place / "link.txt").symlink_to(news / "storm.txt")
    library = open_library(news, library.index.folder)
    ann = library.seen_by("ann")
    assert ann.remove(f"{owner_of('ann')}/link.txt").articles == 1
    assert (news / "storm.txt").exists()
    assert ann.article("storm.txt")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.txt").write_text("A zephyr.")
    for user, folder in (("bob", "."), ("ann", "sub")):
        link = library.uploads.of(owner_of(user)) / folder
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(CorpusError, match="left alone"):
            library.uploads.remove(owner_of(user), link / "a.txt")
    assert (tmp_path / "elsewhere" / "a.txt").exists()
    with pytest.raises(CorpusError, match="is a link"):
        list(library.seen_by("bob").add([("b.txt", news / "storm.txt")]))
    assert open_library(news, library.index.folder).index.store.counts()[0] == 3


@pytest.mark.parametrize("path", ["storm.txt", "../storm.txt", "", ".", "..", "/", "../../../x"])
def test_nothing_outside_the_owners_folder_is_removed(
    library: Library, news: Path, path: str
) -> None:
    """Whatever path the index might have."""
    folder = library.uploads.of(owner_of("ann"))
    folder.mkdir(parents=True)
    (folder.parent / "storm.txt").write_text("Another's.")
    for place in (news / path, folder / path):
        if place == folder / "storm.txt":
            continue
        with pytest.raises(CorpusError, match="left alone"):
            library.uploads.remove(owner_of("ann"), str(place))
    assert (folder.parent / "storm.txt").exists()
    assert (news / "storm.txt").exists()


def test_what_cannot_be_removed_is_one_line(library: Library, news: Path) -> None:
    """And it stays in the index, as it does on the disk."""
    place = library.uploads.of(owner_of("ann")) / "a.txt"
    place.parent.mkdir(parents=True)
    place.write_text("A zephyr.")
    ann = open_library(news, library.index.folder).seen_by("ann")
    place.unlink()
    place.mkdir()
    with pytest.raises(CorpusError, match=r"a\.txt: cannot be removed \(.+\); see to the disk"):
        ann.remove(f"{owner_of('ann')}/a.txt")
    assert ann.article(f"{owner_of('ann')}/a.txt")


def test_read_only(library: Library, temporary: Temporary, news: Path) -> None:
    """Nothing is added, removed or taken in; all is seen."""
    put_all(library.seen_by("ann"), [("plan.md", temporary(SECRET))])
    (library.uploads.of(owner_of("ann")) / "more.txt").write_text("More zephyrs.")
    reader = open_library(news, library.index.folder, read_only=True)
    ann = reader.seen_by("ann")
    assert reader.read_only
    with pytest.raises(CorpusError, match="read-only here"):
        ann.add([("b.txt", temporary("B zephyr."))])
    with pytest.raises(CorpusError, match="read-only here"):
        ann.remove(f"{owner_of('ann')}/plan.md")
    assert ann.counts()[0] == 4
    assert ann.answer(QUESTION).text == "88"


def test_an_index_that_cannot_be_written_is_read_only(
    library: Library, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts, and says so to who would add."""
    monkeypatch.setattr("qa.library.os.access", lambda *_: False)
    reader = open_library(news, library.index.folder)
    assert reader.read_only
    assert reader.seen_by("ann").counts()[0] == 3


# All together


USERS = ("ann", "bob", "")
ACTIONS = st.lists(
    st.tuples(st.sampled_from(USERS), st.sampled_from(["add", "remove", "start"]), st.integers(0, 3)),
    max_size=12,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(ACTIONS)
def test_every_shelf_is_what_is_shared_and_its_own(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str, int]]
) -> None:
    """After any additions and removals by three people, in every way of looking."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "news").mkdir()
    for name, text in NEWS.items():
        (folder / "news" / name).write_text(text)
    library = open_library(folder / "news", folder / "index")
    own: dict[str, set[str]] = {user: set() for user in USERS}
    for user, action, number in actions:
        shelf, name = library.seen_by(user), f"{number}.txt"
        place = f"{owner_of(user)}/{name}"
        if action == "start":
            library = open_library(folder / "news", folder / "index")
        elif action == "add":
            (folder / "given").write_text(f"Zephyr {number} of {user or 'all'}\n\nIt blew.")
            done = put_all(shelf, [(name, folder / "given")])
            assert done.added == (place not in own[user])
            own[user].add(place)
        elif place in own[user]:
            assert shelf.remove(place) == Removed(name, 1)
            own[user].remove(place)
        else:
            with pytest.raises(CorpusError):
                shelf.remove(place)
        for who in USERS:
            seen = {*NEWS, *own[who], *own[""]}
            shelf = library.seen_by(who)
            listed, total = shelf.list(limit=1000)
            assert {item.id for item in listed} == seen
            assert total == len(seen) == shelf.counts()[0] == sum(n for _, n in shelf.by_month())
            assert {item.id for item in listed if item.own} == own[who]
            found = library.session.retrieve("zephyr blew", 100, shelf.where())
            assert {item.article.id for item in found} == seen
            everything = set().union(*own.values(), NEWS)
            assert {each for each in everything if shelf.article(each)} == seen
    assert kept(library) == sorted(set().union(*own.values()))
