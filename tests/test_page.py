"""The page in a real browser: ask, read the answer, open its source."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Article
from qa.library import Library, Listed
from qa.page.answers import Turn, conversation
from qa.page.articles import article_list, article_page, table, timeline
from qa.page.desk import opened
from qa.page.markup import escape, readable_date
from qa.result import Answer, Citation, Claim, RankedPassage, Source, Weighed
from tests.fakes import FakeEncoder, FakeReader

ROOT = Path(__file__).parent.parent
EVIL = "<img src=x onerror=document.title='owned'>"


def test_no_text_becomes_markup() -> None:
    """Markup and template marks in titles and texts come out as text."""
    page = article_page(
        Article(
            EVIL, EVIL, f"{EVIL} ${{x}} {{{{y}}}}", publisher=EVIL, source="javascript:alert(1)"
        )
    )
    assert "<img" not in page
    assert "${" not in page
    assert "{{" not in page
    assert "<a " not in page


def test_no_answer_becomes_markup() -> None:
    """The same for questions, answers, quotes, the list and the table, in text and in attributes."""
    evil = f'{EVIL}" onclick="x'
    source = Source(evil, evil, evil, evil)
    citation = Citation(1, source, evil, 0, len(evil), 0, 5)
    passage = RankedPassage(1, 0.5, source, evil, 0, len(evil))
    full = Answer(
        evil, "answered", evil, 0.5, (citation,), resolved_question=evil + "?",
        disagreements=(Claim(evil, 0.2, (citation,)),), form="list", items=(Claim(evil, 0.2, (citation,)),),
        weighed=(Weighed(evil, source, 0, 9, 1, 0.1, 0.1, 0.1, 0.1),),
    )  # fmt: skip
    turns = [
        Turn(evil, Answer(evil, "answered", evil, 0.5, (citation,), (passage,))),
        Turn(evil, full, said="bad"),
        Turn(
            evil, Answer(evil, "not_found", None, 0.1, (), (passage,), reason=evil), said="thanks"
        ),
        Turn(evil, done=evil),
    ]
    listed = Listed(evil, evil, evil, evil, "2024", evil, True, evil, 3)
    shown = (
        conversation(turns, 3) + article_list([listed], 1)
        + table([listed], 0, 1, True) + timeline([("2024", 1)])
    )  # fmt: skip
    assert "<img" not in shown
    assert '" onclick' not in shown
    assert "&lt;img" in shown


def test_only_true_quotes_are_highlighted(tmp_path: Path) -> None:
    """If the article has changed since, it is shown with a note instead of wrong marks; quotes
    have a way to the next one; what is not there is not opened."""
    from qa import Quoth

    corpus = tmp_path / "news"
    corpus.mkdir()
    (corpus / "a.txt").write_text("The bakery is owned by Tom Ferrow. It opened in 1990.")
    (corpus / "b.txt").write_text("The bakery of Harlow is owned by Tom Ferrow, who bakes.")
    session = Quoth(corpus, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": 9.0}))
    shelf = Library(session).seen_by("")
    turns = [Turn("Who owns the bakery?", session.answer("Who owns the bakery?"))]
    first = opened(shelf, turns, "citation:0:0") or ""
    assert '<mark class="span">Tom Ferrow</mark>' in first
    assert "Quote 1 of 2" in first
    assert 'data-open="citation:0:1"' in first
    assert "<mark" in (opened(shelf, turns, "passage:0:0") or "")
    for name in ("a.txt", "b.txt"):
        (corpus / name).write_text("Now " + (corpus / name).read_text())
    session.sync()
    changed = opened(shelf, turns, "citation:0:0") or ""
    assert "<mark" not in changed
    assert "has changed" in changed
    (corpus / "a.txt").unlink()
    session.sync()
    gone = [opened(shelf, turns, f"citation:0:{number}") or "" for number in (0, 1)]
    assert sum("no longer among the articles" in page for page in gone) == 1
    assert opened(shelf, turns, "list")
    assert opened(shelf, turns, "article:b.txt")
    for target in (
        "", "citation:0:9", "citation:9:0", "citation:-1:0", "passage:0", "passage:x:y", "article:../x",
        "citation:²:0", "other:0:0",
    ):  # fmt: skip
        assert opened(shelf, turns, target) is None


def test_what_is_done_is_told(tmp_path: Path) -> None:
    """Before the answer stands what is looked through, then which articles are read."""
    from qa import Quoth
    from qa.conversations import Conversations
    from qa.feedback import Feedback
    from qa.page.ask_tab import _Asking
    from qa.page.desk import Desk

    corpus = tmp_path / "news"
    corpus.mkdir()
    (corpus / "a.md").write_text(
        "---\npublisher: The Post\n---\nThe bakery is owned by Tom Ferrow, who bakes bread."
    )
    session = Quoth(corpus, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": 9.0}))
    desk = Desk(session, Library(session), Conversations(tmp_path), Feedback(tmp_path))
    ask = _Asking(desk).ask
    turns: list[Turn] = []
    visitor: Any = SimpleNamespace(headers={})
    steps = [step[0] for step in ask("Who owns the bakery?", turns, [], "", "", visitor)]
    assert "Looking through 1 article" in steps[0]
    assert "Reading 1 passage: The Post" in steps[1]
    assert "Tom Ferrow" in steps[2]
    assert [turn.question for turn in turns] == ["Who owns the bakery?"]
    with pytest.warns(UserWarning, match="at most 10,000"):  # how Gradio tells nobody
        long = list(ask("x" * 10_001, turns, [], "", "", visitor))
    assert len(turns) == 1
    assert long[-1][2] == "x" * 10_001  # what was typed stays in the box


def test_what_is_deleted_does_not_come_back(tmp_path: Path) -> None:
    """Of a conversation that is deleted while a question is at work only that question is left, on
    the page and for the next visit; no suggestions from the old one; and a question that fails, however
    it does, is in the box again."""
    from qa import Quoth
    from qa.conversations import Conversations
    from qa.feedback import Feedback
    from qa.page.ask_tab import _Asking
    from qa.page.desk import Desk, key_of
    from qa.serving.people import VISITOR_HEADER

    corpus = tmp_path / "news"
    corpus.mkdir()
    (corpus / "a.txt").write_text("The bakery is owned by Tom Ferrow. It was opened by Ada Birch.")
    reader = FakeReader({"Tom Ferrow": 9.0})
    session = Quoth(corpus, encoder=FakeEncoder(), reader=reader)
    desk = Desk(session, Library(session), Conversations(tmp_path), Feedback(tmp_path))
    does, turns = _Asking(desk), list[Turn]()
    visitor: Any = SimpleNamespace(headers={VISITOR_HEADER: "a" * 64})
    list(does.ask("Who owns the bakery?", turns, [], "", "", visitor))
    under_way = does.ask("Who bakes in Harlow?", turns, [], "", "", visitor)
    next(under_way)
    state = does.forget(turns, visitor)[1]
    last = list(under_way)[-1]
    assert last[1] is state
    assert [turn.question for turn in state] == ["Who bakes in Harlow?"]
    kept = desk.conversations.turns(key_of(visitor))
    assert [question for question, _ in kept] == ["Who bakes in Harlow?"]

    class Gone(list[Turn]):
        def __getitem__(self, at: Any) -> Any:
            found = super().__getitem__(at)
            self.clear()
            return found

    assert does.suggest(Gone(state), [], "", "", visitor) != ""  # left as it is

    session.answer = lambda *_, **__: 1 / 0  # type: ignore[assignment, method-assign]
    with pytest.warns(UserWarning, match="Something went wrong"):
        failed = list(does.ask("Who opened the bakery?", turns, [], "", "", visitor))
    assert failed[-1][2] == "Who opened the bakery?"
    assert len(turns) == 1


def test_a_page_that_is_gone_is_the_last_one(tmp_path: Path) -> None:
    """Where there are fewer articles than before the page that was shown, the last are shown."""
    from qa import Quoth
    from qa.conversations import Conversations
    from qa.feedback import Feedback
    from qa.page.desk import Desk
    from qa.page.shelving import Shelving

    corpus = tmp_path / "news"
    corpus.mkdir()
    for number in range(26):
        (corpus / f"{number}.txt").write_text(f"Wagon {number} of the train is owned by Tom.")
    session = Quoth(corpus, encoder=FakeEncoder(), reader=FakeReader({}))
    desk = Desk(session, Library(session), Conversations(tmp_path), Feedback(tmp_path))
    does, visitor = Shelving(desk), SimpleNamespace(headers={})
    shown, before, after, first, _ = does.find("", None, "", "", 25, visitor)  # type: ignore[arg-type]
    assert ("26 to 26 of 26" in shown, before["interactive"], after["interactive"]) == (True, True, False)  # fmt: skip
    (corpus / "7.txt").unlink()
    session.sync()
    shown, before, after, first, _ = does.find("", None, "", "", 25, visitor)  # type: ignore[arg-type]
    assert "1 to 25 of 25" in shown
    assert (before["interactive"], after["interactive"], first) == (False, False, 0)
    shown, *_, first, _ = does.find("zeppelin", None, "", "", 25, visitor)  # type: ignore[arg-type]
    assert ("No article is like that" in shown, first) == (True, 0)
    shown, *_, first, _ = does.find_anew("wagon", None, "", "", visitor)  # type: ignore[arg-type]
    assert ("1 to 25 of 25" in shown, first) == (True, 0)


def test_adding_ends_whatever_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody expected is told, the button to cancel is gone, and so is the file."""
    from qa import Quoth
    from qa.conversations import Conversations
    from qa.feedback import Feedback
    from qa.library import Shelf
    from qa.page.desk import Desk
    from qa.page.shelving import Shelving

    (tmp_path / "a.txt").write_text("The bakery is owned by Tom Ferrow, who bakes bread.")
    session = Quoth(
        tmp_path / "a.txt", index=tmp_path / "index", encoder=FakeEncoder(), reader=FakeReader({})
    )
    desk = Desk(session, Library(session), Conversations(tmp_path), Feedback(tmp_path))
    monkeypatch.setattr(Shelf, "add", lambda *_: iter(lambda: 1 / 0, None))
    sent = tmp_path / "sent" / "mill.txt"
    sent.parent.mkdir()
    sent.write_text("A mill burned.")
    visitor: Any = SimpleNamespace(headers={})
    done, wrong, stop = list(Shelving(desk).add([str(sent)], visitor))[-1]
    assert "0 articles added" in done
    assert "Something went wrong" in wrong
    assert not stop["visible"]
    assert not sent.exists()


def test_a_file_may_be_as_large_as_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--upload-mb is what the library takes, not only what the server lets through."""
    import app
    from qa import Quoth

    (tmp_path / "a.txt").write_text("The bakery is owned by Tom Ferrow, who bakes bread.")
    session = Quoth(
        tmp_path / "a.txt", index=tmp_path / "index", encoder=FakeEncoder(), reader=FakeReader({})
    )
    served: list[Any] = []
    monkeypatch.setattr(app, "open_session", lambda **_: session)
    monkeypatch.setattr(app, "serve", lambda page, options, **_: served.append(page))

    async def start() -> None:  # in a loop: Gradio leaves one open where there is none
        app.main.main(["--upload-mb", "50"], standalone_mode=False)

    asyncio.run(start())
    (add, *_) = [fn.fn for fn in served[0].fns.values() if getattr(fn.fn, "__name__", "") == "add"]
    assert add.__self__._desk.library.uploads.limits.file == 50_000_000


def test_a_timeline_shows_gaps() -> None:
    """All bars are of one unit, from months to hundreds of years; empty ones are there, too."""

    def bars(*months: str) -> list[str]:
        return re.findall('data-open="when:(.*?)"', timeline([(month, 1) for month in months]))

    years = timeline([("2019-05", 2), ("2021", 1), ("2024-01-02", 4), ("", 3)])
    assert re.findall('when:(.*?)"', years) == [str(year) for year in range(2019, 2025)]
    assert 'aria-label="2020: 0 articles" title="2020: 0 articles" disabled' in years
    assert "3 articles without a date" in years
    assert bars("2024-11", "2025-02") == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert bars("2024", "2026-02") == ["2024", "2025", "2026"]
    assert bars("1915", "2026")[:2] == ["1910:1919", "1920:1929"]
    assert bars("0050", "2026")[0] == "0001:0099"
    assert timeline([("", 3)]) == ""


@given(st.text(max_size=80), st.data())
def test_highlights_keep_every_letter(text: str, data: st.DataObject) -> None:
    """With the tags taken out, an article on the page is the article."""
    from html import unescape

    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    page = article_page(Article("a", "T", text), (start, end), (start, end))
    body = page.split('<div class="body">')[1].split("</div>")[0]
    shown = "\n\n".join(
        unescape(re.sub("<[^>]*>", "", p))
        for p in body.removeprefix("<p>").removesuffix("</p>").split("</p><p>")
    )
    assert shown == unescape(escape(text))
    marked = "".join(
        unescape(m) for m in re.findall(r'<mark class="span">(.*?)</mark>', body, re.DOTALL)
    )
    assert marked.replace("\n", "") == unescape(escape(text[start:end])).replace("\n", "")


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2026-02-26", "26 February 2026"),
        ("2026-02", "February 2026"),
        ("2026", "2026"),
        (None, ""),
    ],
)
def test_dates_for_people(iso: str | None, shown: str) -> None:
    """As much of the date as is known."""
    assert readable_date(iso) == shown
