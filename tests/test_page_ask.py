"""The page in a real browser: ask, read the answer, open its source."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browsing import ROOT, ask, browser, browsing, go_to, serving, visit
from tests.fakes import FakeEncoder

EVIL = "<img src=x onerror=document.title='owned'>"


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
        go_to(page, "Library")
        expect(page.locator("#listed")).to_contain_text("<img src=x onerror")
        page.click("#refresh")
        expect(page.locator("body")).to_contain_text("1 new, 0 changed, 0 gone")
        expect(page.locator("#listed tbody tr")).to_have_count(2)
        go_to(page, "Ask")
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


@pytest.mark.browser
@pytest.mark.models
def test_an_answer_can_be_shared_and_judged(bundled_page: str, chromium: str) -> None:
    """The figure of the confidence comes with the pointer or the focus; the way to the next quote;
    copies; a link that asks; what is right, and a correction."""
    with browser(chromium) as opened:
        context = opened.new_context(permissions=["clipboard-read", "clipboard-write"])
        page, outside = visit(context, bundled_page)
        ask(page, "How many people were injured?")
        figure = page.locator(".sure .figure").first
        assert (figure.bounding_box() or {"width": 9})["width"] <= 1
        page.locator(".sure .tip").first.focus()
        expect(figure).to_contain_text("likely to be right")
        assert (figure.bounding_box() or {"width": 0})["width"] > 40

        page.locator(".turn .cite").first.click()
        expect(page.locator(".quotes")).to_contain_text("Quote 1 of")
        page.get_by_role("button", name="Next quote").click()
        expect(page.locator(".quotes")).to_contain_text("Quote 2 of")
        expect(page.locator("#source mark").first).to_be_in_viewport()

        page.get_by_role("button", name="Copy", exact=True).click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert "475" in copied
        assert "Report, 2026-02-26" in copied
        page.get_by_role("button", name="Copy link").click()
        link = page.evaluate("navigator.clipboard.readText()")
        assert link.startswith(bundled_page)
        other, _ = visit(opened.new_context(), link)
        expect(other.locator(".turn .answer")).to_have_text("475")
        other.reload()
        expect(other.locator(".turn .answer")).to_have_count(1)

        page.get_by_role("button", name="This answer is wrong").click()
        page.get_by_label("What do the articles say?").fill("487")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".tools")).to_contain_text("noted")
        assert outside == []


@pytest.mark.browser
@pytest.mark.models
def test_what_to_ask_next(bundled_page: str, chromium: str) -> None:
    """Questions that the passages answer are offered, and a click asks one."""
    with browsing(chromium, bundled_page) as (page, _):
        ask(page, "How many people were injured?")
        offered = page.locator("#suggested .example").first
        question = offered.inner_text()
        offered.click()
        expect(page.locator(".turn .tools")).to_have_count(2)
        expect(page.locator(".turn .question").last).to_have_text(question)
        expect(page.locator(".turn .answer.none")).to_have_count(0)


@pytest.mark.browser
@pytest.mark.models
def test_a_conversation_is_kept_for_its_visitor(tmp_path: Path, chromium: str) -> None:
    """It survives a reload and a restart of the server, nobody else sees it, and a new one
    leaves nothing of it; opinions can be exported."""
    with browser(chromium) as opened:
        mine, theirs = opened.new_context(), opened.new_context()
        with serving(tmp_path) as address:
            page, _ = visit(mine, address)
            ask(page, "How many people were killed?")
            page.get_by_role("button", name="This answer is right").click()
            expect(page.locator("[aria-pressed=true]")).to_have_count(1)
            page.reload()
            expect(page.locator(".turn .answer").first).to_have_text("613")
            page.close()
        with serving(tmp_path, port=int(address.rsplit(":", 1)[1])) as address:
            page, _ = visit(mine, address)
            expect(page.locator(".turn .answer").first).to_have_text("613")
            ask(page, "And how many of them were children?")
            expect(page.locator(".understood")).to_contain_text("children")
            other, _ = visit(theirs, address)
            expect(other.locator("#source .entry")).to_have_count(5)
            expect(other.locator(".turn")).to_have_count(0)
            page.once("dialog", lambda dialog: dialog.accept())
            page.click("#new")
            expect(page.locator(".turn")).to_have_count(0)
            page.reload()
            expect(page.locator("#source .entry")).to_have_count(5)
            expect(page.locator(".turn")).to_have_count(0)
    done = subprocess.run(
        [sys.executable, "-m", "qa", "feedback", "export"],
        cwd=ROOT, env=os.environ | {"QUOTH_HOME": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert '"613"' in done.stdout
