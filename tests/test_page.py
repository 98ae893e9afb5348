"""The page in a real browser: ask, read the answer, open its source."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect, sync_playwright

from corpus import Article
from qa.page.html import article_page, escape, readable_date
from tests.fakes import FakeEncoder

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
    """The same for questions, answers, quotes and the list, in text and in attributes."""
    from qa.page.html import article_list, conversation
    from qa.result import Answer, Citation, Claim, RankedPassage, Source, Weighed

    evil = f'{EVIL}" onclick="x'
    source = Source(evil, evil, evil, evil)
    citation = Citation(1, source, evil, 0, len(evil), 0, 5)
    passage = RankedPassage(1, 0.5, source, evil, 0, len(evil))
    shown = conversation(
        [
            (evil, Answer(evil, "answered", evil, 0.5, (citation,), (passage,))),
            (
                evil,
                Answer(
                    evil,
                    "answered",
                    evil,
                    0.5,
                    (citation,),
                    resolved_question=evil + "?",
                    disagreements=(Claim(evil, 0.2, (citation,)),),
                    form="list",
                    items=(Claim(evil, 0.2, (citation,)),),
                    weighed=(Weighed(evil, source, 0, 9, 1, 0.1, 0.1, 0.1, 0.1),),
                ),
            ),
            (evil, Answer(evil, "not_found", None, 0.1, (), (passage,), reason=evil)),
            (evil, None),
        ],
        3,
    ) + article_list([Article(evil, evil, evil, publisher=evil)], 1)
    assert "<img" not in shown
    assert '" onclick' not in shown
    assert "&lt;img" in shown


def test_only_true_quotes_are_highlighted(tmp_path: Path) -> None:
    """If the article has changed since, it is shown with a note instead of wrong marks."""
    from app import _opened
    from qa import Quoth
    from tests.fakes import FakeReader

    corpus = tmp_path / "news"
    corpus.mkdir()
    (corpus / "a.txt").write_text("The bakery is owned by Tom Ferrow. It opened in 1990.")
    session = Quoth(corpus, encoder=FakeEncoder(), reader=FakeReader({"Tom Ferrow": 9.0}))
    turns = [("Who owns the bakery?", session.answer("Who owns the bakery?"))]
    assert '<mark class="span">Tom Ferrow</mark>' in (_opened(session, turns, "citation:0:0") or "")
    assert "<mark" in (_opened(session, turns, "passage:0:0") or "")
    (corpus / "a.txt").write_text("Now the bakery is owned by Tom Ferrow. It opened in 1990.")
    session.sync()
    changed = _opened(session, turns, "citation:0:0") or ""
    assert "<mark" not in changed
    assert "has changed" in changed
    for target in ("", "list", "article:a.txt"):
        assert (_opened(session, turns, target) is None) == (target == "")
    for target in (
        "citation:0:9",
        "citation:9:0",
        "citation:-1:0",
        "passage:0",
        "passage:x:y",
        "article:../x",
        "citation:²:0",
    ):
        assert _opened(session, turns, target) is None


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


@contextmanager
def serving(home: Path, *args: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), *args]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"QUOTH_HOME": str(home)}) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                assert server.poll() is None, "the server has stopped"
                try:
                    urlopen(address, timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def bundled_page(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("page")) as address:
        yield address


@contextmanager
def browsing(chromium: str, address: str, **options: object) -> Iterator[tuple[Page, list[str]]]:
    """A page in which no request for another host gets out; they are listed."""
    outside: list[str] = []
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    with (
        sync_playwright() as play,
        play.chromium.launch(executable_path=chromium, args=quiet) as browser,
    ):
        page = browser.new_page(**options)  # type: ignore[arg-type]
        page.set_default_timeout(60_000)

        def gate(route, request) -> None:  # type: ignore[no-untyped-def]
            if request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                outside.append(request.url)
                route.abort()

        page.route("**/*", gate)
        page.goto(address)
        page.wait_for_selector("#question textarea")
        yield page, outside


def ask(page: Page, question: str) -> None:
    turns = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator(".turn .answer")).to_have_count(turns + 1, timeout=60_000)


@pytest.mark.browser
@pytest.mark.models
def test_ask_and_follow_the_citation(bundled_page: str, chromium: str) -> None:
    """An answer in its sentence, its source beside it with the quote highlighted in view."""
    with browsing(chromium, bundled_page) as (page, outside):
        expect(page.locator("#source .entry")).to_have_count(5)
        ask(page, "How many people were killed?")
        expect(page.locator(".turn .answer")).to_contain_text("613")
        expect(page.locator(".turn .quote mark").first).to_contain_text("613")
        chip = page.locator(".turn .cite").first
        expect(chip).to_contain_text("2026")
        quote = page.locator(".turn .quote p").first.inner_text().strip("“”")
        chip.click()
        mark = page.locator("#source mark.span")
        expect(mark).to_be_in_viewport(timeout=60_000)
        highlighted = "".join(page.locator("#source mark").all_inner_texts())
        assert highlighted == quote
        page.click("#source .back")
        expect(page.locator("#source .entry")).to_have_count(5)
        page.locator("#source .entry").first.click()
        expect(page.locator("#source .sheet h2")).to_be_visible()
        assert outside == []


@pytest.mark.browser
@pytest.mark.models
def test_a_refusal_shows_the_closest_passages(bundled_page: str, chromium: str) -> None:
    """Not found is said plainly, and a passage can be opened; on a phone nothing is cut off."""
    with browsing(chromium, bundled_page, viewport={"width": 360, "height": 740}) as (
        page,
        outside,
    ):
        ask(page, "Who won the football World Cup in Brazil?")
        expect(page.locator(".turn .answer")).to_contain_text("Not found")
        page.locator(".turn .cite").first.click()
        expect(page.locator("#source mark.quoted").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert outside == []


@pytest.mark.browser
@pytest.mark.models
def test_only_some_of_the_articles(bundled_page: str, chromium: str) -> None:
    """A publisher and a date restrict what is asked, and the question says so; a word that
    is no date gets a message and asks nothing."""
    with browsing(chromium, bundled_page) as (page, _):
        page.click("#only button")
        page.fill("#since input, #since textarea", "soon")
        page.fill("#question textarea", "How many people were killed?")
        page.press("#question textarea", "Enter")
        expect(page.locator(".toast-body")).to_contain_text("is no date")
        page.fill("#since input, #since textarea", "2026")
        page.click("#publishers input")
        page.get_by_role("option", name="AzerNEWS").click()
        ask(page, "How many people were killed?")
        expect(page.locator(".turn .question")).to_contain_text(
            "published by AzerNEWS and from 2026"
        )
        chips = page.locator(".turn .cite").all_inner_texts()
        assert chips
        assert all("AzerNEWS" in chip for chip in chips)


@pytest.mark.browser
@pytest.mark.models
def test_an_example_is_asked_by_a_click(bundled_page: str, chromium: str) -> None:
    """The example questions of the corpus are buttons."""
    with browsing(chromium, bundled_page) as (page, _):
        page.locator(".example").first.click()
        expect(page.locator(".turn .answer")).to_have_count(1)


@pytest.mark.browser
@pytest.mark.models
def test_an_article_cannot_run_anything(tmp_path: Path, chromium: str) -> None:
    """Markup in title, text and question stays text, in the list, the answer and the article."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "evil.txt").write_text(
        f"{EVIL} Bakery opens in Harlow\n\nThe bakery in Mill Lane is owned by Tom Ferrow {EVIL}, the mayor "
        f"said, and it has <script>document.title='owned'</script> ${{document.title='owned'}} {{{{7*7}}}} ovens."
    )
    with (
        serving(tmp_path / "home", "--corpus", str(corpus)) as address,
        browsing(chromium, address) as (page, outside),
    ):
        expect(page.locator("#source .entry")).to_contain_text("<img src=x onerror")
        ask(page, f"Who owns the bakery in Mill Lane? {EVIL}")
        page.locator(".turn .cite").first.click()
        expect(page.locator("#source .sheet .body")).to_contain_text(
            "${document.title='owned'} {{7*7}} ovens"
        )
        expect(page.locator("#source .sheet h2")).to_contain_text("<img src=x onerror")
        assert page.locator(".turn img, #source img, .turn script, #source script").count() == 0
        assert page.title() == "Quoth"
        # A file that comes while the page is open is taken in when asked for.
        (corpus / "flood.txt").write_text("Flood in Harlow\n\nThe river rose by 2 metres.")
        page.click("#refresh")
        expect(page.locator("#source .entry")).to_have_count(2)
        expect(page.locator("body")).to_contain_text("1 new, 0 changed, 0 gone")
        ask(page, "By how many metres did the river rise?")
        expect(page.locator(".turn .answer").last).to_contain_text("2")
        assert outside == []


@pytest.mark.models
def test_bad_arguments_of_the_page_get_one_line(tmp_path: Path) -> None:
    """As on the command line: what was found, and status 1."""
    done = subprocess.run(
        [sys.executable, "app.py", "--corpus", str(tmp_path / "nowhere")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "no such file or folder" in done.stderr


@pytest.mark.browser
@pytest.mark.models
def test_a_conversation(bundled_page: str, chromium: str, tmp_path: Path) -> None:
    """Articles that differ are set side by side; a follow-up says how it was understood and can be
    edited; why is told; the conversation can be saved, and what is saved verifies."""
    from qa import Quoth
    from qa.verify import check

    with browsing(chromium, bundled_page) as (page, outside):
        expect(page.locator("#save-markdown")).to_be_hidden()
        ask(page, "How many people were injured?")
        panel = page.locator(".differ")
        expect(panel).to_contain_text("The articles differ")
        expect(panel.locator(".bars dt").first).to_have_text("475")
        expect(panel).to_contain_text("487")
        panel.locator(".cite").first.click()
        expect(page.locator("#source mark.span")).to_be_in_viewport(timeout=60_000)
        page.locator(".why summary").first.click()
        expect(page.locator(".why table").first).to_be_visible()

        page.fill("#question textarea", "And how many of them were children?")
        page.press("#question textarea", "Enter")
        understood = "How many of the people injured were children?"
        expect(page.locator(".understood")).to_contain_text(understood)
        page.locator(".edit").click()
        expect(page.locator("#question textarea")).to_have_value(understood)

        for button, name in (
            ("#save-markdown", "conversation.md"),
            ("#save-json", "conversation.json"),
        ):
            with page.expect_download() as download:
                page.click(button)
            assert download.value.suggested_filename == name
            download.value.save_as(tmp_path / name)
            _, wrong = check(tmp_path / name, Quoth(encoder=FakeEncoder()).index.store.article)
            assert wrong == []
        assert outside == []
