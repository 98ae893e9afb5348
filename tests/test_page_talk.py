"""The conversation in a real browser: what is pressed, where one is brought, what stays."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browsing import ROOT, ask, browser, serving, visit

pytestmark = [pytest.mark.browser, pytest.mark.models]

KILLED = "How many people were killed?"
INJURED = "How many people were injured?"
FOLLOWING = "And how many of them were children?"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 375, "height": 740}


@pytest.fixture(scope="module")
def opened(chromium: str) -> Iterator[Browser]:
    with browser(chromium) as launched:
        yield launched


def visited(opened: Browser, address: str, **options: object) -> Page:
    """A page of a new visitor."""
    context = opened.new_context(permissions=["clipboard-read", "clipboard-write"], **options)  # type: ignore[arg-type]
    return visit(context, address)[0]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.tagName"))


def test_what_is_edited_is_in_view(bundled_page: str, opened: Browser) -> None:
    """Edit brings one to the box, which holds the question as it was understood."""
    page = visited(opened, bundled_page, viewport=PHONE)
    for question in (KILLED, INJURED, FOLLOWING):
        ask(page, question)
    page.locator(".edit").focus()
    page.keyboard.press("Enter")
    box = page.locator("#question textarea")
    expect(box).to_have_value("How many of the people injured were children?")
    expect(box).to_be_focused()
    expect(box).to_be_in_viewport()


def test_a_link_asks_the_same_articles(bundled_page: str, opened: Browser) -> None:
    """What was asked of some articles only is asked of them by its link, too; loaded again it is not
    asked again."""
    page = visited(opened, bundled_page)
    page.click("#only button")
    page.click("#publishers input")
    page.get_by_role("option", name="AzerNEWS").click()
    page.fill("#since textarea, #since input", "2026")
    ask(page, KILLED)
    shown = page.locator(".turn .question").inner_text()
    assert "published by AzerNEWS and from 2026" in shown
    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    other = visited(opened, link)
    expect(other.locator(".turn .tools")).to_have_count(1)
    expect(other.locator(".turn .question")).to_have_text(shown)
    expect(other.locator("#since textarea, #since input")).to_have_value("2026")
    other.reload()
    expect(other.locator(".turn .tools")).to_have_count(1)
    other.wait_for_timeout(1000)
    expect(other.locator(".turn")).to_have_count(1)
    small = visited(opened, link.replace("AzerNEWS", "azernews"))
    expect(small.locator(".turn .question")).to_have_text(shown)
    gone = visited(opened, link.replace("AzerNEWS", "Gone"))
    expect(gone.locator(".toast-body")).to_contain_text("Gone")
    expect(gone.locator(".turn .tools")).to_have_count(0)  # not asked of all instead


def test_a_link_to_what_was_asked_shows_it(bundled_page: str, opened: Browser) -> None:
    """Of a conversation that holds the question already, that turn is in view, not the last one."""
    page = visited(opened, bundled_page, viewport=DESK)
    for question in (KILLED, INJURED, FOLLOWING):
        ask(page, question)
    page.goto(f"{bundled_page}/?q={KILLED}")
    expect(page.locator(".turn .question").first).to_be_in_viewport(timeout=10_000)
    page.wait_for_timeout(1500)
    expect(page.locator(".turn .question").first).to_be_in_viewport()
    expect(page.locator(".turn")).to_have_count(3)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_way_between_quotes(bundled_page: str, opened: Browser, size: dict[str, int]) -> None:
    """Numbered chips, articles that agree; to the next and the previous quote and, on a phone, back
    to the answer; the way stays in view."""
    page = visited(opened, bundled_page, viewport=size)
    ask(page, KILLED)
    count = page.locator(".turn .chip").count()
    assert count > 1
    expect(page.locator(".turn .chip")).to_have_text([str(n + 1) for n in range(count)])
    expect(page.locator(".sure")).to_contain_text(f"{count} articles agree")
    page.locator(".turn .cite").last.click()
    way, mark = page.locator("#source .quotes"), page.locator("#source mark.span")
    expect(way).to_contain_text(f"Quote {count} of {count}")
    expect(page.get_by_role("button", name="Next quote")).to_be_disabled()
    page.get_by_role("button", name="Previous quote").click()
    expect(way).to_contain_text(f"Quote {count - 1} of {count}")
    expect(mark).to_be_in_viewport()
    expect(way).to_be_in_viewport()
    back = page.locator(".to-answer")
    if size is PHONE:
        back.click()
        expect(page.locator(".turn .cite").last).to_be_focused()
        expect(page.locator(".turn .cite").last).to_be_in_viewport()
    else:
        expect(back).to_be_hidden()


def test_the_answer_comes_in_steps(bundled_page: str, opened: Browser) -> None:
    """First where it looks, then what it reads, then the answer."""
    page = visited(opened, bundled_page)
    page.evaluate(
        """() => {
          window.steps = [];
          const talk = document.querySelector('#conversation');
          new MutationObserver(() => {
            const step = talk.querySelector('.waiting, .answer')?.textContent;
            if (step && step !== window.steps.at(-1)) window.steps.push(step);
          }).observe(talk, {childList: true, subtree: true, characterData: true});
        }"""
    )
    ask(page, KILLED)
    steps = page.evaluate("window.steps")
    assert [step.split()[0] for step in steps] == ["Looking", "Reading", "613"]
    assert "Looking through 5 articles" in steps[0]


def test_the_pointer_shows_the_figure(bundled_page: str, opened: Browser) -> None:
    """The confidence is in words, and its number comes with the pointer."""
    page = visited(opened, bundled_page)
    ask(page, KILLED)
    tip = page.locator(".sure .tip")
    figure = page.locator(".sure .figure").first
    assert (figure.bounding_box() or {"width": 9})["width"] <= 1
    tip.hover()
    expect(figure).to_contain_text("likely to be right")
    assert (figure.bounding_box() or {"width": 0})["width"] > 40


def test_the_conversation_by_keyboard_alone(bundled_page: str, opened: Browser) -> None:
    """Each control of an answer works with the keyboard, and leaves the focus somewhere."""
    page = visited(opened, bundled_page)
    page.on("dialog", lambda dialog: dialog.accept())

    def press(where: str, then: str, key: str = "Enter", nth: int = 0) -> None:
        """Press a key on a control; what ``then`` names is to be seen."""
        page.locator(where).nth(nth).focus()
        page.keyboard.press(key)
        expect(page.locator(then).first).to_be_visible()
        page.wait_for_timeout(300)
        assert focused(page) != "BODY", where

    ask(page, KILLED)
    press(".turn .cite", "#source .quotes")
    press("#source [aria-label='Next quote']", "#source .quotes >> text=Quote 2")
    press("#source .back", "#source .entries")
    press("#source .entry", "#source .sheet")
    press(".why summary", ".why table")
    press(".tools [data-copy]", ".tools >> text=Copied")
    press(".tools [data-link]", ".tools [data-link] >> text=Copied")
    press("[data-open='good:0']", "[data-open='good:0'][aria-pressed=true]")
    press("[data-open='bad:0']", ".correct")
    expect(page.locator(".why table").first).to_be_visible()  # still unfolded
    press(".correct input", ".tools >> text=noted")
    press("#suggested .example", ".turn >> nth=1")
    expect(page.locator(".turn .tools")).to_have_count(2)
    press("#only button", "#since")
    for button in ("#save-markdown", "#save-json"):
        with page.expect_download():
            press(button, button)
    press("#theme", "body.dark")
    press("#new", "#source")
    expect(page.locator(".turn")).to_have_count(0)
    press(".examples .example", ".turn .tools")


def test_what_is_being_written_stays(bundled_page: str, opened: Browser) -> None:
    """An answer that comes while a correction is written takes nothing of it away."""
    page = visited(opened, bundled_page)
    ask(page, KILLED)
    page.get_by_role("button", name="This answer is wrong").click()
    page.get_by_label("What do the articles say?").fill("614")
    ask(page, INJURED)
    expect(page.get_by_label("What do the articles say?")).to_have_value("614")


def test_a_conversation_is_not_lost_by_a_slip(bundled_page: str, opened: Browser) -> None:
    """A new conversation deletes the old one only when that is confirmed."""
    page = visited(opened, bundled_page)
    ask(page, KILLED)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("#new")
    page.wait_for_timeout(1000)
    expect(page.locator(".turn .answer")).to_have_text("613")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#new")
    expect(page.locator(".turn")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_message_can_be_read_by_all(bundled_page: str, opened: Browser, theme: str) -> None:
    """axe finds nothing serious while a message is shown, and the switch of colours is not covered."""
    page = visited(opened, bundled_page, viewport=DESK, color_scheme=theme)
    page.click("#only button")
    page.fill("#since textarea, #since input", "soon")
    page.fill("#question textarea", KILLED)
    page.press("#question textarea", "Enter")
    expect(page.locator(".toast-body")).to_contain_text("is no date")
    page.wait_for_timeout(500)
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    page.locator("#theme").click(timeout=2000)


def test_wrong_without_a_correction(tmp_path: Path, opened: Browser) -> None:
    """That an answer is wrong is kept also if nothing is written."""
    with serving(tmp_path) as address:
        page = visited(opened, address)
        ask(page, KILLED)
        page.get_by_role("button", name="This answer is wrong").click()
        expect(page.locator(".correct")).to_be_visible()
    done = subprocess.run(
        [sys.executable, "-m", "qa", "feedback", "list"],
        cwd=ROOT, env=os.environ | {"QUOTH_HOME": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "wrong" in done.stdout
    assert KILLED in done.stdout


def test_a_source_on_the_web_is_a_link(tmp_path: Path, opened: Browser) -> None:
    """Publisher and day of an article, and the way to where it was published."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "bakery.md").write_text(
        "---\ntitle: Bakery opens\npublisher: Harlow Post\npublished: 2024-05-03\n"
        "url: https://example.org/bakery\n---\n\nThe bakery in Mill Lane is owned by Tom Ferrow."
    )
    with serving(tmp_path / "home", "--corpus", str(corpus)) as address:
        page = visited(opened, address)
        page.locator("#source .entry").click()
        expect(page.locator(".sheet .about")).to_have_text("Harlow Post · 3 May 2024")
        link = page.locator(".sheet .origin a")
        expect(link).to_have_attribute("href", "https://example.org/bakery")
        expect(link).to_have_attribute("rel", "noreferrer noopener")
