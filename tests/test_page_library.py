"""The Library tab in a real browser: find, read, add, remove."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import ask, browsing, go_to, serving

EVIL = "<img src=x onerror=document.title='owned'>"

pytestmark = [pytest.mark.browser, pytest.mark.models]


def rows(page: Page, count: int) -> None:
    expect(page.locator("#listed tbody tr")).to_have_count(count)


def test_finding_and_reading(bundled_page: str, chromium: str) -> None:
    """By words, by publisher, by date, by a bar of the timeline; an article opens beside."""
    with browsing(chromium, bundled_page) as (page, outside):
        go_to(page, "Library")
        rows(page, 5)
        expect(page.locator("#health")).to_contain_text("Articles")
        expect(page.locator("#health")).to_contain_text("exact")
        page.fill("#find textarea, #find input", "museum")
        rows(page, 1)
        page.locator("#listed .entry").click()
        expect(page.locator("#reading .sheet h2")).to_contain_text("museum")
        page.fill("#find textarea, #find input", "no such words")
        expect(page.locator("#listed")).to_contain_text("No article is like that")
        page.fill("#find textarea, #find input", "")
        rows(page, 5)
        page.get_by_role("button", name="2026: 3 articles").click()
        rows(page, 3)
        page.fill("#listed-since textarea, #listed-since input", "soon")
        page.press("#listed-since textarea, #listed-since input", "Enter")
        expect(page.locator("#listed")).to_contain_text("is no date")
        page.fill("#listed-since textarea, #listed-since input", "")
        page.fill("#listed-until textarea, #listed-until input", "")
        page.click("#of-publisher input")
        page.get_by_role("option", name="AzerNEWS").click()
        rows(page, 1)
        assert outside == []


def test_adding_and_removing(tmp_path: Path, chromium: str) -> None:
    """Files and a folder are added, what cannot be read is named, what was added answers; it is
    removed only when that is confirmed, and markup in names and texts stays text."""
    corpus, sent, folder = (tmp_path / name for name in ("corpus", "sent", "folder"))
    for made in (corpus, sent, folder):
        made.mkdir()
    (corpus / "storm.txt").write_text("Storm over the coast\n\nA storm broke 14 windows.")
    (sent / f"{EVIL.replace('/', '')}.txt").write_text(
        f"{EVIL} Bakery opens\n\nThe bakery in Mill Lane is owned by Tom Ferrow {EVIL}."
    )
    (sent / "broken.txt").write_bytes(b"\x00\x01\x02\xff\xfe" * 50)
    lines = [
        {"title": f"Flood of {year}", "text": f"In {year} the river Arle rose by {year - 1990} metres."}
        for year in (1994, 1997)
    ]  # fmt: skip
    (folder / "floods.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "note.txt").write_text("Mayor elected\n\nAda Birch was elected mayor of Harlow.")
    with (
        serving(tmp_path / "home", "--corpus", str(corpus)) as address,
        browsing(chromium, address) as (page, outside),
    ):
        go_to(page, "Library")
        rows(page, 1)
        page.set_input_files("#files input[type=file]", sorted(sent.iterdir()))
        expect(page.locator("#going")).to_contain_text("1 article added")
        expect(page.locator("#wrong")).to_contain_text("broken.txt")
        rows(page, 2)
        page.set_input_files("input[webkitdirectory]", folder)
        expect(page.locator("#going")).to_contain_text("3 articles added")
        rows(page, 5)
        assert page.locator("#listed img, #wrong img, #reading img").count() == 0

        go_to(page, "Ask")
        ask(page, "Who was elected mayor of Harlow?")
        expect(page.locator(".turn .answer")).to_contain_text("Ada Birch")
        page.locator(".turn .cite").first.click()
        expect(page.locator("#source mark.span")).to_have_text("Ada Birch")

        go_to(page, "Library")
        expect(page.get_by_role("button", name="Remove Storm over the coast")).to_have_count(0)
        page.get_by_role("button", name="Remove Flood of 1994").click()
        expect(page.locator(".confirm")).to_contain_text("1 other article of the same file")
        page.click("#keep")
        expect(page.locator(".confirm")).to_be_hidden()
        rows(page, 5)
        page.get_by_role("button", name="Remove Flood of 1994").click()
        page.click("#remove")
        rows(page, 3)
        go_to(page, "Ask")
        ask(page, "By how many metres did the river Arle rise in 1994?")
        expect(page.locator(".turn .answer.none")).to_have_count(1)
        assert page.title() == "Quoth"
        assert outside == []


def test_a_library_that_is_only_read(tmp_path: Path, chromium: str) -> None:
    """With --read-only nothing can be added, and the page does not offer it."""
    with (
        serving(tmp_path, "--read-only") as address,
        browsing(chromium, address) as (page, _),
    ):
        go_to(page, "Library")
        rows(page, 5)
        for gone in ("#files", "#folder", "#refresh"):
            expect(page.locator(gone)).to_be_hidden()


def test_adding_can_be_cancelled(tmp_path: Path, chromium: str) -> None:
    """While files are taken in a bar shows how far; Cancel ends it, what is in stays and answers."""
    sent = tmp_path / "sent"
    sent.mkdir()
    filler = " ".join(f"Then the council spoke of the harbour for {n} hours." for n in range(2, 60))
    for n in range(400):
        (sent / f"{n:03}.txt").write_text(
            f"Council meeting {n}\n\nMeeting {n} was held in Harlow. {filler}"
        )
    with (
        serving(tmp_path / "home") as address,
        browsing(chromium, address) as (page, _),
    ):
        go_to(page, "Library")
        rows(page, 5)
        page.set_input_files("#files input[type=file]", sorted(sent.iterdir()))
        expect(page.locator("#going progress")).to_be_visible(timeout=60_000)
        page.wait_for_function("document.querySelector('#going progress')?.value > 0")
        page.click("#cancel")
        expect(page.locator("#going")).to_contain_text("what was taken in stays")
        expect(page.locator("#cancel")).to_be_hidden()
        for _ in range(30):  # what was in work ends first
            page.reload()
            go_to(page, "Library")
            expect(page.locator("#listed .hint")).to_contain_text(" of ")
            total = int(page.locator("#listed .hint").inner_text().split(" of ")[1].split()[0])
            kept = list((tmp_path / "home").rglob("uploads/*/*.txt"))
            if len(kept) == total - 5:
                break
            page.wait_for_timeout(1000)
        assert 5 < total < 405
        assert len(kept) == total - 5
