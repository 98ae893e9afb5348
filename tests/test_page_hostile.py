"""The page in a real browser where somebody means it harm, asks too much, or may only read."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import ask, browsing, go_to
from tests.real_page import Real, real_page

pytestmark = pytest.mark.browser

HARM = (
    "[x](javascript:window.hacked=1) ![x](http://evil.example/x.png) "
    '<a href="javascript:window.hacked=1">x</a> <img src=http://evil.example/y.png onerror=window.hacked=1> '
    "<script>window.hacked=1</script> <svg onload=window.hacked=1></svg> {{window.hacked=1}}"
)


def address(real: Real) -> str:
    return f"http://127.0.0.1:{real.running.port}"


def harmless(page: Page, outside: list[str]) -> None:
    assert page.evaluate("window.hacked") is None
    assert page.locator("a[href^=javascript i], img[src*=evil], svg[onload]").count() == 0
    assert outside == []


def test_harm_stays_text(tmp_path: Path, chromium: str) -> None:
    """HTML and Markdown in titles, texts, names, addresses, file names and questions: it is shown
    letter for letter, no script runs, and nothing is asked of another host."""
    article = {
        "title": f"Bakery {HARM}", "publisher": f"Post {HARM}", "author": HARM, "published": "2024-05-01",
        "url": "javascript:window.hacked=1", "text": f"The bakery {HARM} is owned by Tom Ferrow {HARM}.",
    }  # fmt: skip
    sent = tmp_path / "sent"
    sent.mkdir()
    name = HARM.replace("/", "⁄")[:120]
    (sent / f"{name}.jsonl").write_text(json.dumps(article))
    (sent / f"{name}.exe").write_bytes(b"MZ")
    (sent / "![x](javascript:window.hacked=1).txt").write_text("")
    with real_page(tmp_path / "page") as real, browsing(chromium, address(real)) as (page, outside):
        go_to(page, "Library")
        page.set_input_files("#files input[type=file]", sorted(sent.iterdir()))
        expect(page.locator("#going")).to_contain_text("1 article added")
        expect(page.locator("#wrong li")).to_have_count(2)
        expect(page.locator("#wrong")).to_contain_text("the format .exe cannot be read")
        expect(page.locator("#wrong")).to_contain_text("empty file")
        harmless(page, outside)
        page.locator("#listed .entry", has_text="javascript:").first.dispatch_event("click")
        expect(page.locator("#reading .sheet h2")).to_contain_text(
            "<script>window.hacked=1</script>"
        )
        expect(page.locator("#reading .sheet")).to_contain_text("[x](javascript:window.hacked=1)")
        harmless(page, outside)
        page.locator("#listed [data-open^=remove]").dispatch_event("click")
        expect(page.locator(".confirm")).to_contain_text("<script>window.hacked=1</script>")
        harmless(page, outside)
        go_to(page, "Ask")
        ask(page, f"Who owns the bakery {HARM}?")
        expect(page.locator(".turn")).to_contain_text("![x](http://evil.example/x.png)")
        page.locator(".turn .cite").first.dispatch_event("click")
        expect(page.locator("#source .sheet")).to_contain_text("<script>window.hacked=1</script>")
        harmless(page, outside)
        page.reload()
        expect(page.locator(".turn")).to_contain_text("![x](http://evil.example/x.png)")
        harmless(page, outside)
        assert real.tracebacks == []


def test_what_is_too_often_is_said(tmp_path: Path, chromium: str) -> None:
    """The question that is one too many gets a line that can be read; it is not lost, and what was
    answered before stays."""
    # What to ask next counts as a question, what is opened a tenth of one.
    with (
        real_page(tmp_path, rate="3/minute") as real,
        browsing(chromium, address(real)) as (page, _),
    ):
        expect(page.locator("#source")).to_contain_text("Bakery opens in Harlow")
        page.wait_for_timeout(1000)
        ask(page, "Who owns the bakery?")
        page.wait_for_timeout(1000)
        page.fill("#question textarea", "Who is the mayor?")
        page.press("#question textarea", "Enter")
        expect(page.get_by_text("too many requests; try again in")).to_be_visible()
        expect(page.locator("#question textarea")).to_have_value("Who is the mayor?")
        expect(page.locator(".turn .answer")).to_have_count(1)
        expect(page.locator("#question textarea")).to_be_enabled()
        assert real.tracebacks == []


def test_what_is_only_read(tmp_path: Path, chromium: str) -> None:
    """Where nobody can add or remove the page offers no way to, and has none behind it."""
    with (
        real_page(tmp_path, read_only=True) as real,
        browsing(chromium, address(real)) as (page, _),
    ):
        go_to(page, "Library")
        expect(page.locator("#listed tbody tr")).to_have_count(3)
        assert page.locator("#listed [data-open^=remove]").count() == 0
        for gone in ("#files", "#folder", "#refresh", "#cancel", "input[type=file]"):
            expect(page.locator(gone)).to_be_hidden()
        behind = {fn.name for fn in real.page.fns.values()}
        assert not behind & {"add", "remove", "refresh"}
