"""The Library tab for the keyboard, for assistive technology and on narrow screens, in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FileChooser, Page, Route, expect

from tests.browsing import browser, browsing, go_to, serious, serving, tab_to, visit

pytestmark = [pytest.mark.browser, pytest.mark.models]

FOCUSED = "document.activeElement"
ROWS = "#listed tbody tr"


def article(number: int, published: str = "") -> str:
    """A line of JSON with an article."""
    text = f"Meeting {number} of the council of Harlow was held in the town hall."
    return json.dumps(
        {"title": f"Council meeting {number:02}", "text": text, "published": published}
    )


def made(folder: Path, *lines: str) -> str:
    """A corpus of these lines."""
    folder.mkdir()
    (folder / "meetings.jsonl").write_text("\n".join(lines))
    return str(folder)


@pytest.fixture(scope="module")
def long_page(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[str]:
    """A page over an article for each of 30 years."""
    folder = tmp_path_factory.mktemp("long")
    corpus = made(folder / "corpus", *(article(n, f"{1997 + n}-05-01") for n in range(30)))
    with serving(folder / "home", "--corpus", corpus) as address:
        yield address


def in_sight(page: Page, selector: str) -> None:
    """The element is whole on the screen."""
    expect(page.locator(selector)).to_be_in_viewport(ratio=1)


def test_removing_by_keyboard(tmp_path: Path, chromium: str) -> None:
    """Of 25 articles the last: the question comes into sight with the focus on Keep, and afterwards
    the focus is in the row again, or in the one beside it."""
    sent = tmp_path / "sent"
    sent.mkdir()
    for number in range(1, 26):
        (sent / f"{number:02}.txt").write_text(f"Council meeting {number:02}\n\nIt was in Harlow.")
    corpus = made(tmp_path / "corpus", article(0, "2024-05-01"))
    with (
        serving(tmp_path / "home", "--corpus", corpus) as address,
        browsing(chromium, address) as (page, _),
    ):
        go_to(page, "Library")
        expect(page.locator(ROWS)).to_have_count(1)
        page.set_input_files("#files input[type=file]", sorted(sent.iterdir()))
        expect(page.locator("#going")).to_contain_text("25 articles added")
        expect(page.locator(ROWS)).to_have_count(25)
        last = page.locator(ROWS).last.locator(".tool")
        name = last.get_attribute("aria-label")
        last.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#keep")).to_be_focused()
        in_sight(page, ".confirm")
        expect(page.locator(".confirm")).to_contain_text((name or "?").removeprefix("Remove "))
        assert serious(page) == []
        page.keyboard.press("Enter")
        expect(page.locator(".confirm")).to_be_hidden()
        expect(last).to_be_focused()
        in_sight(page, f"[aria-label='{name}']")

        page.keyboard.press("Enter")
        expect(page.locator("#keep")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(page.locator("#remove")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#listed .hint")).to_contain_text("of 25 articles")
        expect(page.get_by_role("button", name=name or "?", exact=True)).to_have_count(0)
        expect(page.locator(ROWS).last.locator(".tool")).to_be_focused()


@pytest.mark.parametrize("width", [375, 1280])
def test_a_timeline_of_many_years(long_page: str, chromium: str, width: int) -> None:
    """No label touches another, none is cut off, the last year is seen and the first can be reached;
    years without an article are flat."""
    with browser(chromium) as opened:
        page, _ = visit(opened, long_page, viewport={"width": width, "height": 800})
        go_to(page, "Library")
        expect(page.locator(".column-bar")).to_have_count(30)
        boxes = page.locator(".tick").evaluate_all(
            """ticks => ticks.filter(tick => tick.textContent).map(tick => {
              const words = document.createRange();
              words.selectNodeContents(tick);
              const {left, right} = words.getBoundingClientRect();
              return [left, right];
            })"""
        )
        assert len(boxes) >= 10
        assert all(before[1] < after[0] for before, after in zip(boxes, boxes[1:], strict=False))
        line = page.locator(".timeline").bounding_box() or {"x": 0, "width": 0}
        assert boxes[-1][1] <= line["x"] + line["width"]
        expect(page.get_by_text("2026", exact=True)).to_be_visible()
        page.locator(".column-bar").last.scroll_into_view_if_needed()
        assert page.locator(".timeline").evaluate(
            "line => line.scrollLeft + line.clientWidth >= line.scrollWidth - 1"
        )
        page.get_by_role("button", name="1997: 1 article").click()
        expect(page.locator(ROWS)).to_have_count(1)
        assert (
            page.locator(".column-bar").first.evaluate("bar => getComputedStyle(bar).borderRadius")
            == "0px"
        )


def test_filters_can_be_let_go(long_page: str, chromium: str) -> None:
    """A date counts as soon as it is one, and no longer once its box is empty; half a date changes
    nothing until the box is left; one button shows all again, and is there only when it is of use."""
    with browsing(chromium, long_page) as (page, _):
        go_to(page, "Library")
        expect(page.locator(ROWS)).to_have_count(25)
        expect(page.locator("#every")).to_be_hidden()
        page.get_by_role("button", name="2026: 1 article").click()
        expect(page.locator(ROWS)).to_have_count(1)
        expect(page.locator("#listed-since input")).to_have_value("2026")
        page.fill("#listed-since input", "")
        page.fill("#listed-until input", "")
        expect(page.locator(ROWS)).to_have_count(25)
        expect(page.locator("#every")).to_be_hidden()

        page.locator("#listed-since input").press_sequentially("2025")
        expect(page.locator(ROWS)).to_have_count(2)
        page.keyboard.type("-0")
        page.wait_for_timeout(500)
        expect(page.locator(ROWS)).to_have_count(2)
        page.keyboard.press("Tab")
        expect(page.locator("#listed")).to_contain_text("is no date")
        page.click("#every")
        expect(page.locator(ROWS)).to_have_count(25)
        expect(page.locator("#listed-since input")).to_have_value("")
        expect(page.locator("#every")).to_be_hidden()
        expect(page.locator("#find input")).to_be_focused()


def test_leaving_a_box_does_not_turn_the_page(long_page: str, chromium: str) -> None:
    """Who goes through the boxes with the keyboard stays on the page of the table they were on."""
    with browsing(chromium, long_page) as (page, _):
        go_to(page, "Library")
        expect(page.locator(ROWS)).to_have_count(25)
        page.click("#older")
        expect(page.locator(ROWS)).to_have_count(5)
        page.focus("#listed-since input")
        for _ in range(3):
            page.keyboard.press("Tab")
        page.wait_for_timeout(500)
        expect(page.locator(ROWS)).to_have_count(5)


@pytest.mark.parametrize("width", [375, 768, 1280])
def test_the_boxes_stand_apart(bundled_page: str, chromium: str, width: int) -> None:
    """What one finds articles with is of one height, and no box touches another."""
    with browser(chromium) as opened:
        page, _ = visit(opened, bundled_page, viewport={"width": width, "height": 800})
        go_to(page, "Library")
        expect(page.locator(ROWS)).to_have_count(5)
        names = (
            "#find input",
            "#of-publisher .wrap:has(input)",
            "#listed-since input",
            "#listed-until input",
        )
        boxes = [page.locator(name).bounding_box() or {} for name in names]
        assert {round(box["height"]) for box in boxes} == {43}
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                beside = max(one["x"], other["x"]) - min(
                    one["x"] + one["width"], other["x"] + other["width"]
                )
                below = max(one["y"], other["y"]) - min(
                    one["y"] + one["height"], other["y"] + other["height"]
                )
                assert max(beside, below) >= 11.5
        lines = page.locator("#listed .day").evaluate_all(
            """days => days.map(day => {
              const words = document.createRange();
              words.selectNodeContents(day);
              return words.getClientRects().length;
            })"""
        )
        assert set(lines) == {1}  # no date is broken


def test_publishers_and_the_state_of_the_index(bundled_page: str, chromium: str) -> None:
    """The first publisher of the list is all of them; the index says in words how it is; axe has
    nothing to say of the open list."""
    with browsing(chromium, bundled_page) as (page, _):
        go_to(page, "Library")
        expect(page.locator(ROWS)).to_have_count(5)
        expect(page.locator("#of-publisher input")).to_have_value("All publishers")
        page.click("#of-publisher input")
        expect(page.get_by_role("option").first).to_have_accessible_name("All publishers")
        assert serious(page) == []
        page.get_by_role("option", name="AzerNEWS").click()
        expect(page.locator(ROWS)).to_have_count(1)
        page.click("#of-publisher input")
        page.get_by_role("option", name="All publishers").click()
        expect(page.locator(ROWS)).to_have_count(5)
        told = dict(
            zip(
                page.locator("#health dt").all_inner_texts(),
                page.locator("#health dd").all_inner_texts(),
                strict=True,
            )
        )
        assert told["State"] == "up to date"
        assert (told["Articles"], told["Passages"]) == ("5", "27")
        assert told["Search"].startswith("exact")
        assert told["Size"].endswith("B on disk")


def chooser_by_enter(page: Page, button: str) -> FileChooser:
    """Tab to a button that opens a file chooser and press Enter. The page's choosers are taken over
    before the first key: one that opened by itself would keep every later one from opening."""
    opened: list[FileChooser] = []
    page.on("filechooser", lambda chooser: opened.append(chooser))
    for _ in range(4):  # pressed again: the browser may ask for a key that it has just seen
        tab_to(page, button)
        page.keyboard.press("Enter")
        for _ in range(40):
            page.wait_for_timeout(250)
            if opened:
                return opened[0]
    on = page.evaluate("document.activeElement.outerHTML.slice(0, 300)")
    raise AssertionError(f"no file chooser opens; the focus is on {on}")


def test_adding_by_keyboard(tmp_path: Path, chromium: str) -> None:
    """The box is opened with Enter; a bar shows how far it is and the focus is on Cancel, which stops
    it; in none of these states does axe find anything serious, nor is anything without a name."""
    sent = tmp_path / "sent"
    sent.mkdir()
    filler = " ".join(f"Then the council spoke of the harbour for {n} hours." for n in range(2, 60))
    for n in range(300):
        (sent / f"{n:03}.txt").write_text(f"Council meeting {n}\n\nIt was in Harlow. {filler}")
    (sent / "000.txt").write_bytes(b"\x00\x01\x02\xff\xfe" * 50)
    with (
        serving(tmp_path / "home") as address,
        browsing(chromium, address, viewport={"width": 375, "height": 800}) as (page, _),
    ):
        go_to(page, "Library")
        expect(page.locator(ROWS)).to_have_count(5)
        expect(page.locator("#health")).to_contain_text("State")  # the tab is whole
        assert page.locator("#files").inner_text().lower().count("drop file") == 1
        held: list[Route] = []
        page.route("**/upload?*", lambda route: held.append(route))
        page.locator("#listed .entry").last.focus()
        chooser_by_enter(page, "#files button").set_files(sorted(sent.iterdir()))
        expect(page.locator("#files .uploading")).to_be_visible()
        assert serious(page) == []  # while they are sent
        for route in held:
            route.continue_()
        page.wait_for_function("document.querySelector('#going progress')?.value > 0")
        expect(page.locator("#cancel")).to_be_focused()
        in_sight(page, "#going progress")
        assert serious(page) == []  # while they are taken in
        expect(page.locator("body")).not_to_contain_text("common.")
        assert page.get_by_role("button", name="common.").count() == 0
        page.keyboard.press("Enter")
        expect(page.locator("#going")).to_contain_text("what was taken in stays")
        expect(page.locator("#cancel")).to_be_hidden(timeout=60_000)  # what is in work ends first
        expect(page.locator("#files button")).to_be_focused(timeout=20_000)
        expect(page.locator("#wrong")).to_contain_text("000.txt")
        page.wait_for_timeout(600)  # colours of what can be pressed again fade in
        assert serious(page) == []  # with problems


def test_a_stale_index_says_so(tmp_path: Path, chromium: str) -> None:
    """A file that came since is counted, until it is looked for."""
    corpus = made(tmp_path / "corpus", article(1, "2024-05-01"))
    with (
        serving(tmp_path / "home", "--corpus", corpus) as address,
        browsing(chromium, address) as (page, _),
    ):
        (tmp_path / "corpus" / "new.txt").write_text("Bakery opens\n\nIt is in Mill Lane.")
        go_to(page, "Library")
        expect(page.locator("#health")).to_contain_text("out of date: 1 file came")
        page.click("#refresh")
        expect(page.locator(ROWS)).to_have_count(2)
        expect(page.locator("#health")).to_contain_text("up to date")
