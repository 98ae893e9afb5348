"""Answers in notebooks: all of it there, all of it escaped."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given

from qa import Answer, Citation, Claim, Quoth, RankedPassage, Source
from qa.notebook import render
from tests.fakes import FakeEncoder, FakeReader
from tests.test_conversations_kept import ANSWER

OWNER = "Who owns the bakery in Mill Lane?"
HOSTILE = "<script>alert(1)</script><img src=x onerror='alert(2)'>\"&amp; $x$ \x00\ud83d"


class Page(HTMLParser):
    """The elements of a piece of HTML, its text, and that all is closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marked: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.elements.append((tag, dict(attrs)))
        if tag == "mark":
            self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self.open:
            self.marked[-1] += data


@pytest.fixture
def quoth(news: Path) -> Quoth:
    return Quoth(news, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": 9.0}))


def citation(text: str = "Ada Birch", source: Source | None = None, number: int = 1) -> Citation:
    quote = f"It was {text}."
    article = source or Source("a.txt", "Title", "The Post", published="2024-05-01")
    return Citation(number, article, quote, 100, 100 + len(quote), 107, 107 + len(text))


def test_an_answer(quoth: Quoth) -> None:
    """Its words, its quote with these marked, its source; nothing is loaded or run."""
    page = Page(quoth.answer(OWNER)._repr_html_())
    assert OWNER in page.text
    assert "“Its owner, Tom Ferrow, bakes 300 loaves a day.”" in page.text
    assert "[1] bakery.txt — Bakery opens in Harlow" in page.text
    assert page.marked == ["Tom Ferrow"]
    assert {tag for tag, _ in page.elements} <= {"div", "p", "blockquote", "mark"}


def test_nothing_found(quoth: Quoth) -> None:
    """It is said, with the reason and the closest passages, three at most."""
    answer = quoth.answer("Who painted the ceiling of the town hall?")
    answer = replace(answer, status="not_found", text=None, citations=(), reason="Nothing says so.")
    page = Page(render(answer))
    assert "Not found" in page.text
    assert "Nothing says so." in page.text
    assert "storm.txt — Storm over the coast" in page.text
    long = RankedPassage(1, 1.0, Source("a", "T"), "word " * 500, 0, 2500)
    assert len(Page(render(replace(answer, passages=(long,) * 9))).text) < 1500


def test_who_when_and_what_others_say() -> None:
    """Dates, copies, disagreements and other items each with their own quotes."""
    copied = replace(citation(number=2), copy_of=1)
    other = Claim("Tom Ferrow", 0.3, (citation("Tom Ferrow", number=3),), changing=True)
    answer = Answer(
        "Who was it?", "answered", "Ada Birch", 0.42, (citation(), copied),
        disagreements=(other,), resolved_question="Who was the mayor?",
    )  # fmt: skip
    page = Page(render(answer))
    assert page.marked == ["Ada Birch", "Ada Birch", "Tom Ferrow"]
    for part in (
        "The Post, 2024-05-01 — Title", "repeats [1]", "But also: Tom Ferrow (1 article; as of another date",
        "Understood as “Who was the mayor?”", "confidence 42%",
    ):  # fmt: skip
        assert part in page.text
    item = Claim("Tom", 0.3, (citation("Tom", number=2),))
    listed = replace(answer, disagreements=(), items=(item,), citations=(citation(),))
    assert "Tom" in Page(render(replace(listed, form="list"))).text
    assert "without a verdict" in Page(render(replace(listed, form="evidence"))).text
    assert "Ada Birch" in Page(render(replace(listed, form="sentences"))).text


def test_it_can_be_read_on_light_and_on_dark(quoth: Quoth) -> None:
    """No colour of its own for text, and no opaque one behind it."""
    for tag, attributes in Page(render(quoth.answer(OWNER))).elements:
        style = dict(
            part.split(":", 1) for part in (attributes.get("style") or "").split(";") if part
        )
        assert style.get("color", "inherit") == "inherit", tag
        assert style.get("background", "none") == "none" or ",.35)" in style["background"], tag


def test_hostile_text_is_only_text() -> None:
    """In every place where text of articles and people is shown."""
    source = Source(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    one = citation(HOSTILE, source)
    claim = Claim(HOSTILE, 0.5, (one,))
    passage = RankedPassage(1, 1.0, source, HOSTILE, 0, 9)
    found = Answer(
        HOSTILE, "answered", HOSTILE, 0.5, (one,), (passage,), "other " + HOSTILE,
        disagreements=(claim,), items=(claim,), form="list",
    )  # fmt: skip
    for answer in (found, replace(found, status="not_found", reason=HOSTILE)):
        shown = render(answer)
        page = Page(shown)
        assert {tag for tag, _ in page.elements} <= {"div", "p", "blockquote", "mark", "strong"}
        assert {name for _, attributes in page.elements for name in attributes} <= {
            "style",
            "class",
            "dir",
        }
        assert "<script>alert(1)</script>" in page.text
        assert "\x00" not in shown
        shown.encode("utf-8")


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://example.org/a?b=1&c='\"><script>", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        (" https://example.org", False),
        ("data:text/html,x", False),
    ],
)
def test_only_addresses_of_the_web_are_links(address: str, linked: bool) -> None:
    """What could run is not linked, and what is linked stays inside its quotes."""
    answer = Answer("Q", "answered", "A", 0.5, (citation(source=Source("a", "T", source=address)),))
    links = [attributes for tag, attributes in Page(render(answer)).elements if tag == "a"]
    assert [link["href"] for link in links] == ([address] if linked else [])
    assert all(set(link) == {"href", "rel", "target", "style"} for link in links)


@given(ANSWER)
def test_any_answer_can_be_shown(answer: Answer) -> None:
    """Whatever stands in it: well-formed, and it can be stored as UTF-8."""
    shown = render(answer)
    shown.encode("utf-8")
    Page(shown)
