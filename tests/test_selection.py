"""Asking only some of the articles: by publisher, date and id."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.errors import CorpusError
from embeddings.selection import Selection
from qa import Quoth, answer
from qa.cli import main
from tests.fakes import FakeEncoder, FakeReader

ARTICLES = {
    "a.md": ("The Post", "2024-05-03", "On that day 11 cars crossed the bridge."),
    "b.md": ("The Echo", "2024", "In that year 22 cars crossed the bridge."),
    "c.md": ("The Echo", "2025-01", "In that month 33 cars crossed the bridge."),
    "d.md": (None, None, "Once 44 cars crossed the bridge."),
}
QUESTION = "How many cars crossed the bridge?"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, (publisher, day, text) in ARTICLES.items():
        about = [f"title: {name}"]
        about += [f"publisher: {publisher}"] if publisher else []
        about += [f"published: {day!r}"] if day else []
        (folder / name).write_text("---\n" + "\n".join(about) + f"\n---\n{text}\n")
    return folder


@pytest.fixture
def session(papers: Path) -> Quoth:
    scores = {"11": 9.0, "22": 8.0, "33": 7.0, "44": 9.5}
    return Quoth(papers, encoder=FakeEncoder(), reader=FakeReader(scores))


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (Selection(), "abcd"),
        (Selection(publishers=("the echo",)), "bc"),
        (Selection(publishers=("The Echo", "The Post")), "abc"),
        (Selection(articles=("a.md", "d.md")), "ad"),
        (Selection(since="2024-06"), "bc"),
        (Selection(since="2025"), "c"),
        (Selection(until="2024-05-02"), "b"),
        (Selection(until="2024-05"), "ab"),
        (Selection(since="2024-05-03", until="2024-05-03"), "ab"),
        (Selection(publishers=("The Echo",), until="2024"), "b"),
    ],
)
def test_what_is_selected(session: Quoth, selection: Selection, found: str) -> None:
    """Passages of no other article are retrieved, read or cited; all that fit are retrieved."""
    retrieved = session.retrieve(QUESTION, 8, selection)
    assert {r.article.id for r in retrieved} == {f"{letter}.md" for letter in found}
    answer = session.answer(QUESTION, where=selection)
    assert answer.citations[0].article.id[0] in found
    assert {p.article.id for p in answer.passages} == {f"{letter}.md" for letter in found}


def test_selection_reaches_far_down_the_lists(tmp_path: Path) -> None:
    """The selected article is found behind hundreds that match better."""
    line = "Cars crossed the bridge, cars crossed the bridge, number"
    lines = [json.dumps({"id": f"x{i}", "text": f"{line} {i}."}) for i in range(400)]
    lines.append(
        '{"id": "last", "publisher": "Far", "text": "It was 99 who, by car, came over a bridge."}'
    )
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    session = Quoth(tmp_path / "many.jsonl", encoder=FakeEncoder(), reader=FakeReader({"99": 9.0}))
    only = session.retrieve(QUESTION, 8, Selection(publishers=("Far",)))
    assert [r.article.id for r in only] == ["many.jsonl#last"]
    assert only[0].score > 0.35, "found by its words, too"


def test_nothing_selected_is_one_line(session: Quoth) -> None:
    """The selection is named."""
    with pytest.raises(
        CorpusError, match=r"no article is published by The Sun and from 2030 or later"
    ):
        session.answer(QUESTION, where=Selection(publishers=("The Sun",), since="2030"))


@pytest.mark.parametrize(
    "day", ["", "yesterday", "2024-13", "2024-02-31", "24", "2024-1-1", "20240101"]
)
def test_what_is_no_date(day: str) -> None:
    """Refused with what was expected."""
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        Selection(since=day)


def test_one_name_where_several_are_expected() -> None:
    """A bare string would be searched letter by letter."""
    with pytest.raises(ValueError, match="expected several"):
        Selection(articles="a.md")  # type: ignore[arg-type]


def test_the_options_of_ask(papers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same from the command line; a bad date is wrong usage."""
    monkeypatch.setattr("qa.session.SentenceEncoder", lambda name=None: FakeEncoder())
    monkeypatch.setattr(
        "qa.session.SpanReader", lambda name=None: FakeReader({"11": 9.0, "33": 8.0})
    )

    def ask(*options: str) -> object:
        return CliRunner().invoke(main, ["ask", QUESTION, "--corpus", str(papers), *options])

    assert ask("--publisher", "The Echo", "--since", "2025").stdout.startswith("33\n")
    assert ask("--article", "a.md").stdout.startswith("11\n")
    assert ask("--until", "soon").exit_code == 2
    nothing = ask("--publisher", "The Sun")
    assert (nothing.exit_code, nothing.stderr.count("\n")) == (1, 1)


def test_the_function_takes_a_selection_too(papers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``answer(…, where=…)``, with the session that is kept."""
    monkeypatch.setattr("qa.session.SentenceEncoder", lambda name=None: FakeEncoder())
    monkeypatch.setattr(
        "qa.session.SpanReader", lambda name=None: FakeReader({"11": 9.0, "33": 8.0})
    )
    assert answer(QUESTION, papers).text == "11"
    assert answer(QUESTION, papers, where=Selection(since="2025")).text == "33"


@pytest.mark.parametrize(
    ("hidden", "shown", "found"),
    [
        ((), (), "abcd"),
        (("/nowhere",), (), "abcd"),
        (("PAPERS",), (), ""),
        (("PAPERS/",), (), ""),
        (("PAPER",), (), "abcd"),
        (("PAPERS",), ("PAPERS/sub",), "d"),
        (("PAPERS/sub",), (), "abc"),
        (("PAPERS", "/nowhere"), ("PAPERS/sub", "/nowhere/in"), "d"),
        (("/nowhere",), ("PAPERS/sub",), "abcd"),
    ],
)
def test_hidden_folders(
    papers: Path, hidden: tuple[str, ...], shown: tuple[str, ...], found: str
) -> None:
    """Their articles are not retrieved, but for those of folders shown in them."""
    (papers / "sub").mkdir()
    (papers / "d.md").rename(papers / "sub" / "d.md")
    session = Quoth(papers, encoder=FakeEncoder(), reader=FakeReader({}))
    place = papers.resolve().as_posix()
    folders = [
        tuple(name.replace("PAPERS", place).replace("PAPER", place[:-1]) for name in names)
        for names in (hidden, shown)
    ]
    selection = Selection(hidden=folders[0], shown=folders[1])
    for path in papers.rglob("*.md"):
        assert selection.sees(path.resolve().as_posix()) == (path.stem in found)
    if found:
        retrieved = session.retrieve(QUESTION, 8, selection)
        assert "".join(sorted({Path(r.article.id).stem for r in retrieved})) == found
        return
    with pytest.raises(CorpusError, match=r"^there is no article yet that you can see; add some$"):
        session.retrieve(QUESTION, 8, selection)


def test_what_is_hidden_is_another_selection() -> None:
    """Answers are kept by it; nothing that is shown of it tells of folders."""
    plain, hidden = Selection(since="2024"), Selection(since="2024", hidden=("/secret",))
    shown = Selection(since="2024", hidden=("/secret",), shown=("/secret/own",))
    assert len({plain, hidden, shown}) == 3
    assert str(plain) == str(hidden) == str(shown) == "from 2024 or later"
    assert not Selection()
    assert not Selection(shown=("/secret/own",))
    assert Selection(hidden=["/secret"])  # type: ignore[arg-type]
    assert Selection().sees(None)
    assert hidden.sees(None)
    assert not hidden.sees("/secret/a.txt")
    assert hidden.sees("/secrets/a.txt")
    with pytest.raises(ValueError, match="expected several"):
        Selection(hidden="/secret")  # type: ignore[arg-type]


def test_an_article_without_a_file_is_never_hidden(session: Quoth) -> None:
    """It came from nobody's folder."""
    with session.index.store.writing() as db:
        db.execute("UPDATE articles SET path = NULL WHERE id = 'a.md'")
    retrieved = session.retrieve(QUESTION, 8, Selection(hidden=("/",)))
    assert [r.article.id for r in retrieved] == ["a.md"]
