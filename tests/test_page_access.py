"""The page for everybody: assistive technology, keyboard, narrow and wide screens, light and dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import ask, browser, go_to, serious, tab_to, visit

pytestmark = [pytest.mark.browser, pytest.mark.models]

TABS = ("Ask", "Library", "How it works")


def filled(page: Page, tab: str) -> None:
    """The tab with something in it."""
    go_to(page, tab)
    if tab == "Ask":
        if not page.locator(".turn").count():
            ask(page, "How many people were injured?")
            ask(page, "Who won the football World Cup in Brazil?")
            page.get_by_role("button", name="This answer is wrong").first.click()
            expect(page.locator(".correct")).to_have_count(1)
            page.locator(".turn .cite").first.click()
            expect(page.locator("#source mark.span")).to_have_count(1)
            page.locator(".why summary").first.click()
            page.click("#only button")
    elif tab == "Library":
        expect(page.locator("#listed tbody tr")).to_have_count(5)
        page.locator("#listed .entry").first.click()
        expect(page.locator("#reading .sheet")).to_have_count(1)
    else:
        expect(page.locator("#about")).to_contain_text("What it cannot do")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(bundled_page: str, chromium: str, scheme: str) -> None:
    """On every tab, in light and in dark: roles, names, contrast (WCAG 2.2, levels A and AA)."""
    with browser(chromium) as opened:
        page, _ = visit(opened, bundled_page, color_scheme=scheme)
        for tab in TABS:
            filled(page, tab)
            page.wait_for_timeout(600)  # colours of what is pressed fade
            assert serious(page) == [], tab


# What can be seen and ends right of the screen, but for what scrolls by itself. Scrolled widths do
# not tell: Gradio hides what stands out.
CUT_OFF = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.checkVisibility({opacityProperty: true, visibilityProperty: true}))
  .filter(one => !one.closest('.table, .timeline'))
  .filter(one => one.getBoundingClientRect().width > 1)
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("width", [320, 375, 768, 1440, 2560])
def test_nothing_is_cut_off(bundled_page: str, chromium: str, width: int) -> None:
    """On phones, tablets and wide screens nothing on any tab stands out of the screen."""
    with browser(chromium) as opened:
        page, _ = visit(opened, bundled_page, viewport={"width": width, "height": 800})
        for tab in TABS:
            filled(page, tab)
            assert page.evaluate(CUT_OFF) == [], tab
        page.locator("#about").evaluate("tab => tab.append(document.createElement('hr'))")
        page.locator("#about hr").evaluate("rule => { rule.style.width = '3000px'; }")
        assert len(page.evaluate(CUT_OFF)) == 1  # it would be found


def test_the_keyboard_does_everything(bundled_page: str, chromium: str) -> None:
    """Ask, open a quote, go to the next, open another tab and an article, without a pointer."""

    with browser(chromium) as opened:
        page, _ = visit(opened, bundled_page)
        tab_to(page, "#question textarea")
        page.keyboard.type("How many people were injured?")
        page.keyboard.press("Enter")
        expect(page.locator(".turn .tools")).to_have_count(1)
        page.locator("body").focus()
        tab_to(page, ".turn .cite")
        page.keyboard.press("Enter")
        expect(page.locator("#source mark.span")).to_be_in_viewport()
        tab_to(page, "#source [aria-label='Next quote']")
        page.keyboard.press("Enter")
        expect(page.locator(".quotes")).to_contain_text("Quote 2 of")
        page.get_by_role("tab", name="Ask", exact=True).focus()
        page.keyboard.press("Tab")
        if not page.evaluate("document.activeElement.getAttribute('role') === 'tab'"):
            page.get_by_role("tab", name="Ask", exact=True).focus()
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(page.locator("#listed tbody tr")).to_have_count(5)
        tab_to(page, "#listed .entry")
        page.keyboard.press("Enter")
        expect(page.locator("#reading .sheet")).to_have_count(1)


def test_light_and_dark(bundled_page: str, chromium: str) -> None:
    """The page follows the system until the visitor chooses, and keeps what was chosen."""
    ground = "getComputedStyle(document.body).backgroundColor"
    with browser(chromium) as opened:
        context = opened.new_context(color_scheme="dark")
        page, _ = visit(context, bundled_page)
        expect(page.locator("#theme")).to_have_text("Light")
        dark = page.evaluate(ground)
        page.click("#theme")
        expect(page.locator("#theme")).to_have_text("Dark")
        light = page.evaluate(ground)
        assert light != dark
        page.reload()
        expect(page.locator("#theme")).to_have_accessible_name("Dark colours")
        page.wait_for_function(f"{ground} === '{light}'")
        assert page.evaluate("document.documentElement.lang") == "en"
